package org.xfrmagent.agent.dataplane.xfrm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.Snapshot;
import org.xfrmagent.agent.dataplane.kernel.KernelSelectors;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmDirection;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/** The kernel's SPD, which this works with on any kernel with XFRM, in a network namespace of its own. */
@Tag("netns")
class KernelSpdTest {
    private static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();
    private static final InetAddress SUN = Ip.parse("192.0.2.2").orElseThrow();
    private static final SelectorPair LANS = new SelectorPair(
            TrafficSelector.of(AddressRange.parse("10.1.0.0/16")), TrafficSelector.of(AddressRange.parse("10.2.0.0/16")));

    private Netns netns;
    private XfrmDataPlane plane;

    @BeforeEach
    void openInANamespaceOfItsOwn() throws IOException {
        netns = Netns.create();
        plane = netns.call(XfrmDataPlane::open);
    }

    @AfterEach
    void close() {
        plane.close();
        netns.close();
    }

    private static PolicySpec trap() {
        return protect(2, OptionalInt.empty());
    }

    private static PolicySpec protect(int priority, OptionalInt spi) {
        Optional<PolicySpec.Endpoints> ends = Optional.of(new PolicySpec.Endpoints(MOON, SUN));
        return new PolicySpec(Direction.OUT, LANS, priority, new PolicySpec.Protect(ends, Protocol.ESP, 7, spi), OptionalInt.empty());
    }

    /** The trap for what leaves by one interface. */
    private static PolicySpec by(String device) {
        PolicySpec any = trap();
        return new PolicySpec(any.direction(), any.selectors(), any.priority(), any.verdict(), any.ifId(), any.mark(), Optional.of(device));
    }

    private List<PolicySpec> installed() {
        return plane.installed().policies();
    }

    private void applied(Operation... operations) {
        assertThat(plane.apply(List.of(operations))).isEqualTo(new Outcome.Applied());
    }

    @Test
    void thePolicyInForceIsTheKernels() {
        PolicySpec sa = protect(1, OptionalInt.of(0xc0000001));
        applied(new Operation.AddPolicy(trap()));
        assertThat(installed()).containsExactly(trap());
        applied(new Operation.AddPolicy(sa));
        assertThat(installed()).containsExactly(sa);
        applied(new Operation.RemovePolicy(sa));
        assertThat(installed()).containsExactly(trap());
        applied(new Operation.RemovePolicy(trap()));
        assertThat(installed()).isEmpty();
    }

    @Test
    void allVerdictsDirectionsAndSelectorsComeBackAsTheyWent() {
        SelectorPair ssh = new SelectorPair(
                new TrafficSelector(IpProtocols.TCP, 0, 65535, AddressRange.parse("2001:db8:1::/48")),
                new TrafficSelector(IpProtocols.TCP, 22, 22, AddressRange.parse("2001:db8:2::1")));
        PolicySpec bypass = new PolicySpec(Direction.FWD, ssh, 10, new PolicySpec.Bypass(), OptionalInt.empty());
        PolicySpec discard = new PolicySpec(Direction.IN, LANS, 11, new PolicySpec.Discard(), OptionalInt.empty());
        PolicySpec transport = new PolicySpec(
                Direction.OUT, ssh, 12, new PolicySpec.Protect(Optional.empty(), Protocol.AH, 9, OptionalInt.empty()), OptionalInt.empty());
        applied(new Operation.AddPolicy(bypass), new Operation.AddPolicy(discard), new Operation.AddPolicy(transport));
        assertThat(installed()).containsExactlyInAnyOrder(bypass, discard, transport);
        // What a successor finds, that knows nothing of them:
        PolicySpec fragments = fragments(transport);
        try (XfrmDataPlane other = netns.call(XfrmDataPlane::open)) {
            assertThat(other.installed().policies()).containsExactlyInAnyOrder(bypass, discard, transport, fragments);
            assertThat(other.apply(List.of(new Operation.RemovePolicy(discard)))).isEqualTo(new Outcome.Applied());
            assertThat(other.installed().policies()).containsExactlyInAnyOrder(bypass, transport, fragments);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    @Test
    void aPolicyOfManyPiecesIsOnePolicy() {
        SelectorPair ragged = new SelectorPair(
                LANS.source(), new TrafficSelector(IpProtocols.UDP, 1000, 2000, AddressRange.parse("10.2.0.1-10.2.0.6")));
        PolicySpec pieces = new PolicySpec(Direction.OUT, ragged, 5, new PolicySpec.Bypass(), OptionalInt.empty());
        applied(new Operation.AddPolicy(pieces));
        assertThat(installed()).containsExactly(pieces);
        applied(new Operation.RemovePolicy(pieces));
        assertThat(installed()).isEmpty();
    }

    /** What the kernel has beside a policy with ports: fragments, whose ports it takes for 0, are discarded in its place. */
    private static PolicySpec fragments(PolicySpec policy) {
        SelectorPair pair = KernelSelectors.fragments(policy.selectors()).orElseThrow();
        return new PolicySpec(
                policy.direction(), pair, policy.priority(), new PolicySpec.Discard(), policy.ifId(), policy.mark());
    }

    private static PolicySpec ofPort(Direction direction, int port, int priority, PolicySpec.Verdict verdict) {
        TrafficSelector there = new TrafficSelector(IpProtocols.UDP, port, port, LANS.destination().range());
        TrafficSelector here = new TrafficSelector(IpProtocols.UDP, 0, 65535, LANS.source().range());
        return new PolicySpec(direction, new SelectorPair(here, there), priority, verdict, OptionalInt.empty());
    }

    private List<PolicySpec> seenByOthers() throws IOException {
        try (XfrmDataPlane other = netns.call(XfrmDataPlane::open)) {
            return other.installed().policies();
        }
    }

    @Test
    void whatNamesAPortDiscardsTheFragmentsThatMayBelongToItInItsPlaceOfTheOrder() throws IOException {
        PolicySpec first = ofPort(Direction.OUT, 5000, 10, trap().verdict());
        PolicySpec second = ofPort(Direction.OUT, 5001, 20, new PolicySpec.Discard());
        applied(new Operation.AddPolicy(second), new Operation.AddPolicy(first));
        assertThat(installed()).containsExactlyInAnyOrder(first, second);
        assertThat(seenByOthers()).contains(fragments(first)).doesNotContain(fragments(second));
        applied(new Operation.RemovePolicy(first));
        assertThat(seenByOthers()).contains(fragments(second));
        applied(new Operation.RemovePolicy(second));
        assertThat(seenByOthers()).isEmpty();
    }

    @Test
    void aBypassDiscardsNothingAndWhatComesInForThisMachineIsWhole() throws IOException {
        PolicySpec bypass = ofPort(Direction.FWD, 5000, 10, new PolicySpec.Bypass());
        PolicySpec in = ofPort(Direction.IN, 5000, 10, new PolicySpec.Discard());
        applied(new Operation.AddPolicy(bypass), new Operation.AddPolicy(in));
        assertThat(seenByOthers()).containsExactlyInAnyOrder(bypass, in);
    }

    @Test
    void theDiscardingOfFragmentsOutlivesItsPredecessor() throws Exception {
        PolicySpec policy = ofPort(Direction.OUT, 5000, 10, new PolicySpec.Discard());
        applied(new Operation.AddPolicy(policy));
        plane.close();
        plane = netns.call(XfrmDataPlane::open);
        List<PolicySpec> left = installed();
        assertThat(left).containsExactlyInAnyOrder(policy, fragments(policy));
        plane.adopt(left);
        applied(new Operation.AddPolicy(policy));
        applied(left.stream().map(Operation.RemovePolicy::new).toArray(Operation[]::new));
        assertThat(installed()).containsExactly(policy);
        assertThat(seenByOthers()).containsExactlyInAnyOrder(policy, fragments(policy));
        applied(new Operation.RemovePolicy(policy));
        assertThat(seenByOthers()).isEmpty();
    }

    @Test
    void aListThatFailsLeavesNothing() throws IOException {
        // Two SAs with one id: the second is refused whatever the kernel can do.
        Algorithm gcm = Algorithms.byKeyword("aes128gcm16").orElseThrow();
        SaSpec sa = new SaSpec(
                new SaId(SUN, Protocol.ESP, 0xc0000001), MOON, Direction.OUT, Mode.TUNNEL, 7,
                new SaKeys.Aead(gcm, Secret.take(new byte[20])), Optional.empty(), 0, false, SaLimits.NONE, Optional.empty(),
                OptionalInt.empty());
        applied(new Operation.AddPolicy(trap()));
        PolicySpec second = protect(1, OptionalInt.of(0xc0000001));
        PolicySpec elsewhere = new PolicySpec(Direction.IN, LANS.reversed(), 1, new PolicySpec.Discard(), OptionalInt.empty());
        Outcome outcome = plane.apply(List.of(
                new Operation.AddPolicy(elsewhere),
                new Operation.RemovePolicy(trap()),
                new Operation.AddPolicy(second),
                new Operation.AddSa(sa),
                new Operation.AddSa(sa)));
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Refused.class, refused -> {
            assertThat(refused.operation()).isInstanceOf(Operation.AddSa.class);
            assertThat(refused.reason()).startsWith("the kernel refused to add TUNNEL state ESP SPI 0xc0000001 to 192.0.2.2");
        });
        Snapshot after = plane.installed();
        assertThat(after.policies()).containsExactly(trap());
        assertThat(after.sas()).isEmpty();
    }

    @Test
    void whatTheKernelHasNoWordsForIsRefusedBeforeAnythingIsTouched() {
        TrafficSelector opaque = new TrafficSelector(IpProtocols.TCP, 65535, 0, LANS.source().range());
        PolicySpec impossible = new PolicySpec(
                Direction.OUT, new SelectorPair(opaque, LANS.destination()), 1, new PolicySpec.Discard(), OptionalInt.empty());
        Outcome outcome = plane.apply(List.of(new Operation.AddPolicy(trap()), new Operation.AddPolicy(impossible)));
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.reason()).contains("OPAQUE"));
        assertThat(installed()).isEmpty();
        applied(new Operation.AddPolicy(trap()));
        assertThat(installed()).containsExactly(trap());
    }

    @Test
    void anothersPolicyIsNeitherReplacedNorRemoved() throws IOException {
        XfrmSelector selector = XfrmSelector.of(Ip.parse("10.1.0.0").orElseThrow(), 16, Ip.parse("10.2.0.0").orElseThrow(), 16);
        XfrmPolicy foreign = XfrmPolicy.block(selector, XfrmDirection.OUT, 3);
        try (Xfrm other = netns.call(Xfrm::open)) {
            other.add(foreign);
            assertThat(plane.apply(List.of(new Operation.AddPolicy(trap()))))
                    .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.reason()).contains("another program"));
            assertThat(other.policies()).singleElement().satisfies(left -> {
                assertThat(left.action()).isEqualTo(XfrmPolicy.Action.BLOCK);
                assertThat(left.priority()).isEqualTo(3);
            });
        }
    }

    @Test
    void aSuccessorTakesOverWhatItsPredecessorLeft() throws Exception {
        PolicySpec sa = protect(1, OptionalInt.of(0xc0000001));
        applied(new Operation.AddPolicy(trap()), new Operation.AddPolicy(sa));
        plane.close();
        plane = netns.call(XfrmDataPlane::open);
        plane.adopt(installed());
        applied(new Operation.AddPolicy(trap()));
        assertThat(installed()).as("still covered by what was left").containsExactly(sa);
        applied(new Operation.RemovePolicy(sa));
        assertThat(installed()).containsExactly(trap());
    }

    /**
     * <pre>
     *   index   -     wan is not there: the policy stands by
     *           7     wan comes
     *           7     wan is called dsl, and some other interface comes
     *           9     wan comes again
     * </pre>
     */
    @Test
    void aPolicyFollowsItsInterfaceByName() throws Exception {
        PolicySpec bound = by("wan");
        applied(new Operation.AddPolicy(bound));
        assertThat(installed()).isEmpty();
        assertThat(plane.absentDevices()).containsExactly("wan");

        shell("ip link add wan index 7 type veth peer name far");
        assertThat(plane.linksChanged()).containsExactly("the network interface wan is there: the policies that name it are in force");
        assertThat(installed()).containsExactly(bound);
        assertThat(indexes()).containsExactly(7);
        assertThat(plane.repair()).isEmpty();

        shell("ip link set wan name dsl");
        assertThat(plane.linksChanged()).containsExactly("the network interface wan is gone: the policies that name it stand by");
        assertThat(seenByOthers()).isEmpty();
        assertThat(plane.absentDevices()).containsExactly("wan");

        shell("ip link add wan index 9 type veth peer name farther");
        assertThat(plane.repair()).containsExactly("the network interface wan is there: the policies that name it are in force");
        assertThat(indexes()).containsExactly(9);
        applied(new Operation.RemovePolicy(bound));
        assertThat(seenByOthers()).isEmpty();
        assertThat(plane.linksChanged()).isEmpty();
        assertThat(plane.absentDevices()).isEmpty();
    }

    @Test
    void aSuccessorKnowsThePoliciesOfInterfacesEvenIfTheseAreGone() throws Exception {
        shell("ip link add wan index 7 type veth peer name far; ip link add dsl index 11 type veth peer name farther");
        PolicySpec wan = by("wan");
        PolicySpec dsl = by("dsl");
        applied(new Operation.AddPolicy(wan), new Operation.AddPolicy(dsl));
        assertThat(indexes()).containsExactlyInAnyOrder(7, 11);
        plane.close();
        shell("ip link del dsl");
        plane = netns.call(XfrmDataPlane::open);
        List<PolicySpec> left = installed();
        assertThat(left).contains(wan).hasSize(2);
        plane.adopt(left);
        applied(new Operation.AddPolicy(wan));
        applied(left.stream().map(Operation.RemovePolicy::new).toArray(Operation[]::new));
        assertThat(installed()).containsExactly(wan);
        assertThat(indexes()).containsExactly(7);
    }

    private void shell(String script) throws Exception {
        int status = netns.call(() -> new ProcessBuilder("sh", "-ec", script).inheritIO().start().waitFor());
        assertThat(status).as(script).isZero();
    }

    /** The interfaces of all policies in the kernel. */
    private List<Integer> indexes() throws IOException {
        return netns.call(() -> {
            try (Xfrm xfrm = Xfrm.open()) {
                return xfrm.policies().stream().map(policy -> policy.id().selector().interfaceIndex()).toList();
            }
        });
    }

    @Test
    void onlyWhatLeavesByItsInterfaceIsHeld() throws Exception {
        shell("ip link set lo up; ip addr add 10.1.0.1/32 dev lo; for each in wan dsl; do ip link add $each type veth peer name far$each; "
                + "ip link set $each up; ip link set far$each up; done; ip route add 10.2.1.0/24 dev wan src 10.1.0.1; "
                + "ip route add 10.2.2.0/24 dev dsl src 10.1.0.1; ip route add 192.0.2.0/24 dev wan");
        BlockingQueue<DataPlaneEvent> events = new LinkedBlockingQueue<>();
        plane.listen(events::add);
        applied(new Operation.AddPolicy(by("wan")));
        send("10.2.2.9");
        send("10.2.1.9");
        assertThat(events.poll(10, TimeUnit.SECONDS)).as("the first that meets the policy").isInstanceOfSatisfying(DataPlaneEvent.Acquire.class,
                acquire -> assertThat(acquire.packet().destination().range()).hasToString("10.2.1.9/32"));
    }

    private void send(String destination) throws IOException {
        netns.call(() -> {
            try (DatagramSocket socket = new DatagramSocket(0, Ip.parse("10.1.0.1").orElseThrow())) {
                socket.send(new DatagramPacket(new byte[4], 4, Ip.parse(destination).orElseThrow(), 7777));
            } catch (IOException held) {
                // The kernel may tell the sender that the packet has to wait.
            }
            return true;
        });
    }

    @Test
    void aPacketWithoutAnSaIsHeldAndAsksForOne() throws Exception {
        shell("ip link set lo up; ip addr add 10.1.0.1/32 dev lo; ip link add wan type veth peer name far; ip link set wan up; ip link set far up; "
                + "ip route add 10.2.0.0/16 dev wan src 10.1.0.1; ip route add 192.0.2.0/24 dev wan");
        BlockingQueue<DataPlaneEvent> events = new LinkedBlockingQueue<>();
        plane.listen(events::add);
        applied(new Operation.AddPolicy(trap()));
        send("10.2.0.9");
        DataPlaneEvent event = events.poll(10, TimeUnit.SECONDS);
        assertThat(event).isInstanceOfSatisfying(DataPlaneEvent.Acquire.class, acquire -> {
            assertThat(acquire.reqid()).isEqualTo(7);
            assertThat(acquire.packet().source().range()).hasToString("10.1.0.1/32");
            assertThat(acquire.packet().destination()).hasToString("10.2.0.9/32[udp/7777]");
        });
        assertThat(plane.installed().sas()).as("the kernel's larval state is no SA").isEmpty();
    }
}
