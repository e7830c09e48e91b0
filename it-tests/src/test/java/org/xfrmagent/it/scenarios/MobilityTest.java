package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
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

    static List<Pair> pairs() {
        return Scenario.pairs();
    }

    /** Those where the agent is the one that has to follow. */
    static List<Pair> withAgentAsResponder() {
        return Scenario.pairs().stream().filter(pair -> pair.responder() == Kind.AGENT).toList();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aFlowSurvivesTheInitiatorsMoveToAnotherAddress(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withLocalAnywhere();
            Peer sun = pair.sun(sites).start(sites.tunnel().reversed().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(2).orFail();
            IkeSa.Child before = moon.child(tunnel);
            Capture wire = sites.eavesdrop();
            Running flow = sites.alice().start("ping", "-n", "-i", "0.02", "-W", "5", sites.addresses().bob());
            flow.awaitOutput("bytes from", SOON);

            sites.moon().shell("""
                    ip addr del 192.0.2.1/24 dev sun
                    ip addr add %1$s/24 dev sun
                    ip route replace default via 192.0.2.2""".formatted(LATER));
            sites.sun().shell("ip route replace default via " + LATER);

            Await.until("both ends are at the new address", SOON, () -> isAt(moon, "local-host") && isAt(sun, "remote-host"), () -> sites.lab().report());
            int answered = flow.lines().size();
            Await.until("the flow goes on", SOON, () -> flow.lines().size() > answered + 20, flow::output);
            flow.stop(SOON);
            assertThat(moon.sas()).hasSize(1);
            Capture.Wire seen = wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            if (!rekeysInsteadOfMoving(pair)) {
                assertThat(moon.child(tunnel).spiOut()).isEqualTo(before.spiOut());
                assertThat(moon.child(tunnel).spiIn()).isEqualTo(before.spiIn());
                assertGoesOn(seen.espFrom(sites.addresses().moon()), seen.espFrom(LATER));
                assertThat(seen.espFrom(sites.addresses().sun())).extracting(Content.Esp::sequence).doesNotHaveDuplicates();
            }
            System.err.println(pair + ": lost in the move " + lost(flow));
        });
    }

    /** strongSwan's userspace plane cannot move an SA: it makes a fresh one at the new address. */
    private static boolean rekeysInsteadOfMoving(Pair pair) {
        return pair.plane() == Plane.USERSPACE && (pair.initiator() == Kind.STRONGSWAN || pair.responder() == Kind.STRONGSWAN);
    }

    private static boolean isAt(Peer peer, String end) {
        return peer.sas().stream().anyMatch(sa -> LATER.equals(sa.values().get(end)));
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

    private static String lost(Running flow) {
        return flow.lines().stream().filter(line -> line.contains("packet loss")).findFirst().orElse("?");
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
            Running flow = sites.alice().start("ping", "-n", "-i", "0.1", "-W", "5", sites.addresses().bob());
            flow.awaitOutput("bytes from", SOON);

            sites.wire().a().shell("""
                    ip addr del 192.0.2.1/24 dev sun
                    ip addr add %1$s/24 dev sun""".formatted(LATER));
            sites.sun().shell("ip route replace default via " + LATER);

            Await.until("sun follows", SOON, () -> isAt(sun, "remote-host"), () -> sites.lab().report());
            int answered = flow.lines().size();
            Await.until("the flow goes on", SOON, () -> flow.lines().size() > answered + 10, flow::output);
            flow.stop(SOON);
            assertThat(moon.child(tunnel).spiOut()).isEqualTo(before.spiOut());
        });
    }
}
