package org.xfrmagent.it.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.BiConsumer;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.Start;

/**
 * What a child costs where there are many: all of one peer, and one of each of many peers. Both ends run in this thread, so each
 * figure is that of initiator and responder together; the data plane is free.
 *
 * <p>{@code java -cp … org.xfrmagent.it.bench.ChildrenCost [NUMBER…]}
 */
public final class ChildrenCost {
    private static final List<Integer> NUMBERS = List.of(10, 100, 1_000);
    private static final int WARM_UP = 300;
    private static final int SAMPLE = 200;
    private static final int TICKS = 10_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** After it every child should have been rekeyed, and none of them have ended. */
    private static final long PAST_SOFT_MILLIS = 3_620_000;

    private final Gateways gateways;
    private final Engines engines;

    ChildrenCost(int peers, int children, Start start) {
        gateways = new Gateways(peers, children, start);
        engines = gateways.engines();
    }

    /** What one event costs. */
    record Cost(double micros, double octets) {
        @Override
        public String toString() {
            return "%7.0f us %6.1f KiB".formatted(micros, octets / 1024);
        }
    }

    public static void main(String[] args) {
        List<Integer> numbers = args.length == 0 ? NUMBERS : List.of(args).stream().map(Integer::valueOf).toList();
        for (Start start : Start.values()) {
            line(1, WARM_UP, start);
        }
        System.out.println("children  peers start             up                   rekey                lost and back        all due              tick ns");
        for (int number : numbers) {
            for (Start start : Start.values()) {
                System.out.println(line(1, number, start));
            }
            System.out.println(line(number, number, Start.BY_PEER));
        }
    }

    private static String line(int peers, int children, Start start) {
        return new ChildrenCost(peers, children, start).line();
    }

    private String line() {
        int children = gateways.children();
        Cost up = of(children, this::up);
        int sample = Math.min(SAMPLE, children);
        Cost rekey = rekey(sample);
        Cost lost = lostAndBack(sample);
        long begin = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < TICKS; i++) {
            engines.moon.endpoint.nextDeadline();
            engines.moon.tick();
        }
        long tick = (THREADS.getCurrentThreadCpuTime() - begin) / TICKS;
        Cost due = of(children, this::allDue);
        return "%8d %6d %-10s %s %s %s %s %8d".formatted(children, gateways.peers(), gateways.start(), up, rekey, lost, due, tick);
    }

    /** Brings all children up, each as its policy says. */
    void up() {
        if (gateways.start() == Start.AT_START) {
            engines.moon.tick();
            engines.settle();
        } else {
            for (int child = 0; child < gateways.children(); child++) {
                bringUp(child);
            }
        }
        if (engines.moon.children() != gateways.children()) {
            throw new IllegalStateException(engines.moon.children() + " of " + gateways.children() + " children came up: "
                    + engines.moon.troubles().stream().limit(3).toList() + engines.sun.troubles().stream().limit(3).toList());
        }
    }

    private void bringUp(int child) {
        switch (gateways.start()) {
            case AT_START -> engines.moon.tick();
            case ON_TRAFFIC -> engines.moon.acquire(gateways.reqid(child), gateways.packet(child));
            case BY_PEER -> engines.moon.up(gateways.peer(child), gateways.policy(child));
        }
        engines.settle();
    }

    /** One child after the other is replaced by a fresh one. */
    Cost rekey(int count) {
        return each(count, (session, child) -> {
            engines.moon.rekey(session.id(), child.serial());
            engines.settle();
        });
    }

    /** One child after the other comes to its end, is deleted, and is brought up again as its policy says. */
    Cost lostAndBack(int count) {
        return each(count, (session, child) -> {
            int reqid = child.profile().reqid();
            engines.moon.expire(child.inbound(), reqid);
            engines.settle();
            bringUp(gateways.number(reqid));
        });
    }

    /** Both ends, to be looked at. */
    Engines engines() {
        return engines;
    }

    /** Lets so much time pass that all are to be rekeyed. */
    void allDue() {
        engines.pass(PAST_SOFT_MILLIS);
    }

    private Cost each(int count, BiConsumer<Session, ChildSa> what) {
        List<Session> sessions = List.copyOf(engines.moon.endpoint.sessions().values());
        int each = Math.ceilDiv(count, sessions.size());
        List<Runnable> events = sessions.stream()
                .flatMap(session -> session.children().stream().limit(each).<Runnable>map(child -> () -> what.accept(session, child)))
                .limit(count)
                .toList();
        Cost cost = of(count, () -> events.forEach(Runnable::run));
        if (engines.moon.children() != gateways.children()) {
            throw new IllegalStateException(engines.moon.children() + " of " + gateways.children() + " children are left");
        }
        return cost;
    }

    private static Cost of(int count, Runnable what) {
        long octets = THREADS.getCurrentThreadAllocatedBytes();
        long nanos = THREADS.getCurrentThreadCpuTime();
        what.run();
        return new Cost(
                (THREADS.getCurrentThreadCpuTime() - nanos) / 1_000.0 / count, (double) (THREADS.getCurrentThreadAllocatedBytes() - octets) / count);
    }
}
