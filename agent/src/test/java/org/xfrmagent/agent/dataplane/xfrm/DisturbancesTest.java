package org.xfrmagent.agent.dataplane.xfrm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmDirection;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.TrafficSelector;

/** Somebody else at the kernel's SPD: {@code ip xfrm}, another daemon, a script. */
@Tag("netns")
class DisturbancesTest {
    private static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();
    private static final InetAddress SUN = Ip.parse("192.0.2.2").orElseThrow();
    private static final PolicySpec PROTECT = policy("10.2.0.0/16", 2000, new PolicySpec.Protect(
            Optional.of(new PolicySpec.Endpoints(MOON, SUN)), Protocol.ESP, 7, OptionalInt.empty()));
    /** The same place, one layer above. */
    private static final PolicySpec CHILD = policy("10.2.0.0/16", 1999, new PolicySpec.Protect(
            Optional.of(new PolicySpec.Endpoints(MOON, SUN)), Protocol.ESP, 7, OptionalInt.of(0x1234)));
    private static final PolicySpec DISCARD = policy("10.3.0.0/16", 2002, new PolicySpec.Discard());
    private static final PolicySpec BYPASS = policy("10.4.0.0/16", 1000, new PolicySpec.Bypass());

    private static final String DELETE_DISCARD = "policy delete src 10.1.0.0/16 dst 10.3.0.0/16 dir out";

    private final List<AutoCloseable> open = new ArrayList<>();
    private final BlockingQueue<DataPlaneEvent> events = new LinkedBlockingQueue<>();

    private record Kernel(Netns gateway, XfrmDataPlane plane, Xfrm others) {
        int ip(String arguments) throws IOException {
            return gateway.call(() -> new ProcessBuilder(("ip xfrm " + arguments).split(" ")).inheritIO().start().waitFor());
        }
    }

    private static PolicySpec policy(String remote, int priority, PolicySpec.Verdict verdict) {
        SelectorPair pair = new SelectorPair(
                TrafficSelector.of(AddressRange.parse("10.1.0.0/16")), TrafficSelector.of(AddressRange.parse(remote)));
        return new PolicySpec(Direction.OUT, pair, priority, verdict, OptionalInt.empty());
    }

    private Kernel kernel(int receiveBuffer) throws IOException {
        Netns gateway = Netns.create();
        open.addFirst(gateway);
        XfrmDataPlane plane = gateway.call(() -> XfrmDataPlane.open(receiveBuffer));
        open.addFirst(plane);
        Xfrm others = gateway.call(Xfrm::open);
        open.addFirst(others);
        assertThat(plane.apply(List.of(
                        new Operation.AddPolicy(PROTECT), new Operation.AddPolicy(CHILD), new Operation.AddPolicy(DISCARD),
                        new Operation.AddPolicy(BYPASS))))
                .isEqualTo(new Outcome.Applied());
        return new Kernel(gateway, plane, others);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private static XfrmPolicy foreign(int number) {
        byte[] source = {10, 77, (byte) (number >> 8), (byte) number};
        XfrmSelector selector = XfrmSelector.of(Ip.of(source), 32, AddressFamily.INET.any(), 0);
        return XfrmPolicy.bypass(selector, XfrmDirection.OUT, 400_000);
    }

    private void heard(String what) throws InterruptedException {
        assertThat(events.poll(30, TimeUnit.SECONDS)).isEqualTo(new DataPlaneEvent.Disturbed(what));
    }

    @Test
    void flushedPoliciesAreHeardOfAndPutBack() throws Exception {
        Kernel kernel = kernel(1 << 20);
        kernel.plane.listen(events::add);
        assertThat(kernel.ip("policy flush")).isZero();
        heard("the policies were flushed");
        assertThat(kernel.plane.repair()).containsExactly("somebody removed 3 policies from the kernel: put back");
        assertThat(kernel.plane.installed().policies()).containsExactlyInAnyOrder(CHILD, DISCARD, BYPASS);
        assertThat(kernel.plane.repair()).isEmpty();
        assertThat(events).isEmpty();
    }

    @Test
    void onePolicyDeletedIsPutBackAndItsLayersAreAsBefore() throws Exception {
        Kernel kernel = kernel(1 << 20);
        kernel.plane.listen(events::add);
        assertThat(kernel.ip("policy delete src 10.1.0.0/16 dst 10.2.0.0/16 dir out")).isZero();
        heard("a policy was deleted");
        assertThat(kernel.plane.repair()).containsExactly("somebody removed a policy from the kernel: put back");
        assertThat(kernel.plane.apply(List.of(new Operation.RemovePolicy(CHILD)))).isEqualTo(new Outcome.Applied());
        assertThat(kernel.plane.installed().policies()).containsExactlyInAnyOrder(PROTECT, DISCARD, BYPASS);
    }

    @Test
    void policiesDeletedByTheirIndexAreHeardOfToo() throws Exception {
        Kernel kernel = kernel(1 << 20);
        kernel.plane.listen(events::add);
        assertThat(kernel.ip("policy deleteall")).isZero();
        heard("a policy was deleted");
        heard("a policy was deleted");
        heard("a policy was deleted");
        assertThat(kernel.plane.repair()).containsExactly("somebody removed 3 policies from the kernel: put back");
    }

    @Test
    void aPolicyReplacedByABypassIsInForceAgain() throws Exception {
        Kernel kernel = kernel(1 << 20);
        kernel.plane.listen(events::add);
        assertThat(kernel.ip("policy update src 10.1.0.0/16 dst 10.2.0.0/16 dir out priority 1999 action allow")).isZero();
        heard("a policy was replaced");
        assertThat(kernel.plane.repair()).containsExactly("somebody replaced a policy in the kernel: ours are in force again");
        assertThat(kernel.plane.installed().policies()).containsExactlyInAnyOrder(CHILD, DISCARD, BYPASS);
    }

    @Test
    void otherProgramsPoliciesAreTheirOwnBusiness() throws Exception {
        Kernel kernel = kernel(1 << 20);
        kernel.plane.listen(events::add);
        kernel.others.add(foreign(1));
        kernel.others.delete(foreign(1).id());
        kernel.others.add(foreign(2));
        assertThat(kernel.plane.repair()).isEmpty();
        assertThat(kernel.ip(DELETE_DISCARD)).isZero();
        heard("a policy was deleted");
        assertThat(kernel.plane.repair()).hasSize(1);
        assertThat(kernel.others.policies()).anyMatch(policy -> policy.id().equals(foreign(2).id()));
    }

    /** A real overrun: more than a small buffer holds, while the listener is busy with the first. */
    @Test
    void whenTheBufferOverflowsTheLossIsHeardOfAndAllIsPutBack() throws Exception {
        Kernel kernel = kernel(4096);
        CountDownLatch burst = new CountDownLatch(1);
        kernel.plane.listen(event -> {
            events.add(event);
            try {
                burst.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(kernel.ip(DELETE_DISCARD)).isZero();
        heard("a policy was deleted");
        for (int i = 0; i < 100; i++) {
            kernel.others.add(foreign(i));
        }
        assertThat(kernel.ip("policy flush")).isZero();
        burst.countDown();
        DataPlaneEvent event = events.poll(30, TimeUnit.SECONDS);
        assertThat(event).as("the flush itself is among what was lost").isEqualTo(new DataPlaneEvent.EventsLost());
        assertThat(kernel.plane.repair()).containsExactly("somebody removed 3 policies from the kernel: put back");
    }
}
