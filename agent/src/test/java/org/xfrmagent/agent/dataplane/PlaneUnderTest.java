package org.xfrmagent.agent.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The plane that a test is about, what it is asked and what it says. A subclass opens one where the gateway of {@link SiteToSite} stands. */
abstract class PlaneUnderTest {
    /** An event that does not come in this time does not come. */
    static final long DEADLINE_SECONDS = 10;

    private final BlockingQueue<DataPlaneEvent> events = new LinkedBlockingQueue<>();
    private DataPlane plane = Nothing.INSTANCE;

    /** A plane without SAs and policies. */
    protected abstract DataPlane open() throws Exception;

    /** Sends packets from {@link SiteToSite#LOCAL_HOST} to {@link SiteToSite#REMOTE_HOST}, one after the other. */
    protected abstract void send(int packets) throws Exception;

    /** Whether the plane can tell packets by their marks; where not, it says so. */
    protected boolean knowsMarks() {
        return true;
    }

    /** Whether time passes for it. */
    protected boolean hasClock() {
        return true;
    }

    /** Stands where the plane will be, before the test begins. */
    private enum Nothing implements DataPlane {
        INSTANCE;

        private static IllegalStateException none() {
            return new IllegalStateException("no plane is open");
        }

        @Override
        public Capabilities capabilities() {
            throw none();
        }

        @Override
        public int allocate(SpiRequest request) {
            throw none();
        }

        @Override
        public Outcome apply(List<Operation> operations) {
            throw none();
        }

        @Override
        public java.util.Map<SaId, Usage> usage(Set<SaId> which) {
            throw none();
        }

        @Override
        public Snapshot installed() {
            throw none();
        }

        @Override
        public List<String> repair() {
            throw none();
        }

        @Override
        public void listen(java.util.function.Consumer<DataPlaneEvent> sink) {
            throw none();
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    final void openPlane() throws Exception {
        plane = open();
        plane.listen(events::add);
    }

    @AfterEach
    final void closePlane() {
        plane.close();
    }

    protected final DataPlane plane() {
        return plane;
    }

    /** What it has said and nobody has heard yet. */
    final BlockingQueue<DataPlaneEvent> events() {
        return events;
    }

    final void apply(Operation... operations) {
        assertThat(plane.apply(List.of(operations))).isEqualTo(new Outcome.Applied());
    }

    final List<SaId> installedSas() {
        return plane.installed().sas().stream().map(Snapshot.InstalledSa::id).toList();
    }

    /** The first event that {@code wanted} likes; others before it are passed over. */
    protected final DataPlaneEvent await(Predicate<DataPlaneEvent> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        List<DataPlaneEvent> others = new ArrayList<>();
        while (true) {
            DataPlaneEvent event = events.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new AssertionError("the event did not come in " + DEADLINE_SECONDS + " s; there were " + others);
            }
            if (wanted.test(event)) {
                return event;
            }
            others.add(event);
        }
    }

    final Usage awaitPackets(SaId id, long packets) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (true) {
            Usage usage = plane.usage(Set.of(id)).getOrDefault(id, Usage.NONE);
            if (usage.packets() >= packets || System.nanoTime() > deadline) {
                assertThat(usage.packets()).isEqualTo(packets);
                return usage;
            }
            Thread.onSpinWait();
        }
    }

    static Operation add(SaSpec sa) {
        return new Operation.AddSa(sa);
    }

    static Operation add(PolicySpec policy) {
        return new Operation.AddPolicy(policy);
    }

    static Operation remove(PolicySpec policy) {
        return new Operation.RemovePolicy(policy);
    }

    static Operation remove(SaSpec sa) {
        return new Operation.RemoveSa(sa.id());
    }
}
