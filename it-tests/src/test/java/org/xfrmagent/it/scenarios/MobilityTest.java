package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/** Tunnels whose ends move, by themselves (RFC 4555) or by a NAT's doing (RFC 7296, section 2.23): they stay, and so do their SAs. */
@Tag("netns")
@Tag("lab")
class MobilityTest {
    /** Where moon moves to. */
    private static final String LATER = "192.0.2.11";

    private static final int PINGS_PER_SECOND = 50;

    /** Those with an agent: the control, strongSwan with itself, has been seen to pass, and is slow. */
    static List<Pair> pairs() {
        return Scenario.pairs().stream().filter(pair -> pair.initiator() == Kind.AGENT || pair.responder() == Kind.AGENT).toList();
    }

    /** Those where the agent is the one that has to follow. */
    static List<Pair> withAgentAsResponder() {
        return Scenario.pairs().stream().filter(pair -> pair.responder() == Kind.AGENT).toList();
    }

    /**
     * moon's address is pulled, as a DHCP client does that has got another. Then moon goes from the cable to a network behind a NAT, where
     * sun is known by another address too, and back.
     *
     * <pre>
     *              moon 192.0.2.1, then .11 ════════════════ 192.0.2.2 sun
     *                   172.16.0.2 ── router 198.51.100.1 ══ 198.51.100.2
     * </pre>
     */
    @ParameterizedTest
    @MethodSource("pairs")
    void aFlowSurvivesTheInitiatorsMoves(Pair pair) {
        Scenario.play(TwoSites::twoWays, sites -> {
            Tunnel tunnel = sites.tunnel().withLocalAnywhere();
            Peer sun = pair.sun(sites).start(sites.tunnel().reversed().withLocalAnywhere().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(2).orFail();
            IkeSa.Child before = moon.child(tunnel);
            Capture wire = sites.eavesdrop();
            Running flow = sites.pinging(PINGS_PER_SECOND);
            flow.awaitOutput("bytes from", SOON);

            sites.moon().shell("""
                    ip -batch - <<'END'
                    addr del 192.0.2.1/24 dev sun
                    addr add %1$s/24 dev sun
                    route replace default via 192.0.2.2
                    END""".formatted(LATER));
            sites.sun().shell("ip route replace default via " + LATER);
            awaitMoved("to another address", sites, () -> isAtHome(moon, LATER) && isAbroad(sun, LATER));
            goesOn(sites, flow);
            Capture.Wire seen = wire.soFar();
            if (!rekeysInsteadOfMoving(pair)) {
                assertSameSas(before, moon.child(tunnel));
                assertGoesOn(seen.espFrom(sites.addresses().moon()), seen.espFrom(LATER));
                assertThat(seen.espFrom(sites.addresses().sun())).extracting(Content.Esp::sequence).doesNotHaveDuplicates();
            }

            sites.sun().shell("ip route replace default via 198.51.100.1");
            sites.moon().shell("ip link set dev sun down");
            awaitMoved("behind the NAT", sites, () -> isAtHome(moon, "172.16.0.2") && isAbroad(sun, "198.51.100.1"));
            goesOn(sites, flow);
            assertThat(moon.child(tunnel).encap()).isTrue();
            assertThat(sun.child(tunnel).encap()).isTrue();

            sites.moon().shell("ip link set dev sun up; ip route replace default via 192.0.2.2");
            sites.sun().shell("ip route replace default via " + LATER);
            sites.moon().shell("ip link set dev router down");
            awaitMoved("into the open again", sites, () -> isAtHome(moon, LATER) && isAbroad(sun, LATER));
            goesOn(sites, flow);
            if (pair.plane() == Plane.KERNEL) {
                assertThat(moon.child(tunnel).encap()).isFalse();
                assertThat(sun.child(tunnel).encap()).isFalse();
            }
            assertThat(moon.sas()).hasSize(1);
            if (!rekeysInsteadOfMoving(pair)) {
                assertSameSas(before, moon.child(tunnel));
            }
            System.err.println(pair + ": " + end(flow));
            // What a gateway says of ESP to an address that is gone.
            wire.stop().withoutErrorsFrom(LATER, "192.0.2.2").onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "MOBIKE: another address, another interface behind a NAT, and back");
        });
    }

    /** The router in front of moon gets another address, and with it every mapping is another. */
    @ParameterizedTest
    @MethodSource("withAgentAsResponder")
    void aNatThatShowsThePeerElsewhereIsFollowed(Pair pair) {
        Scenario.play(TwoSites::behindNat, sites -> {
            Tunnel tunnel = sites.tunnel();
            Peer sun = pair.sun(sites).start(tunnel.reversed().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(2).orFail();
            IkeSa.Child before = moon.child(tunnel);
            Running flow = sites.pinging(PINGS_PER_SECOND);
            flow.awaitOutput("bytes from", SOON);

            sites.wire().a().shell("""
                    ip addr del 192.0.2.1/24 dev sun
                    ip addr add %1$s/24 dev sun""".formatted(LATER));
            sites.sun().shell("ip route replace default via " + LATER);

            Await.until("sun follows", SOON, () -> isAbroad(sun, LATER), () -> sites.lab().report());
            goesOn(sites, flow);
            end(flow);
            assertSameSas(before, moon.child(tunnel));
            Scenario.met(sites, moon, sun, "another mapping of the initiator's NAT");
        });
    }

    /** strongSwan's userspace plane cannot move an SA: it makes a fresh one at the new address. */
    private static boolean rekeysInsteadOfMoving(Pair pair) {
        return pair.plane() == Plane.USERSPACE && (pair.initiator() == Kind.STRONGSWAN || pair.responder() == Kind.STRONGSWAN);
    }

    private static void awaitMoved(String where, TwoSites sites, BooleanSupplier moved) {
        Await.until("both ends have moved " + where, SOON, moved, () -> sites.lab().report());
    }

    private static boolean isAtHome(Peer peer, String local) {
        return peer.sas().stream().anyMatch(sa -> local.equals(sa.values().get("local-host")));
    }

    private static boolean isAbroad(Peer peer, String remote) {
        return peer.sas().stream().anyMatch(sa -> remote.equals(sa.values().get("remote-host")));
    }

    private static void goesOn(TwoSites sites, Running flow) {
        int answered = flow.lines().size();
        Await.until("the flow goes on", SOON, () -> flow.lines().size() > answered + PINGS_PER_SECOND / 2,
                () -> "The flow's last answer: " + flow.lines().getLast() + "\n" + sites.lab().report());
    }

    /** Ends the flow; its own summary. */
    private static String end(Running flow) {
        flow.interrupt();
        flow.awaitExit(SOON);
        return flow.lines().stream().filter(line -> line.contains("packet loss")).findFirst().orElseThrow(() -> new AssertionError(flow.output()));
    }

    private static void assertSameSas(IkeSa.Child before, IkeSa.Child after) {
        assertThat(after.spiOut()).isEqualTo(before.spiOut());
        assertThat(after.spiIn()).isEqualTo(before.spiIn());
    }

    /** The same SA before and after: its numbers go on, and none is used twice. */
    private static void assertGoesOn(List<Content.Esp> before, List<Content.Esp> after) {
        assertThat(before).isNotEmpty();
        assertThat(after).isNotEmpty();
        List<Content.Esp> all = Stream.concat(before.stream(), after.stream()).toList();
        assertThat(all).extracting(Content.Esp::spi).containsOnly(before.getFirst().spi());
        assertThat(all).extracting(Content.Esp::sequence).doesNotHaveDuplicates();
        assertThat(after.getFirst().sequence()).isGreaterThan(before.getLast().sequence());
    }
}
