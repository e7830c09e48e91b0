package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.linux.Datagram;
import org.xfrmagent.netlink.linux.RawSocket;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmAlgorithm;
import org.xfrmagent.netlink.xfrm.XfrmId;
import org.xfrmagent.netlink.xfrm.XfrmKey;
import org.xfrmagent.netlink.xfrm.XfrmMode;
import org.xfrmagent.netlink.xfrm.XfrmReplay;
import org.xfrmagent.netlink.xfrm.XfrmState;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * A kernel with ESP on one side, this path's ways in and out on the other: they agree about every sequence number and every window,
 * also where the low half of extended numbers wraps.
 *
 * <pre>
 *   moon, the kernel: 10.1.0.1 192.0.2.1 ---- veth ---- 192.0.2.2 10.2.0.1: sun, this path
 * </pre>
 */
@Tag("lab")
class SequenceNumbersLabTest {
    private static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();
    private static final InetAddress SUN = Ip.parse("192.0.2.2").orElseThrow();
    private static final InetAddress MOON_LAN = Ip.parse("10.1.0.1").orElseThrow();
    private static final InetAddress SUN_LAN = Ip.parse("10.2.0.1").orElseThrow();
    private static final SelectorPair TO_SUN = new SelectorPair(
            TrafficSelector.of(AddressRange.parse("10.1.0.0/16")), TrafficSelector.of(AddressRange.parse("10.2.0.0/16")));
    private static final int REQID = 3;
    private static final int PORT = 7777;
    private static final int PACKETS = 60;
    private static final int ESP = 50;
    private static final int ANYTHING = 255;

    private final Spd spd = new Spd();
    private final Sad sad = new Sad();
    private final DropCounters drops = new DropCounters();
    private final Inbound inbound = new Inbound(spd, sad, drops, event -> {}, sa -> {}, System::nanoTime);
    private final Outbound outbound =
            new Outbound(spd, sad, new ReentrantLock(), new PathMtu(System::nanoTime), drops, event -> {}, sa -> {}, System::nanoTime);
    private Namespaces hosts;
    private Xfrm kernel;
    private boolean directions;

    @BeforeEach
    void connect() throws IOException {
        hosts = new Namespaces("moon", "sun");
        hosts.link("moon", "wan", "sun", "wan");
        hosts.in("moon", "ip addr add 192.0.2.1/24 dev wan");
        hosts.in("sun", "ip addr add 192.0.2.2/24 dev wan");
        hosts.in("moon", "ip addr add 10.1.0.1/32 dev lo");
        hosts.in("moon", "ip route add 10.2.0.0/16 via 192.0.2.2 src 10.1.0.1");
        for (String way : List.of(
                "dir out src 10.1.0.0/16 dst 10.2.0.0/16 tmpl src 192.0.2.1 dst 192.0.2.2",
                "dir in src 10.2.0.0/16 dst 10.1.0.0/16 tmpl src 192.0.2.2 dst 192.0.2.1")) {
            hosts.in("moon", "ip xfrm policy add " + way + " proto esp reqid 3 mode tunnel");
        }
        kernel = hosts.call("moon", Xfrm::open);
        directions = kernel.knowsDirections();
    }

    @AfterEach
    void disconnect() throws IOException {
        kernel.close();
        hosts.close();
    }

    private static byte[] key() {
        byte[] key = new byte[20];
        new Random(7).nextBytes(key);
        return key;
    }

    /** The kernel's SA, after {@code before} packets. */
    private XfrmId inKernel(boolean out, int window, boolean esn, long before) throws IOException {
        XfrmId id = new XfrmId(out ? SUN : MOON, out ? 0xc0000001 : 0xc0000002, XfrmId.ESP);
        // See KernelStates: an outbound SA has no window, but older kernels refuse extended numbers without one.
        int kept = out ? esn && !directions ? 1 : 0 : window;
        XfrmState.Builder state = XfrmState.builder(id, out ? MOON : SUN, XfrmMode.TUNNEL)
                .requestId(REQID)
                .flags(XfrmState.AF_UNSPEC)
                .algorithms(new XfrmAlgorithm.Aead("rfc4106(gcm(aes))", XfrmKey.take(key()), 128))
                .replay(new XfrmReplay(esn, kept, out ? before : 0, out ? 0 : before, List.of()));
        if (directions) {
            state.flow(out ? XfrmState.Flow.OUT : XfrmState.Flow.IN);
        }
        kernel.add(state.build());
        return id;
    }

    /** This path's SA, after {@code before} packets. */
    private Sa here(Direction direction, int window, boolean esn, long before) {
        boolean in = direction == Direction.IN;
        SaSpec spec = new SaSpec(
                new SaId(in ? SUN : MOON, Protocol.ESP, in ? 0xc0000001 : 0xc0000002), in ? MOON : SUN, direction, Mode.TUNNEL, REQID,
                new SaKeys.Aead(Algorithms.byKeyword("aes128gcm16").orElseThrow(), Secret.take(key())), Optional.empty(), window, esn,
                SaLimits.NONE, Optional.empty(), OptionalInt.empty());
        Sa sa = new Sa(spec, System.nanoTime());
        sad.add(sa);
        PolicySpec.Endpoints ends = in ? new PolicySpec.Endpoints(MOON, SUN) : new PolicySpec.Endpoints(SUN, MOON);
        spd.change(new Spd.Change(List.of(), List.of(new PolicySpec(
                direction, in ? TO_SUN : TO_SUN.reversed(), 1,
                new PolicySpec.Protect(Optional.of(ends), Protocol.ESP, REQID, OptionalInt.empty()), OptionalInt.empty()))));
        if (in && before > 0) {
            assertThat(sa.replay().accept(before)).isTrue();
        } else if (!in) {
            sa.sequenceAt(before);
        }
        return sa;
    }

    @ParameterizedTest
    @CsvSource({
        "32, false, 0", "1024, false, 0", "4096, false, 0xffffff00", "32, true, 0", "64, true, 0xfffffff0", "1024, true, 0xfffffff0",
        "4096, true, 0xffffffff", "4096, true, 0x3fffffff0"
    })
    void whatTheKernelSendsIsTakenOnceInAnyOrder(int window, boolean esn, String hex) throws Exception {
        long before = Long.decode(hex);
        try (RawSocket wire = hosts.call("sun", () -> RawSocket.open(SUN, ESP, new RawSocket.Options(true, 0, 1 << 20, 0, true)));
                DatagramSocket sender = hosts.call("moon", () -> new DatagramSocket(new InetSocketAddress(MOON_LAN, 0)))) {
            inKernel(true, window, esn, before);
            Sa sa = here(Direction.IN, window, esn, before);
            List<byte[]> packets = new ArrayList<>();
            for (int i = 0; i < PACKETS; i++) {
                sender.send(new DatagramPacket(new byte[20], 20, SUN_LAN, PORT));
            }
            while (packets.size() < PACKETS) {
                List<Datagram> some = wire.receive(10_000);
                assertThat(some).as("after %d packets", packets.size()).isNotEmpty();
                some.forEach(datagram -> packets.add(datagram.data()));
            }
            Collections.shuffle(packets.subList(0, Math.min(window, PACKETS) / 2), new Random(1));
            for (byte[] packet : packets) {
                assertThat(taken(packet.clone())).as("%d %s", window, drops.nonZero()).isEqualTo(1);
            }
            assertThat(sa.replay().top()).isEqualTo(before + PACKETS);
            for (byte[] packet : packets) {
                assertThat(taken(packet.clone())).isZero();
            }
            assertThat(drops.nonZero()).isEqualTo(refused(window, esn));
        }
    }

    /**
     * Of packets that came before, those within the window are known as such. What is older than the window has, by its 32 bits, the
     * number of a packet yet to come where numbers are extended (RFC 4304, section 2.2), and does not verify under it.
     */
    private static Map<DropReason, Long> refused(int window, boolean esn) {
        long known = Math.min(window, PACKETS);
        return esn && known < PACKETS
                ? Map.of(DropReason.REPLAY, known, DropReason.NOT_AUTHENTIC, PACKETS - known)
                : Map.of(DropReason.REPLAY, (long) PACKETS);
    }

    private int taken(byte[] outer) {
        Departures departures = new Departures();
        inbound.esp(new Inbound.Arrival(MOON, SUN, Optional.empty(), OptionalInt.of(outer[1])), outer, 20, outer.length - 20, departures);
        return departures.inner.size();
    }

    @ParameterizedTest
    @CsvSource({
        "32, false, 0", "1024, false, 0", "4096, false, 0xffffff00", "32, true, 0", "64, true, 0xfffffff0", "1024, true, 0xfffffff0",
        "4096, true, 0xffffffff", "4096, true, 0x3fffffff0"
    })
    void whatIsSentFromHereTheKernelTakesOnceInAnyOrder(int window, boolean esn, String hex) throws Exception {
        long before = Long.decode(hex);
        try (RawSocket wire = hosts.call("sun", () -> RawSocket.open(SUN, ANYTHING, RawSocket.Options.BYPASS));
                DatagramSocket receiver = hosts.call("moon", () -> new DatagramSocket(new InetSocketAddress(MOON_LAN, PORT)))) {
            XfrmId id = inKernel(false, window, esn, before);
            here(Direction.OUT, window, esn, before);
            Departures departures = new Departures();
            for (int i = 0; i < PACKETS; i++) {
                outbound.process(Packets.udp("10.2.0.1", "10.1.0.1", i + 1, PORT), departures);
            }
            List<byte[]> packets = new ArrayList<>(departures.ipv4.stream().map(outgoing -> outgoing.data()).toList());
            assertThat(packets).as("%s", drops.nonZero()).hasSize(PACKETS);
            Collections.shuffle(packets.subList(0, Math.min(window, PACKETS) / 2), new Random(1));
            for (byte[] packet : packets) {
                wire.send(SUN, MOON, packet);
            }
            assertThat(received(receiver)).isEqualTo(PACKETS);
            for (byte[] packet : packets) {
                wire.send(SUN, MOON, packet);
            }
            // The kernel counts by themselves those that are older than the window.
            XfrmState state = awaitReplays(id, Math.min(window, PACKETS));
            assertThat(state.replay().inbound()).isEqualTo(before + PACKETS);
            assertThat(state.replay().window()).isEqualTo(window);
            receiver.setSoTimeout(1);
            assertThat(received(receiver)).isZero();
        }
    }

    private XfrmState awaitReplays(XfrmId id, int known) throws IOException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (true) {
            XfrmState state = kernel.get(id, Optional.empty()).orElseThrow();
            if (state.stats().replayed() >= known || System.nanoTime() > deadline) {
                assertThat(state.stats().replayed()).isEqualTo(known);
                return state;
            }
            Thread.onSpinWait();
        }
    }

    private static int received(DatagramSocket socket) throws IOException {
        if (socket.getSoTimeout() == 0) {
            socket.setSoTimeout(10_000);
        }
        for (int count = 0; ; count++) {
            if (count == PACKETS) {
                return count;
            }
            try {
                socket.receive(new DatagramPacket(new byte[100], 100));
            } catch (SocketTimeoutException none) {
                return count;
            }
        }
    }
}
