package org.xfrmagent.agent.dataplane.xfrm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xfrmagent.agent.dataplane.xfrm.KernelTunnel.LANS;
import static org.xfrmagent.agent.dataplane.xfrm.KernelTunnel.MOON;
import static org.xfrmagent.agent.dataplane.xfrm.KernelTunnel.MOON_LAN;
import static org.xfrmagent.agent.dataplane.xfrm.KernelTunnel.REQID;
import static org.xfrmagent.agent.dataplane.xfrm.KernelTunnel.SUN;
import static org.xfrmagent.agent.dataplane.xfrm.KernelTunnel.SUN_LAN;
import static org.xfrmagent.agent.dataplane.xfrm.KernelTunnel.keysTwice;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Capabilities;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaMarks;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.linux.RawSocket;
import org.xfrmagent.netlink.linux.UdpSocket;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Offload;
import org.xfrmagent.policies.model.TrafficSelector;
import org.xfrmagent.policies.model.TunnelHeader;
import org.xfrmagent.policies.model.TunnelHeader.CopyDscp;

/**
 * SAs in a kernel that has ESP and AH.
 *
 * <pre>
 *   10.1.0.1 (moon) 192.0.2.1 ---- veth ---- 192.0.2.2 (sun) 10.2.0.1
 * </pre>
 */
@Tag("lab")
class KernelSadTest {
    private Netns moon;
    private Netns sun;
    private XfrmDataPlane moonPlane;
    private XfrmDataPlane sunPlane;

    @BeforeEach
    void connectTwoGateways() throws IOException {
        moon = Netns.create();
        sun = Netns.create();
        String pid = Long.toString(ProcessHandle.current().pid());
        sun.call(() -> {
            String tid = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString();
            String far = "/proc/" + pid + "/task/" + tid + "/ns/net";
            moon.call(() -> run("ip link add wan type veth peer name wan netns " + far
                    + " && ip link set lo up && ip link set wan up && ip addr add 192.0.2.1/24 dev wan"
                    + " && ip addr add 10.1.0.1/32 dev lo && ip route add 10.2.0.0/16 via 192.0.2.2 src 10.1.0.1"));
            run("ip link set lo up && ip link set wan up && ip addr add 192.0.2.2/24 dev wan"
                    + " && ip addr add 10.2.0.1/32 dev lo && ip route add 10.1.0.0/16 via 192.0.2.1 src 10.2.0.1");
            return true;
        });
        moonPlane = moon.call(XfrmDataPlane::open);
        sunPlane = sun.call(XfrmDataPlane::open);
    }

    private static int run(String script) throws IOException, InterruptedException {
        int status = new ProcessBuilder("sh", "-c", script).inheritIO().start().waitFor();
        assertThat(status).as(script).isZero();
        return status;
    }

    @AfterEach
    void close() {
        moonPlane.close();
        sunPlane.close();
        moon.close();
        sun.close();
    }

    private static Algorithm row(String keyword) {
        return Algorithms.byKeyword(keyword).orElseThrow();
    }

    private static void applied(XfrmDataPlane plane, List<Operation> operations) {
        assertThat(plane.apply(operations)).isEqualTo(new Outcome.Applied());
    }

    private SaId tunnel(KernelTunnel with, Algorithm first, Optional<Algorithm> mac) throws DataPlaneException {
        int toSun = sunPlane.allocate(new SpiRequest(MOON, SUN, with.protocol(), with.mode(), REQID));
        int toMoon = moonPlane.allocate(new SpiRequest(SUN, MOON, with.protocol(), with.mode(), REQID));
        assertThat(toSun >>> 28).isEqualTo(0xc);
        List<SaKeys> there = keysTwice(first, mac);
        List<SaKeys> back = keysTwice(first, mac);
        applied(moonPlane, List.of(
                new Operation.AddSa(with.sa(toMoon, false, Direction.IN, back.get(0))),
                new Operation.AddSa(with.sa(toSun, true, Direction.OUT, there.get(0))),
                new Operation.AddPolicy(with.policy(Direction.IN, true, OptionalInt.empty())),
                new Operation.AddPolicy(with.policy(Direction.OUT, true, OptionalInt.of(toSun)))));
        applied(sunPlane, List.of(
                new Operation.AddSa(with.sa(toSun, true, Direction.IN, there.get(1))),
                new Operation.AddSa(with.sa(toMoon, false, Direction.OUT, back.get(1))),
                new Operation.AddPolicy(with.policy(Direction.IN, false, OptionalInt.empty())),
                new Operation.AddPolicy(with.policy(Direction.OUT, false, OptionalInt.of(toMoon)))));
        return new SaId(SUN, with.protocol(), toSun);
    }

    private static SaSpec offloaded(SaSpec plain, Offload how) {
        return new SaSpec(
                plain.id(), plain.source(), plain.direction(), plain.mode(), plain.reqid(), plain.keys(), plain.encapsulation(), plain.replayWindow(),
                plain.esn(), plain.limits(), plain.selector(), plain.ifId(), plain.marks(), plain.tunnelHeader(), plain.tfcPadding(), how);
    }

    /** A veth has no engine for ESP: "auto" does without, and who insists gets nothing. */
    @Test
    void whereNoDeviceEncryptsTheKernelDoesOrThereIsNoSa() {
        for (Offload how : List.of(Offload.AUTO, Offload.REQUIRED)) {
            SaSpec in = offloaded(KernelTunnel.PLAIN.sa(0xc0000001, false, Direction.IN, keysTwice(row("aes128gcm16"), Optional.empty()).getFirst()), how);
            SaSpec out = offloaded(KernelTunnel.PLAIN.sa(0xc0000002, true, Direction.OUT, keysTwice(row("aes128gcm16"), Optional.empty()).getFirst()), how);
            Outcome outcome = moonPlane.apply(List.of(new Operation.AddSa(in), new Operation.AddSa(out)));
            if (how == Offload.AUTO) {
                assertThat(outcome).isEqualTo(new Outcome.Applied());
                applied(moonPlane, List.of(new Operation.RemoveSa(in.id()), new Operation.RemoveSa(out.id())));
            } else {
                assertThat(outcome).isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.reason())
                        .isEqualTo("no network device with the address of this end encrypts, and the policy wants one ('offload: required')"));
            }
            assertThat(moonPlane.installed().sas()).isEmpty();
        }
    }

    /** A veth does not, and kernels before 6.2 do not know what is meant: either way there is nothing, and it is said who was to do it. */
    @Test
    void whoWantsADeviceThatSeesToWholePacketsGetsNothingWithoutOne() {
        SaSpec in = offloaded(KernelTunnel.PLAIN.sa(0xc0000001, false, Direction.IN, keysTwice(row("aes128gcm16"), Optional.empty()).getFirst()), Offload.PACKET);
        assertThat(moonPlane.apply(List.of(new Operation.AddSa(in)))).isInstanceOfSatisfying(Outcome.Refused.class, refused ->
                assertThat(refused.reason()).startsWith("the kernel refused to ").endsWith(" (the network device wan is to see to whole packets: 'offload: packet')"));
        assertThat(moonPlane.installed().sas()).isEmpty();
    }

    /** A datagram from moon's LAN to sun's and back, {@code count} times. */
    private void talk(int count) throws IOException {
        talk(count, 0);
    }

    private void talk(int count, int trafficClass) throws IOException {
        DatagramSocket there = sun.call(() -> new DatagramSocket(new InetSocketAddress(SUN_LAN, 7777)));
        DatagramSocket here = moon.call(() -> new DatagramSocket(new InetSocketAddress(MOON_LAN, 0)));
        try (there; here) {
            there.setSoTimeout(5_000);
            here.setSoTimeout(5_000);
            here.setTrafficClass(trafficClass);
            for (int i = 0; i < count; i++) {
                here.send(new DatagramPacket(new byte[100], 100, SUN_LAN, 7777));
                DatagramPacket got = new DatagramPacket(new byte[200], 200);
                there.receive(got);
                there.send(new DatagramPacket(new byte[10], 10, got.getSocketAddress()));
                here.receive(new DatagramPacket(new byte[200], 200));
            }
        }
    }

    @Test
    void theKernelSaysWhatItCanDo() {
        Capabilities can = moonPlane.capabilities();
        assertThat(can.protocols()).containsExactlyInAnyOrder(Protocol.ESP, Protocol.AH, Protocol.IPCOMP);
        assertThat(can.modes()).containsExactlyInAnyOrder(Mode.TUNNEL, Mode.TRANSPORT);
        assertThat(can.udpEncapsulation()).isTrue();
        assertThat(can.esn()).isTrue();
        List<String> missing = Algorithms.all().stream()
                .filter(row -> row.kernel().isPresent() && !can.algorithms().contains(row))
                .map(Algorithm::keyword)
                .toList();
        assertThat(missing).as("rows whose kernel name the lab's kernel does not take").isEmpty();
        assertThat(moonPlane.installed().sas()).as("what the questions left behind").isEmpty();
    }

    @Test
    void everyAlgorithmCarriesTraffic() throws Exception {
        List<String> failed = new ArrayList<>();
        for (Algorithm row : moonPlane.capabilities().algorithms()) {
            if (row.type() == TransformType.INTEG) {
                check(KernelTunnel.PLAIN, row("aes128"), Optional.of(row), failed);
                check(KernelTunnel.PLAIN.ah(), row, Optional.empty(), failed);
            } else {
                check(KernelTunnel.PLAIN, row, row.aead() ? Optional.empty() : Optional.of(row("sha256")), failed);
            }
        }
        assertThat(failed).isEmpty();
    }

    private void check(KernelTunnel with, Algorithm first, Optional<Algorithm> mac, List<String> failed) throws Exception {
        try {
            tunnel(with, first, mac);
            talk(1);
        } catch (IOException | AssertionError broken) {
            failed.add(with.protocol() + " " + first + mac.map(row -> "-" + row).orElse("") + ": " + broken.getMessage());
        }
        removeAll(moonPlane);
        removeAll(sunPlane);
    }

    private static void removeAll(XfrmDataPlane plane) {
        List<Operation> all = new ArrayList<>();
        plane.installed().policies().forEach(policy -> all.add(new Operation.RemovePolicy(policy)));
        plane.installed().sas().forEach(sa -> all.add(new Operation.RemoveSa(sa.id())));
        applied(plane, all);
        assertThat(plane.installed().sas()).isEmpty();
        assertThat(plane.installed().policies()).isEmpty();
    }

    @Test
    void esnCountsAndUsageCarryTheTunnel() throws Exception {
        SaId toSun = tunnel(KernelTunnel.PLAIN.withEsn().withWindow(4096), row("aes256gcm16"), Optional.empty());
        assertThat(moonPlane.usage(Set.of(toSun))).containsEntry(toSun, Usage.NONE);
        talk(3);
        Map<SaId, Usage> usage = sunPlane.usage(Set.of(toSun, new SaId(SUN, Protocol.ESP, 0xc0ffee00)));
        assertThat(usage).containsOnlyKeys(toSun);
        assertThat(usage.getOrDefault(toSun, Usage.NONE).packets()).isEqualTo(3);
        assertThat(usage.getOrDefault(toSun, Usage.NONE).bytes()).isGreaterThanOrEqualTo(3 * 128);
        assertThat(usage.getOrDefault(toSun, Usage.NONE).lastUsedSecondsAgo()).isBetween(0L, 10L);
    }

    /** Moon sends with DSCP 46, ECT(0) and DF; sun sees the tunnel's header, and the inner one after decapsulation. */
    @Test
    void theTunnelHeaderIsWhatThePolicySays() throws Exception {
        for (CopyDscp dscp : CopyDscp.values()) {
            for (boolean copy : new boolean[] {true, false}) {
                tunnel(KernelTunnel.PLAIN.with(new TunnelHeader(dscp, copy, copy), 0), row("aes128gcm16"), Optional.empty());
                try (RawSocket outer = eavesdropper(50); RawSocket inner = eavesdropper(17)) {
                    talk(1, 46 << 2 | 2);
                    byte[] wire = outer.receive(5_000).getFirst().data();
                    byte[] plain = inner.receive(5_000).getFirst().data();
                    String rules = "copy-dscp " + dscp.word() + ", copy-ecn and copy-df " + copy;
                    assertThat(wire[1] & 0xff).as(rules).isEqualTo((dscp.toOuter() ? 46 << 2 : 0) | (copy ? 2 : 0));
                    assertThat(wire[6] & 0x40).as(rules).isEqualTo(copy ? 0x40 : 0);
                    assertThat(plain[1] & 0xff).as(rules).isEqualTo((dscp == CopyDscp.IN ? 0 : 46 << 2) | 2);
                }
                removeAll(moonPlane);
                removeAll(sunPlane);
            }
        }
    }

    private RawSocket eavesdropper(int protocol) throws IOException {
        return sun.call(() -> RawSocket.open(protocol == 17 ? SUN_LAN : SUN, protocol, new RawSocket.Options(false, 0, 0, 0, true)));
    }

    @Test
    void smallPacketsAreFilledUp() throws Exception {
        for (int tfc : new int[] {1000, Protect.TFC_MTU}) {
            tunnel(KernelTunnel.PLAIN.with(TunnelHeader.USUAL, tfc), row("aes128gcm16"), Optional.empty());
            try (RawSocket outer = eavesdropper(50)) {
                talk(1);
                int length = outer.receive(5_000).getFirst().data().length;
                assertThat(length).isBetween(tfc == 1000 ? 1000 : 1480, tfc == 1000 ? 1060 : 1500);
            }
            removeAll(moonPlane);
            removeAll(sunPlane);
        }
    }

    @Test
    void anOutboundSelectorKeepsOtherTrafficOff() throws Exception {
        SelectorPair oneHost = new SelectorPair(TrafficSelector.of(MOON_LAN), TrafficSelector.of(SUN_LAN));
        SaId toSun = tunnel(KernelTunnel.PLAIN.withSelector(oneHost), row("chacha20poly1305"), Optional.empty());
        talk(1);
        assertThat(moonPlane.usage(Set.of(toSun)).getOrDefault(toSun, Usage.NONE).packets()).isEqualTo(1);
    }

    /**
     * Two tunnels for the very same addresses. Only the marks tell them apart: here a socket's, there what the SA gives its packets.
     *
     * <pre>
     *   moon                                                   sun
     *   mark 1 ── policy out mark 1 ── SA A ══════ SA A ── sets mark 1 ── policy in mark 1
     *   mark 2 ── policy out mark 2 ── SA B ══════ SA B ── sets mark 2 ── policy in mark 2
     * </pre>
     */
    @Test
    void marksTellTwoTunnelsForTheSameAddressesApart() throws Exception {
        SaId first = markedTunnel(1);
        SaId second = markedTunnel(2);
        // What is neither marked nor in the clear elsewhere goes nowhere.
        for (Direction direction : List.of(Direction.OUT, Direction.IN)) {
            boolean out = direction == Direction.OUT;
            applied(out ? moonPlane : sunPlane, List.of(new Operation.AddPolicy(
                    new PolicySpec(direction, LANS, 9, new PolicySpec.Discard(), OptionalInt.empty()))));
        }
        try (DatagramSocket there = sun.call(() -> new DatagramSocket(new InetSocketAddress(SUN_LAN, 7777)))) {
            there.setSoTimeout(5_000);
            for (int mark : new int[] {1, 2, 2}) {
                sendMarked(mark);
                there.receive(new DatagramPacket(new byte[200], 200));
            }
            assertThatThrownBy(() -> sendMarked(0)).isInstanceOf(IOException.class);
        }
        for (XfrmDataPlane plane : List.of(moonPlane, sunPlane)) {
            Map<SaId, Usage> usage = plane.usage(Set.of(first, second));
            assertThat(usage.getOrDefault(first, Usage.NONE).packets()).isEqualTo(1);
            assertThat(usage.getOrDefault(second, Usage.NONE).packets()).isEqualTo(2);
            removeAll(plane);
        }
    }

    private SaId markedTunnel(int number) throws DataPlaneException {
        Mark mark = new Mark(number, 0xf);
        List<SaKeys> keys = keysTwice(row("aes128gcm16"), Optional.empty());
        SaId toSun = new SaId(
                SUN, Protocol.ESP, sunPlane.allocate(new SpiRequest(MOON, SUN, Protocol.ESP, Mode.TUNNEL, number)));
        PolicySpec.Protect through = new PolicySpec.Protect(
                Optional.of(new PolicySpec.Endpoints(MOON, SUN)), Protocol.ESP, number, OptionalInt.empty());
        applied(moonPlane, List.of(
                new Operation.AddSa(new SaSpec(
                        toSun, MOON, Direction.OUT, Mode.TUNNEL, number, keys.get(0), Optional.empty(), 0, false, SaLimits.NONE,
                        Optional.of(LANS), OptionalInt.empty(), new SaMarks(Optional.of(mark), Optional.empty()))),
                new Operation.AddPolicy(new PolicySpec(Direction.OUT, LANS, 1, through, OptionalInt.empty(), Optional.of(mark)))));
        applied(sunPlane, List.of(
                new Operation.AddSa(new SaSpec(
                        toSun, MOON, Direction.IN, Mode.TUNNEL, number, keys.get(1), Optional.empty(), 32, false, SaLimits.NONE,
                        Optional.empty(), OptionalInt.empty(), new SaMarks(Optional.empty(), Optional.of(mark)))),
                new Operation.AddPolicy(new PolicySpec(Direction.IN, LANS, 1, through, OptionalInt.empty(), Optional.of(mark)))));
        return toSun;
    }

    private void sendMarked(int mark) throws IOException {
        moon.call(() -> {
            try (UdpSocket socket = UdpSocket.open(new InetSocketAddress(MOON_LAN, 0), UdpSocket.Options.PLAIN.withMark(mark))) {
                socket.send(MOON_LAN, new InetSocketAddress(SUN_LAN, 7777), new byte[100]);
            }
            return mark;
        });
    }

    @Test
    void theSoftLimitAsksAndTheHardLimitEnds() throws Exception {
        BlockingQueue<DataPlaneEvent> events = new LinkedBlockingQueue<>();
        moonPlane.listen(events::add);
        SaId toSun = tunnel(KernelTunnel.PLAIN.withLimits(new SaLimits(0, 0, 0, 0, 2, 4)), row("aes128gcm16"), Optional.empty());
        // The kernel looks at what it has counted before it counts a packet: the third finds the soft limit reached, the fifth the hard.
        talk(3);
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo(new DataPlaneEvent.SoftExpire(toSun, REQID));
        assertThat(events.poll(10, TimeUnit.SECONDS)).isInstanceOf(DataPlaneEvent.SoftExpire.class);
        talk(1);
        assertThatThrownBy(() -> talk(1)).isInstanceOf(IOException.class);
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo(new DataPlaneEvent.HardExpire(toSun, REQID));
    }

    @Test
    void anSaThatIsThereAlreadyIsRefusedAndStays() throws Exception {
        SaId toSun = tunnel(KernelTunnel.PLAIN, row("aes128gcm16"), Optional.empty());
        SaKeys others = keysTwice(row("aes128gcm16"), Optional.empty()).getFirst();
        for (Direction direction : List.of(Direction.IN, Direction.OUT)) {
            Outcome outcome = sunPlane.apply(List.of(new Operation.AddSa(KernelTunnel.PLAIN.sa(toSun.spi(), true, direction, others))));
            assertThat(outcome).isInstanceOfSatisfying(
                    Outcome.Refused.class, refused -> assertThat(refused.reason()).contains("File exists"));
        }
        talk(1);
    }

    @Test
    void aReservationThatLapsedIsNoFailure() throws Exception {
        int spi = sunPlane.allocate(new SpiRequest(MOON, SUN, Protocol.ESP, Mode.TUNNEL, REQID));
        SaId id = new SaId(SUN, Protocol.ESP, spi);
        // As if the kernel had let it lapse.
        sun.call(() -> run("ip xfrm state flush"));
        SaKeys keys = keysTwice(row("aes128gcm16"), Optional.empty()).getFirst();
        applied(sunPlane, List.of(new Operation.AddSa(KernelTunnel.PLAIN.sa(spi, true, Direction.IN, keys))));
        assertThat(sunPlane.installed().sas()).extracting(sa -> sa.id()).containsExactly(id);
    }

    @Test
    void anSaCanMakeRoomForItsSuccessorUnderTheSameId() throws Exception {
        SaId toSun = tunnel(KernelTunnel.PLAIN, row("aes128gcm16"), Optional.empty());
        List<SaKeys> fresh = keysTwice(row("aes256gcm16"), Optional.empty());
        applied(sunPlane, List.of(
                new Operation.RemoveSa(toSun), new Operation.AddSa(KernelTunnel.PLAIN.sa(toSun.spi(), true, Direction.IN, fresh.get(0)))));
        applied(moonPlane, List.of(
                new Operation.RemoveSa(toSun), new Operation.AddSa(KernelTunnel.PLAIN.sa(toSun.spi(), true, Direction.OUT, fresh.get(1)))));
        talk(1);
    }

    @Test
    void aFailedListLeavesTheOldTunnelWorking() throws Exception {
        SaId toSun = tunnel(KernelTunnel.PLAIN, row("aes128gcm16"), Optional.empty());
        SaKeys keys = keysTwice(row("aes128gcm16"), Optional.empty()).getFirst();
        int fresh = 0xc1234567;
        Outcome outcome = moonPlane.apply(List.of(
                new Operation.AddSa(KernelTunnel.PLAIN.sa(fresh, true, Direction.OUT, keys)),
                new Operation.AddPolicy(KernelTunnel.PLAIN.policy(Direction.OUT, true, OptionalInt.of(fresh))),
                new Operation.RemoveSa(toSun),
                new Operation.AddSa(KernelTunnel.PLAIN.sa(fresh, true, Direction.OUT, keys))));
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        assertThat(moonPlane.installed().sas()).extracting(sa -> sa.id()).contains(toSun).hasSize(2);
        talk(1);
    }
}
