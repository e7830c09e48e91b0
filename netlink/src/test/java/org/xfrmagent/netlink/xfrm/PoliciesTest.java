package org.xfrmagent.netlink.xfrm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xfrmagent.netlink.FreshNamespace.ip;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.xfrmagent.netlink.FreshNamespace;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.xfrm.XfrmSelector.Ports;

/** The SPD of the running kernel, inside a namespace. */
@Tag("netns")
@Timeout(60)
@ExtendWith(FreshNamespace.class)
class PoliciesTest {
    private static final InetAddress MOON = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress SUN = InetAddress.ofLiteral("192.0.2.2");
    private static final XfrmSelector SITES =
            XfrmSelector.of(InetAddress.ofLiteral("10.1.0.0"), 16, InetAddress.ofLiteral("10.2.0.0"), 16);
    private static final XfrmPolicy TUNNEL =
            XfrmPolicy.protect(SITES, XfrmDirection.OUT, 383615, XfrmTemplate.tunnel(MOON, SUN, 0xc0000001, XfrmId.ESP, 7));

    private static XfrmPolicy numbered(int number) throws IOException {
        InetAddress network = InetAddress.getByAddress(new byte[] {10, (byte) (number >> 8), (byte) number, 0});
        XfrmSelector selector = XfrmSelector.of(network, 24, InetAddress.ofLiteral("10.200.0.0"), 16);
        return XfrmPolicy.protect(selector, XfrmDirection.OUT, 1000, XfrmTemplate.tunnel(MOON, SUN, 0, XfrmId.ESP, number + 1));
    }

    /** Without what only the kernel knows. */
    private static XfrmPolicy wanted(XfrmPolicy policy) {
        return new XfrmPolicy(
                policy.id(), policy.action(), policy.priority(), 0, policy.flags(), policy.share(), policy.lifetime(), XfrmCounters.NONE,
                policy.templates());
    }

    @Test
    void aPolicyIsAddedFoundUpdatedAndDeleted() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            xfrm.add(TUNNEL);
            XfrmPolicy held = xfrm.get(TUNNEL.id()).orElseThrow();
            assertThat(wanted(held)).isEqualTo(TUNNEL);
            assertThat(held.index()).isNotZero();
            assertThat(held.counters().addTime()).isNotZero();
            assertThat(ip("xfrm policy")).contains("src 10.1.0.0/16 dst 10.2.0.0/16").contains("spi 0xc0000001 reqid 7 mode tunnel");

            XfrmPolicy blocked = XfrmPolicy.block(SITES, XfrmDirection.OUT, 1);
            xfrm.update(blocked);
            assertThat(xfrm.policies()).extracting(PoliciesTest::wanted).containsExactly(blocked);

            xfrm.delete(TUNNEL.id());
            assertThat(xfrm.get(TUNNEL.id())).isEmpty();
            assertThat(xfrm.policies()).isEmpty();
        }
    }

    @Test
    void everyKindOfPolicyComesBackAsItWent() throws IOException {
        XfrmSelector six = XfrmSelector.of(InetAddress.ofLiteral("2001:db8:1::"), 48, InetAddress.ofLiteral("::"), 0);
        List<XfrmPolicy> all = List.of(
                TUNNEL,
                XfrmPolicy.bypass(SITES.withProtocol(6, Ports.ANY, Ports.one(22)), XfrmDirection.IN, 3),
                XfrmPolicy.block(SITES.withProtocol(17, new Ports(0x1000, 0xf000), Ports.ANY), XfrmDirection.FORWARD, 4),
                XfrmPolicy.block(SITES.withProtocol(1, Ports.one(8), Ports.one(0)), XfrmDirection.IN, 5),
                XfrmPolicy.protect(
                        six, XfrmDirection.OUT, 6, XfrmTemplate.transport(AddressFamily.INET6, 0, XfrmId.AH, 9).withOptional(true)),
                XfrmPolicy.of(
                        new XfrmPolicy.Id(
                                six, XfrmDirection.OUT, Optional.of(new XfrmMark(0x2a, 0xff)), 0x17, XfrmPolicy.Type.MAIN),
                        XfrmPolicy.Action.ALLOW,
                        7,
                        List.of(XfrmTemplate.tunnel(MOON, SUN, 0, XfrmId.ESP, 10))));
        try (Xfrm xfrm = Xfrm.open()) {
            assertThat(xfrm.batch(all.stream().map(XfrmChange.AddPolicy::new).toList())).isEmpty();
            assertThat(xfrm.policies()).extracting(PoliciesTest::wanted).containsExactlyInAnyOrderElementsOf(all);
            for (XfrmPolicy each : all) {
                assertThat(xfrm.get(each.id())).map(PoliciesTest::wanted).contains(each);
                xfrm.delete(each.id());
            }
            assertThat(xfrm.policies()).isEmpty();
        }
    }

    @Test
    void aThousandPoliciesInBatchesAndTheRefusedOnesAreNamed() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            List<XfrmChange> changes = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                changes.add(new XfrmChange.AddPolicy(numbered(i)));
            }
            // The last of a part (64th), and one in its middle: both exist already when their turn comes.
            changes.set(127, changes.get(3));
            changes.set(500, changes.get(4));
            List<NetlinkSocket.Failure> failures = xfrm.batch(changes);
            assertThat(failures).extracting(NetlinkSocket.Failure::index).containsExactly(127, 500);
            assertThat(failures.getFirst().error())
                    .hasMessageStartingWith("add policy out 10.0.3.0/24 -> 10.200.0.0/16: File exists (EEXIST)");
            assertThat(xfrm.spdInfo().out()).isEqualTo(998);
            assertThat(xfrm.policies()).hasSize(998);
            xfrm.flushPolicies();
            assertThat(xfrm.policies()).isEmpty();
            xfrm.flushPolicies();
        }
    }

    @Test
    void aRefusalNamesTheRequestTheErrorAndTheKernelsReason() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            assertThatThrownBy(() -> xfrm.delete(TUNNEL.id()))
                    .isInstanceOf(NetlinkException.class)
                    .hasMessageStartingWith("delete policy out 10.1.0.0/16 -> 10.2.0.0/16: No such file or directory (ENOENT)");
            XfrmTemplate compression = XfrmTemplate.tunnel(MOON, SUN, 0, 99, 7);
            assertThatThrownBy(() -> xfrm.add(XfrmPolicy.protect(SITES, XfrmDirection.OUT, 1, compression)))
                    .isInstanceOfSatisfying(NetlinkException.class, refused -> {
                        assertThat(refused.errno()).isEqualTo(Errno.EINVAL);
                        assertThat(refused.explanation()).contains("XFRM proto");
                    });
        }
    }

    @Test
    void theDefaultForPacketsWithoutAPolicyIsSetAndRead() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            assertThat(xfrm.defaults()).isEqualTo(Xfrm.Defaults.ALLOW);
            Xfrm.Defaults closed =
                    new Xfrm.Defaults(XfrmPolicy.Action.BLOCK, XfrmPolicy.Action.BLOCK, XfrmPolicy.Action.ALLOW);
            xfrm.setDefaults(closed);
            assertThat(xfrm.defaults()).isEqualTo(closed);
            assertThat(ip("xfrm policy getdefault")).contains("in:  block").contains("out: accept");
        }
    }

    @Test
    void anEmptyKernelCountsNothing() throws IOException {
        try (Xfrm xfrm = Xfrm.open()) {
            assertThat(xfrm.sadInfo().states()).isZero();
            assertThat(xfrm.spdInfo().in()).isZero();
            assertThat(xfrm.spdInfo().buckets()).isPositive();
            assertThat(xfrm.states()).isEmpty();
            assertThat(xfrm.get(new XfrmId(SUN, 1, XfrmId.ESP), Optional.empty())).isEmpty();
            assertThat(xfrm.usage(new XfrmId(SUN, 1, XfrmId.ESP), Optional.empty())).isEmpty();
        }
    }

    @Test
    void theProbeForDirectionsAgreesWithTheKernelsVersion() throws IOException {
        String[] version = System.getProperty("os.version").split("[^0-9]", 3);
        int number = Integer.parseInt(version[0]) * 1000 + Integer.parseInt(version[1]);
        try (Xfrm xfrm = Xfrm.open()) {
            assertThat(xfrm.knowsDirections()).isEqualTo(number >= 6010);
        }
    }

    @Test
    void eventsTellOfDeletedFlushedAndExpiredPolicies() throws IOException {
        try (Xfrm xfrm = Xfrm.open();
                XfrmEvents events = XfrmEvents.open(0, Set.of(XfrmEvent.Group.POLICY, XfrmEvent.Group.EXPIRE))) {
            xfrm.add(TUNNEL);
            xfrm.delete(TUNNEL.id());
            xfrm.add(TUNNEL);
            xfrm.flushPolicies();
            XfrmPolicy brief = new XfrmPolicy(
                    TUNNEL.id(), TUNNEL.action(), 1, 0, 0, 0, XfrmLifetime.seconds(0, 1), XfrmCounters.NONE, TUNNEL.templates());
            xfrm.add(brief);
            List<XfrmEvent> seen = new ArrayList<>();
            while (seen.size() < 3) {
                events.receive().stream().filter(event -> !(event instanceof XfrmEvent.PolicyPut)).forEach(seen::add);
            }
            assertThat(seen.get(0)).isEqualTo(new XfrmEvent.PolicyDeleted(TUNNEL.id()));
            assertThat(seen.get(1)).isEqualTo(new XfrmEvent.PoliciesFlushed());
            assertThat(seen.get(2)).isInstanceOfSatisfying(XfrmEvent.PolicyExpire.class, expired -> {
                assertThat(expired.hard()).isTrue();
                assertThat(wanted(expired.policy())).isEqualTo(brief);
            });
        }
    }

    @Test
    void aListenerThatDoesNotKeepUpIsToldThatEventsWereLost() throws IOException {
        try (Xfrm xfrm = Xfrm.open();
                XfrmEvents events = XfrmEvents.open(4096, EnumSet.of(XfrmEvent.Group.POLICY))) {
            for (int i = 0; i < 100; i++) {
                xfrm.add(numbered(i));
                xfrm.delete(numbered(i).id());
            }
            List<XfrmEvent> seen = new ArrayList<>();
            while (!seen.contains(new XfrmEvent.EventsLost())) {
                seen.addAll(events.receive());
            }
            while (!events.receive(0).isEmpty()) {
                // what still waited
            }
            xfrm.add(TUNNEL);
            xfrm.delete(TUNNEL.id());
            assertThat(events.receive()).first().isInstanceOfSatisfying(XfrmEvent.PolicyPut.class, put ->
                    assertThat(wanted(put.policy())).isEqualTo(TUNNEL));
            assertThat(events.receive()).containsExactly(new XfrmEvent.PolicyDeleted(TUNNEL.id()));
        }
    }

    @Test
    void whatGoesThroughOnesOwnSocketIsNotTold() throws IOException {
        try (Xfrm own = Xfrm.open();
                Xfrm other = Xfrm.open();
                XfrmEvents events = XfrmEvents.open(0, EnumSet.of(XfrmEvent.Group.POLICY, XfrmEvent.Group.SA), own)) {
            own.add(TUNNEL);
            own.delete(TUNNEL.id());
            own.add(TUNNEL);
            own.flushPolicies();
            own.add(TUNNEL);
            other.flushPolicies();
            assertThat(events.receive()).containsExactly(new XfrmEvent.PoliciesFlushed());
            assertThat(events.receive(0)).isEmpty();
        }
    }

    @Test
    void aPolicyDeletedByItsIndexIsToldByItsSelectors() throws Exception {
        try (Xfrm xfrm = Xfrm.open();
                XfrmEvents events = XfrmEvents.open(0, EnumSet.of(XfrmEvent.Group.POLICY), xfrm)) {
            xfrm.add(TUNNEL);
            assertThat(new ProcessBuilder("ip", "xfrm", "policy", "deleteall").start().waitFor()).isZero();
            assertThat(events.receive()).containsExactly(new XfrmEvent.PolicyDeleted(TUNNEL.id()));
        }
    }

    @Test
    void closingEndsAListener() throws IOException {
        XfrmEvents events = XfrmEvents.open(0, EnumSet.allOf(XfrmEvent.Group.class));
        CompletableFuture<List<XfrmEvent>> reader = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return events.receive();
                    } catch (IOException ended) {
                        throw new CompletionException(ended);
                    }
                },
                work -> Thread.ofPlatform().start(work));
        events.close();
        assertThat(reader)
                .failsWithin(5, TimeUnit.SECONDS)
                .withThrowableOfType(Exception.class)
                .withCauseInstanceOf(ClosedChannelException.class);
    }
}
