package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.ArrayList;
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
class RefusalTest {
    static List<Pair> pairs() {
        return Scenario.pairs();
    }

    /** One thing that the two ends want differently, and what both logs must say of it: one of {@code reasons}. */
    private record Dispute(String kind, String what, UnaryOperator<Tunnel> other, List<String> reasons) {}

    private static final List<Dispute> DISPUTES = List.of(
            new Dispute("secret", "refusal of a wrong secret", tunnel -> tunnel.withPsk("another secret than the one the initiator has"),
                    List.of("AUTHENTICATION_FAILED", "AUTH_FAILED", "authentication failed")),
            new Dispute("ike", "refusal of an IKE proposal", tunnel -> tunnel.withIke("aes128-sha256-ecp256"),
                    List.of("NO_PROPOSAL_CHOSEN", "NO_PROP", "no proposal")),
            new Dispute("esp", "refusal of a child's proposal", tunnel -> tunnel.withEsp("aes128-sha256"),
                    List.of("NO_PROPOSAL_CHOSEN", "NO_PROP", "no proposal", "no acceptable proposal")),
            new Dispute("ts", "refusal of selectors", tunnel -> tunnel.withSubnets("172.30.0.0/16", "172.31.0.0/16"),
                    List.of("TS_UNACCEPTABLE", "TS_UNACCEPT")));

    /** Each dispute has gateways, names and networks of its own, on the same two hosts, so that the daemons are started once. */
    @ParameterizedTest
    @MethodSource("pairs")
    void whatTheEndsWantDifferently(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            List<Tunnel> moons = new ArrayList<>();
            List<Tunnel> suns = new ArrayList<>();
            for (int i = 0; i < DISPUTES.size(); i++) {
                Dispute dispute = DISPUTES.get(i);
                Tunnel tunnel = sites.tunnel().sibling(dispute.kind, "192.0.2." + (10 + i), "192.0.2." + (20 + i), "10.1." + i + ".0/24", "10.2." + i + ".0/24");
                sites.moon().run("ip", "address", "add", tunnel.local().address() + "/24", "dev", "sun").orFail();
                sites.sun().run("ip", "address", "add", tunnel.remote().address() + "/24", "dev", "moon").orFail();
                moons.add(tunnel);
                suns.add(dispute.other.apply(tunnel.reversed()));
            }
            Peer sun = pair.sun(sites).start(suns.toArray(Tunnel[]::new));
            Peer moon = pair.moon(sites).start(moons.toArray(Tunnel[]::new));
            for (int i = 0; i < DISPUTES.size(); i++) {
                refused(sites, moon, sun, moons.get(i), suns.get(i), DISPUTES.get(i));
            }
        });
    }

    private static void refused(TwoSites sites, Peer moon, Peer sun, Tunnel tunnel, Tunnel suns, Dispute dispute) {
        int moonsLog = moon.log().length();
        int sunsLog = sun.log().length();

        Result up = moon.up(tunnel);

        assertThat(up.status()).as("%s: the command reports the failure: %s", dispute.kind, up.all()).isEqualTo(1);
        saysWhy(moon, moonsLog, tunnel, dispute.reasons);
        saysWhy(sun, sunsLog, suns, dispute.reasons);
        installedNothingAndIsWell(moon);
        installedNothingAndIsWell(sun);
        Scenario.met(sites, moon, sun, dispute.what);
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatDoesNotAnswer(Kind initiator) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Peer moon = sites.with(initiator.on(sites.moon(), Plane.best())).start(tunnel);
            List<String> reasons = List.of("giving up", "gave up", "no answer", "not answer", "timed out", "unreachable", "no response");

            Result up = moon.up(tunnel);

            assertThat(up.status()).as("the command reports the failure: %s", up.all()).isEqualTo(1);
            saysWhy(moon, 0, tunnel, reasons);
            installedNothingAndIsWell(moon);
        });
    }

    /**
     * Since its log had {@code from} letters, it has said one of the reasons. The agent's own promise: one line has both the reason and
     * the peer, and no line the secret.
     */
    private static void saysWhy(Peer peer, int from, Tunnel tunnel, List<String> reasons) {
        Await.until("%s says of %s one of %s".formatted(peer.host(), tunnel.remote().name(), reasons), SOON,
                () -> peer.log().substring(from).lines()
                        .filter(line -> !(peer instanceof Agent) || line.contains(tunnel.remote().name()))
                        .map(line -> line.toLowerCase(Locale.ROOT))
                        .anyMatch(line -> reasons.stream().anyMatch(reason -> line.contains(reason.toLowerCase(Locale.ROOT)))),
                peer::log);
        assertThat(peer.log()).doesNotContain(tunnel.psk());
    }

    private static void installedNothingAndIsWell(Peer peer) {
        peer.host().awaitNoStates(SOON);
        assertThat(peer.answers()).as("%s answers", peer.host()).isTrue();
        assertThat(peer.sas()).allMatch(sa -> sa.children().isEmpty());
    }
}
