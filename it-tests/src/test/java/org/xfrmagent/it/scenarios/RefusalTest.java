package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/** What cannot be agreed ends with a reason at both ends, nothing installed, and both daemons well. */
@Tag("netns")
@Tag("lab")
class RefusalTest {
    static List<Pair> pairs() {
        return Scenario.pairs();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aWrongSharedSecret(Pair pair) {
        refused(pair, "refusal of a wrong secret", tunnel -> tunnel.withPsk("another secret than the one the initiator has"),
                "AUTHENTICATION_FAILED", "AUTH_FAILED", "authentication failed");
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void noCommonProposalForTheIkeSa(Pair pair) {
        refused(pair, "refusal of an IKE proposal", tunnel -> tunnel.withIke("aes128-sha256-ecp256"),
                "NO_PROPOSAL_CHOSEN", "NO_PROP", "no proposal");
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void noCommonProposalForTheChild(Pair pair) {
        refused(pair, "refusal of a child's proposal", tunnel -> tunnel.withEsp("aes128-sha256"),
                "NO_PROPOSAL_CHOSEN", "NO_PROP", "no proposal", "no acceptable proposal");
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void selectorsThatDoNotMeet(Pair pair) {
        refused(pair, "refusal of selectors", tunnel -> tunnel.withSubnets("172.30.0.0/16", "172.31.0.0/16"),
                "TS_UNACCEPTABLE", "TS_UNACCEPT");
    }

    /** {@code other} makes sun's view of the tunnel unacceptable; both logs must say one of {@code reasons}. */
    private static void refused(Pair pair, String what, UnaryOperator<Tunnel> other, String... reasons) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Tunnel suns = other.apply(tunnel.reversed());
            Peer sun = pair.sun(sites).start(suns);
            Peer moon = pair.moon(sites).start(tunnel);

            Result up = moon.up(tunnel);

            assertThat(up.status()).as("the command reports the failure: %s", up.all()).isEqualTo(1);
            moon.awaitLog(SOON, reasons);
            sun.awaitLog(SOON, reasons);
            saysWhy(moon, tunnel, reasons);
            saysWhy(sun, suns, reasons);
            installedNothingAndIsWell(moon);
            installedNothingAndIsWell(sun);
            Scenario.met(sites, moon, sun, what);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatDoesNotAnswer(Kind initiator) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Peer moon = sites.with(initiator.on(sites.moon(), Plane.best())).start(tunnel);
            String[] reasons = {"giving up", "gave up", "no answer", "not answer", "timed out", "unreachable", "no response"};

            Result up = moon.up(tunnel);

            assertThat(up.status()).as("the command reports the failure: %s", up.all()).isEqualTo(1);
            moon.awaitLog(SOON, reasons);
            saysWhy(moon, tunnel, reasons);
            installedNothingAndIsWell(moon);
        });
    }

    /** The agent's own promise: one line has both the reason and the peer, and no line the secret. */
    private static void saysWhy(Peer peer, Tunnel tunnel, String... reasons) {
        assertThat(peer.log()).doesNotContain(tunnel.psk());
        if (peer instanceof Agent) {
            assertThat(peer.log().lines())
                    .as("a line of %s that names the peer %s and one of %s", peer.host(), tunnel.remote().name(), List.of(reasons))
                    .anyMatch(line -> line.contains(tunnel.remote().name()) && List.of(reasons).stream()
                            .anyMatch(reason -> line.toLowerCase(Locale.ROOT).contains(reason.toLowerCase(Locale.ROOT))));
        }
    }

    private static void installedNothingAndIsWell(Peer peer) {
        Await.until(peer.host() + " has no SA in its kernel", SOON, () -> peer.host().states().isBlank(), () -> peer.host().states());
        assertThat(peer.answers()).as("%s answers", peer.host()).isTrue();
        assertThat(peer.sas()).allMatch(sa -> sa.children().isEmpty());
    }
}
