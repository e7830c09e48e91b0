package org.xfrmagent.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;

/**
 * What {@code list-sas} costs this agent and strongSwan's charon, one after the other, with the same connections while they are being
 * rekeyed ({@link BusyTunnels}): {@code ListingBenchmark [agent|charon] [TUNNELS…]}. Both encrypt in user space, so that it runs on a
 * kernel without ESP; there charon finds its SAs in linked lists, and does worse than with a kernel's. Run it with it-tests/benchmark.
 * The system property {@code bench.java} has more options for the java of the agent that is measured.
 */
public final class ListingBenchmark {
    private static final Duration PATIENCE = Duration.ofMinutes(6);
    /** A round that takes longer ends with fewer listings. */
    private static final Duration LONGEST_ROUND = Duration.ofMinutes(2);
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final double NANOS_PER_MILLI = 1e6;
    /** Of {@code /proc/PID/stat}. */
    private static final int TICKS_PER_SECOND = 100;

    /** How often, and how much time is between two. */
    private record Round(int listings, Duration pause) {}

    private static final Round WARM_UP = new Round(5, Duration.ZERO);
    private static final Round DENSE = new Round(200, Duration.ofMillis(100));
    /** The dense one again at the end, to tell what a JVM's compiling has in it. */
    private static final List<Round> ROUNDS = List.of(DENSE, new Round(12, Duration.ofSeconds(5)), DENSE);

    private final BusyTunnels busy;
    private final Peer peer;
    private final Control control;
    private final Runnable start;
    private final int tunnels;

    private ListingBenchmark(BusyTunnels busy, boolean charon, int tunnels) {
        this.busy = busy;
        this.tunnels = tunnels;
        if (charon) {
            StrongSwan strongSwan = new StrongSwan(busy.moon(), Plane.USERSPACE);
            this.peer = busy.lab().closing(strongSwan);
            this.control = strongSwan.control();
            this.start = () -> {
                strongSwan.start("");
                busy.moon().write("/etc/swanctl/swanctl.conf", BusyTunnels.connections(tunnels));
                control.swanctl(PATIENCE, "--load-all", "--noprompt").orFail();
            };
        } else {
            Agent agent = new Agent(busy.moon(), Plane.USERSPACE).lasting(System.getProperty("bench.java", ""));
            this.peer = busy.lab().closing(agent);
            this.control = agent.control();
            this.start = () -> agent.start(BusyTunnels.policies(tunnels));
        }
        busy.lab().evidence("moon", peer::log);
    }

    public static void main(String... arguments) {
        List<Integer> sizes = Arrays.stream(arguments).filter(word -> word.matches("\\d+")).map(Integer::valueOf).toList();
        List<String> daemons = Arrays.stream(arguments).filter(word -> !word.matches("\\d+")).toList();
        System.out.println("Both daemons encrypt in user space. Processor time is that of the measured daemon; of a listing, what it used more than without listings.");
        for (int tunnels : sizes.isEmpty() ? List.of(1_000, 10_000) : sizes) {
            for (String daemon : daemons.isEmpty() ? List.of("agent", "charon") : daemons) {
                try (BusyTunnels busy = new BusyTunnels()) {
                    new ListingBenchmark(busy, daemon.equals("charon"), tunnels).run();
                }
            }
        }
    }

    private void run() {
        long begin = System.nanoTime();
        try {
            start.run();
            say("started and loaded after %.1f s".formatted(secondsSince(begin)));
        } catch (AssertionError failure) {
            String why = String.valueOf(failure.getMessage());
            say("NOT LOADED after %.1f s: %s".formatted(secondsSince(begin), why.substring(Math.max(0, why.length() - 300))));
        }
        boolean up = holds(begin, () -> busy.children() >= tunnels);
        say((up ? "all up after %.1f s" : "NOT ALL UP after %.1f s: sun has %d children").formatted(secondsSince(begin), busy.children()));
        long rekeyed = rekeyed();
        if (!holds(System.nanoTime(), () -> rekeyed() > rekeyed + tunnels / 2)) {
            say("NOT REKEYED: %d in %d s".formatted(rekeyed() - rekeyed, PATIENCE.toSeconds()));
        }
        Cost idle = cost(() -> LockSupport.parkNanos(IDLE.toNanos()));
        say("without listings: %s".formatted(idle));
        try (ListingClient client = new ListingClient(busy.moon().path(control.socket()))) {
            ListingClient.Listing cold = client.list();
            say("%,d tunnels, %,d IKE SAs, %,d octets; first listing %.1f ms".formatted(tunnels, cold.events(), cold.octets(), cold.nanos() / NANOS_PER_MILLI));
            var _ = measure(client, WARM_UP, idle);
            for (Round round : ROUNDS) {
                say(measure(client, round, idle));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        say("%s; children listed of different names: %,d".formatted(resident(), control.sas().stream().flatMap(sa -> sa.children().stream())
                .map(IkeSa.Child::name).distinct().count()));
    }

    private String measure(ListingClient client, Round round, Cost idle) {
        List<Long> took = new ArrayList<>();
        Cost cost = cost(() -> {
            long begin = System.nanoTime();
            for (int i = 0; i < round.listings && System.nanoTime() - begin < LONGEST_ROUND.toNanos(); i++) {
                try {
                    took.add(client.list().nanos());
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
                LockSupport.parkNanos(round.pause.toNanos());
            }
        });
        Collections.sort(took);
        double each = (cost.cpuMillis - idle.cpuMillis * cost.seconds / idle.seconds) / took.size();
        return "%d listings every %d ms: median %.1f ms, 99th percentile %.1f, most %.1f; above 50 ms: %d%s; %s".formatted(
                took.size(), round.pause.toMillis(), took.get(took.size() / 2) / NANOS_PER_MILLI, took.get(took.size() * 99 / 100) / NANOS_PER_MILLI,
                took.getLast() / NANOS_PER_MILLI, took.stream().filter(nanos -> nanos > 50 * NANOS_PER_MILLI).count(),
                // Where little is listed, what the rest of the daemon does differs by more than that.
                round.pause.compareTo(Duration.ofSeconds(1)) < 0 ? "; %.1f ms of processor time each".formatted(each) : "", cost);
    }

    /** What the daemon did meanwhile. */
    private record Cost(double seconds, double cpuMillis, long rekeyed) {
        @Override
        public String toString() {
            return "%.0f children rekeyed a second, processor %.0f %%".formatted(rekeyed / seconds, cpuMillis / seconds / 10);
        }
    }

    private Cost cost(Runnable what) {
        long begin = System.nanoTime();
        long ticks = ticks();
        long rekeyed = rekeyed();
        what.run();
        return new Cost(secondsSince(begin), (ticks() - ticks) * 1000.0 / TICKS_PER_SECOND, rekeyed() - rekeyed);
    }

    private long rekeyed() {
        return control.counter("child-rekey");
    }

    private static boolean holds(long begin, BooleanSupplier condition) {
        return Await.holds(PATIENCE.minusNanos(System.nanoTime() - begin), condition);
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    /** User and system time of the measured daemon. */
    private long ticks() {
        String stat = proc("stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private String resident() {
        return proc("status").lines().filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM"))
                .map(line -> line.replaceAll("\\s+", " ")).reduce((a, b) -> a + ", " + b).orElse("");
    }

    private String proc(String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(peer.running().pid()), file));
        } catch (IOException ended) {
            throw new UncheckedIOException(ended);
        }
    }

    private void say(String line) {
        System.out.println(peer.version() + ": " + line);
        System.out.flush();
    }
}
