package org.xfrmagent.netlink.xfrm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.xfrmagent.netlink.FreshNamespace.ip;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.xfrmagent.netlink.FreshNamespace;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.linux.LinuxException;
import org.xfrmagent.netlink.linux.Outgoing;
import org.xfrmagent.netlink.linux.UdpSocket;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.netlink.xfrm.XfrmAlgorithm.Aead;
import org.xfrmagent.netlink.xfrm.XfrmAlgorithm.Auth;
import org.xfrmagent.netlink.xfrm.XfrmAlgorithm.AuthTrunc;
import org.xfrmagent.netlink.xfrm.XfrmAlgorithm.Crypt;

/** The SAD of a kernel that has ESP and AH. */
@Tag("lab")
@Timeout(60)
@ExtendWith(FreshNamespace.class)
class StatesLabTest {
    private static final InetAddress MOON = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress SUN = InetAddress.ofLiteral("192.0.2.2");
    private static final XfrmSelector IPV4 = XfrmSelector.any(AddressFamily.INET);
    private static final XfrmSelector SITES =
            XfrmSelector.of(InetAddress.ofLiteral("10.1.0.0"), 16, InetAddress.ofLiteral("10.2.0.0"), 16);

    private static XfrmKey key(int length) {
        byte[] key = new byte[length];
        for (int i = 0; i < length; i++) {
            key[i] = (byte) (i + 1);
        }
        return XfrmKey.take(key);
    }

    private static XfrmId esp(InetAddress to, int spi) {
        return new XfrmId(to, spi, XfrmId.ESP);
    }

    /** An inbound state of ours: from the peer to us. The selector is the one the kernel puts where it gets none. */
    private static XfrmState.Builder gcm(int spi) {
        return XfrmState.builder(esp(MOON, spi), SUN, XfrmMode.TUNNEL)
                .requestId(7)
                .selector(IPV4)
                .replay(XfrmReplay.window(32))
                .algorithms(new Aead("rfc4106(gcm(aes))", key(20), 128));
    }

    /** Without what only the kernel knows. */
    private static XfrmState wanted(XfrmState state) {
        return state.toBuilder().counters(XfrmCounters.NONE).stats(XfrmState.Stats.NONE).lastUsed(0).build();
    }

    private static XfrmEvent await(XfrmEvents events, Predicate<XfrmEvent> wanted) throws IOException {
        while (true) {
            for (XfrmEvent event : events.receive()) {
                if (wanted.test(event)) {
                    return event;
                }
            }
        }
    }

    @Test
    void aStateIsAddedFoundListedUpdatedAndDeleted() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            XfrmState state = gcm(0xc0000001).build();
            xfrm.add(state);
            XfrmState held = xfrm.get(state.id(), Optional.empty()).orElseThrow();
            assertThat(wanted(held)).isEqualTo(state);
            assertThat(held.counters().addTime()).isNotZero();
            assertThat(ip("xfrm state")).contains("src 192.0.2.2 dst 192.0.2.1").contains("spi 0xc0000001 reqid 7");
            assertThat(xfrm.sadInfo().states()).isEqualTo(1);
            assertThatThrownBy(() -> xfrm.add(state))
                    .isInstanceOf(NetlinkException.class)
                    .hasMessageStartingWith("add TUNNEL state ESP SPI 0xc0000001 to 192.0.2.1 from 192.0.2.2: File exists (EEXIST)");

            XfrmState longer = state.toBuilder().lifetime(XfrmLifetime.seconds(3000, 3600)).build();
            xfrm.update(longer);
            assertThat(xfrm.states()).extracting(StatesLabTest::wanted).containsExactly(longer);

            xfrm.delete(state.id());
            assertThat(xfrm.get(state.id(), Optional.empty())).isEmpty();
            assertThatThrownBy(() -> xfrm.delete(state.id()))
                    .isInstanceOfSatisfying(NetlinkException.class, refused -> assertThat(refused.errno()).isEqualTo(Errno.ESRCH));
        }
    }

    @Test
    void everyKindOfStateComesBackAsItWent() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            boolean directions = xfrm.knowsDirections();
            InetAddress six = InetAddress.ofLiteral("2001:db8::1");
            List<XfrmState> all = new ArrayList<>();
            all.add(XfrmState.builder(esp(SUN, 1000), MOON, XfrmMode.TRANSPORT)
                    .selector(IPV4)
                    .requestId(1)
                    .algorithms(new AuthTrunc("hmac(sha256)", key(32), 128), new Crypt("cbc(aes)", key(32)))
                    .replay(XfrmReplay.extended(128))
                    .build());
            all.add(XfrmState.builder(new XfrmId(SUN, 1001, XfrmId.AH), MOON, XfrmMode.TRANSPORT)
                    .selector(SITES)
                    .algorithms(new AuthTrunc("hmac(sha512)", key(64), 256))
                    .lifetime(new XfrmLifetime(
                            new XfrmLifetime.Limits(1L << 40, 1000, 3000, 100), new XfrmLifetime.Limits(1L << 41, 2000, 3600, 200)))
                    .build());
            all.add(XfrmState.builder(esp(six, 1002), InetAddress.ofLiteral("2001:db8::2"), XfrmMode.TUNNEL)
                    .flags(XfrmState.AF_UNSPEC | XfrmState.DECAP_DSCP)
                    .extraFlags(XfrmState.DONT_ENCAP_DSCP)
                    .algorithms(new Aead("rfc7539esp(chacha20,poly1305)", key(36), 128))
                    .mark(new XfrmMark(0x2a, 0xff))
                    .outputMark(new XfrmMark(7, 15))
                    .interfaceId(0x17)
                    .build());
            all.add(gcm(1003)
                    .encap(new XfrmEncap(XfrmEncap.ESP_IN_UDP, 4500, 4501, AddressFamily.INET.any()))
                    .tfcPadding(1000)
                    .build());
            if (directions) {
                all.add(gcm(1004).flow(XfrmState.Flow.IN).build());
                all.add(XfrmState.builder(esp(SUN, 1005), MOON, XfrmMode.TUNNEL)
                        .selector(IPV4)
                        .algorithms(new Aead("rfc4106(gcm(aes))", key(36), 128))
                        .replay(XfrmReplay.extended(0))
                        .flow(XfrmState.Flow.OUT)
                        .build());
            }
            assertThat(xfrm.batch(all.stream().map(XfrmChange.AddState::new).toList())).isEmpty();
            assertThat(xfrm.states()).extracting(StatesLabTest::wanted).containsExactlyInAnyOrderElementsOf(all);
            for (XfrmState each : all) {
                assertThat(xfrm.get(each.id(), each.mark())).map(StatesLabTest::wanted).contains(each);
            }
            xfrm.flushStates(XfrmId.AH);
            assertThat(xfrm.sadInfo().states()).isEqualTo(all.size() - 1);
            xfrm.flushStates(0);
            assertThat(xfrm.states()).isEmpty();
        }
    }

    @Test
    void theKernelChoosesAnSpiAndTheStateIsFilledInLater() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            SpiRequest wanted = SpiRequest.of(SUN, MOON, XfrmId.ESP, XfrmMode.TUNNEL, 7);
            int first = xfrm.allocateSpi(wanted);
            int second = xfrm.allocateSpi(wanted);
            assertThat(Integer.toUnsignedLong(first)).isBetween(0xc0000000L, 0xcfffffffL);
            assertThat(second).isNotEqualTo(first);
            xfrm.update(gcm(first).build());
            assertThat(wanted(xfrm.get(esp(MOON, first), Optional.empty()).orElseThrow())).isEqualTo(gcm(first).build());
            SpiRequest one = new SpiRequest(SUN, MOON, XfrmId.ESP, XfrmMode.TUNNEL, 8, 0, Optional.empty(), 0, false, 0x1234, 0x1234);
            assertThat(xfrm.allocateSpi(one)).isEqualTo(0x1234);
        }
    }

    @Test
    void sequenceNumbersAndCountersAreReadAndCarriedOver() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            XfrmState state = gcm(0xc0000002).replay(XfrmReplay.extended(64)).build();
            xfrm.add(state);
            XfrmReplay replay = new XfrmReplay(true, 64, 0, 0x1_0000_0042L, List.of(0x7, 0));
            xfrm.setUsage(new XfrmUsage(state.id(), replay, new XfrmCounters(12_345, 67, 0, 0)), Optional.empty());
            XfrmUsage usage = xfrm.usage(state.id(), Optional.empty()).orElseThrow();
            assertThat(usage.id()).isEqualTo(state.id());
            assertThat(usage.replay()).isEqualTo(replay);
            assertThat(usage.counters().bytes()).isEqualTo(12_345);
            assertThat(usage.counters().packets()).isEqualTo(67);
        }
    }

    /** Two states, since a slow guest may reach both limits of one before its timer runs; the kernel then tells the hard one only. */
    @Test
    void aSoftLimitIsToldAndAHardOneDeletes() throws IOException {
        try (Xfrm xfrm = Xfrm.open();
                XfrmEvents events = XfrmEvents.open(0, EnumSet.of(XfrmEvent.Group.EXPIRE, XfrmEvent.Group.SA))) {
            XfrmState warning = gcm(0xc0000003).lifetime(XfrmLifetime.seconds(1, 0)).build();
            xfrm.add(warning);
            assertThat(await(events, XfrmEvent.Expire.class::isInstance)).isInstanceOfSatisfying(XfrmEvent.Expire.class, expire -> {
                assertThat(expire.hard()).isFalse();
                assertThat(expire.state().id()).isEqualTo(warning.id());
                assertThat(expire.state().requestId()).isEqualTo(7);
                assertThat(expire.state().lifetime()).isEqualTo(warning.lifetime());
            });
            assertThat(xfrm.states()).hasSize(1);
            xfrm.delete(warning.id());
            assertThat(await(events, XfrmEvent.StateDeleted.class::isInstance)).isInstanceOfSatisfying(XfrmEvent.StateDeleted.class, deleted -> {
                        assertThat(deleted.id()).isEqualTo(warning.id());
                        assertThat(deleted.replay()).isEqualTo(warning.replay());
                    });

            XfrmState brief = gcm(0xc0000007).lifetime(XfrmLifetime.seconds(0, 1)).build();
            xfrm.add(brief);
            assertThat(await(events, XfrmEvent.Expire.class::isInstance)).isInstanceOfSatisfying(XfrmEvent.Expire.class, expire -> {
                assertThat(expire.hard()).isTrue();
                assertThat(expire.state().id()).isEqualTo(brief.id());
            });
            assertThat(xfrm.states()).isEmpty();
        }
    }

    @Test
    void aPacketThatMatchesAPolicyWithoutStateIsAnAcquire() throws IOException {
        ip("link add v0 type veth peer name v1");
        ip("link set v0 up");
        ip("link set v1 up");
        ip("address add 192.0.2.1/24 dev v0");
        XfrmSelector hosts = XfrmSelector.of(MOON, 32, SUN, 32).withProtocol(17, XfrmSelector.Ports.ANY, XfrmSelector.Ports.ANY);
        XfrmPolicy trap = XfrmPolicy.protect(
                hosts, XfrmDirection.OUT, 384, XfrmTemplate.tunnel(MOON, SUN, 0, XfrmId.ESP, 4711));
        try (Xfrm xfrm = Xfrm.open();
                XfrmEvents events = XfrmEvents.open(0, EnumSet.of(XfrmEvent.Group.ACQUIRE));
                UdpSocket socket = UdpSocket.open(new InetSocketAddress(MOON, 7000), UdpSocket.Options.PLAIN)) {
            xfrm.add(trap);
            try {
                socket.send(Outgoing.of(new InetSocketAddress(SUN, 7001), "wake up".getBytes(UTF_8)));
            } catch (LinuxException held) {
                assertThat(held.errno()).isIn(Errno.EAGAIN, Errno.of(3), Errno.of(66));
            }
            XfrmEvent event = await(events, XfrmEvent.Acquire.class::isInstance);
            assertThat(event).isInstanceOfSatisfying(XfrmEvent.Acquire.class, acquire -> {
                assertThat(acquire.id()).isEqualTo(new XfrmId(SUN, 0, XfrmId.ESP));
                assertThat(acquire.source()).isEqualTo(MOON);
                assertThat(acquire.sequence()).isNotZero();
                assertThat(acquire.policy().id()).isEqualTo(trap.id());
                assertThat(acquire.policy().templates()).isEqualTo(trap.templates());
                assertThat(acquire.packet().source()).isEqualTo(MOON);
                assertThat(acquire.packet().destination()).isEqualTo(SUN);
                assertThat(acquire.packet().destinationPort()).isEqualTo(XfrmSelector.Ports.one(7001));
            });
        }
    }

    @Test
    void espFromANewPortIsAMappingChange() throws IOException {
        ip("link set lo up");
        InetAddress here = InetAddress.ofLiteral("127.0.0.1");
        XfrmState inbound = XfrmState.builder(esp(here, 0xc0000004), here, XfrmMode.TUNNEL)
                .requestId(9)
                .algorithms(new Auth("digest_null", key(0)), new Crypt("ecb(cipher_null)", key(0)))
                .encap(new XfrmEncap(XfrmEncap.ESP_IN_UDP, 4500, 4500, AddressFamily.INET.any()))
                .build();
        try (Xfrm xfrm = Xfrm.open();
                XfrmEvents events = XfrmEvents.open(0, EnumSet.of(XfrmEvent.Group.MAPPING));
                UdpSocket receiver =
                        UdpSocket.open(new InetSocketAddress(here, 4500), UdpSocket.Options.PLAIN.withEspInUdp(true));
                UdpSocket peer = UdpSocket.open(new InetSocketAddress(here, 4777), UdpSocket.Options.PLAIN)) {
            xfrm.add(inbound);
            // SPI, sequence number 1, an IPv4 header of nonsense, no padding, next header IPv4
            byte[] packet = HexFormat.of().parseHex("c0000004" + "00000001" + "45" + "00".repeat(19) + "0102" + "0204");
            peer.send(Outgoing.of(receiver.localAddress(), packet));
            XfrmEvent event = await(events, XfrmEvent.Mapping.class::isInstance);
            assertThat(event).isEqualTo(new XfrmEvent.Mapping(inbound.id(), 9, here, 4500, here, 4777));
        }
    }

    @Test
    void aTunnelMovesToNewAddresses() throws IOException {
        InetAddress venus = InetAddress.ofLiteral("192.0.2.3");
        XfrmPolicy policy =
                XfrmPolicy.protect(SITES, XfrmDirection.IN, 1, XfrmTemplate.tunnel(SUN, MOON, 0, XfrmId.ESP, 7));
        XfrmMigration move = new XfrmMigration(SUN, MOON, venus, MOON, XfrmId.ESP, XfrmMode.TUNNEL, 7);
        try (Xfrm xfrm = Xfrm.open();
                XfrmEvents events = XfrmEvents.open(0, EnumSet.of(XfrmEvent.Group.MIGRATE))) {
            xfrm.add(gcm(0xc0000005).build());
            xfrm.add(policy);
            xfrm.migrate(policy.id(), List.of(move), Optional.empty());
            assertThat(xfrm.states()).extracting(XfrmState::source).containsExactly(venus);
            assertThat(xfrm.policies().getFirst().templates().getFirst().source()).isEqualTo(venus);
            assertThat(await(events, XfrmEvent.Migrate.class::isInstance))
                    .isEqualTo(new XfrmEvent.Migrate(policy.id(), List.of(move)));
        }
    }

    @Test
    void anXfrmInterfaceIsMadeWithItsIdAndItsLowerLink() throws IOException {
        ip("link add v0 type veth peer name v1");
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            int v0 = rtnetlink.links().find("v0").orElseThrow().index();
            try {
                rtnetlink.links().addXfrm("ipsec7", 0x17, v0);
            } catch (NetlinkException refused) {
                assumeFalse(refused.is(Errno.EOPNOTSUPP), "this kernel has no xfrm interface");
                throw refused;
            }
            assertThat(rtnetlink.links().find("ipsec7")).hasValueSatisfying(link -> {
                assertThat(link.kind()).isEqualTo("xfrm");
                assertThat(link.interfaceId()).isEqualTo(0x17);
                assertThat(link.lower()).isEqualTo(v0);
            });
        }
    }

    @Test
    void aStateTheKernelCannotDoIsRefusedWithItsReason() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            XfrmState unknown = gcm(0xc0000006).algorithms(new Aead("rfc9999(none)", key(20), 128)).build();
            assertThatThrownBy(() -> xfrm.add(unknown))
                    .isInstanceOf(NetlinkException.class)
                    .hasMessageStartingWith("add TUNNEL state ESP SPI 0xc0000006 to 192.0.2.1 from 192.0.2.2: ");
        }
    }
}
