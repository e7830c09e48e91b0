package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/**
 * One thing that the two ends of a tunnel want differently.
 *
 * @param number the last octet of moon's address for it; sun's is 10 more
 * @param what as the table of what was run with whom calls it
 * @param other what sun has instead
 * @param reasons both logs must say one of them
 */
record Dispute(String kind, int number, String what, UnaryOperator<Tunnel> other, List<String> reasons) {
    static final Dispute ESP = new Dispute("esp", 12, "refusal of a child's proposal", tunnel -> tunnel.withEsp("aes128-sha256"),
            List.of("NO_PROPOSAL_CHOSEN", "NO_PROP", "no proposal", "no acceptable proposal"));

    static final List<Dispute> ALL = List.of(
            new Dispute("secret", 10, "refusal of a wrong secret", tunnel -> tunnel.withPsk("another secret than the one the initiator has"),
                    List.of("AUTHENTICATION_FAILED", "AUTH_FAILED", "authentication failed")),
            new Dispute("ike", 11, "refusal of an IKE proposal", tunnel -> tunnel.withIke("aes128-sha256-ecp256"),
                    List.of("NO_PROPOSAL_CHOSEN", "NO_PROP", "no proposal")),
            ESP,
            new Dispute("ts", 13, "refusal of selectors", tunnel -> tunnel.withSubnets("172.30.0.0/16", "172.31.0.0/16"),
                    List.of("TS_UNACCEPTABLE", "TS_UNACCEPT")));

    /** A tunnel with gateways, names and networks of its own on the two hosts of {@code sites}, as moon has it. */
    Tunnel moons(TwoSites sites) {
        Tunnel tunnel = sites.tunnel().sibling(kind, "192.0.2." + number, "192.0.2." + (10 + number),
                "10.3." + number + ".0/24", "10.4." + number + ".0/24");
        sites.moon().run("ip", "address", "add", tunnel.local().address() + "/24", "dev", "sun").orFail();
        sites.sun().run("ip", "address", "add", tunnel.remote().address() + "/24", "dev", "moon").orFail();
        return tunnel;
    }

    /** What sun has where moon has {@code tunnel}. */
    Tunnel suns(Tunnel tunnel) {
        return other.apply(tunnel.reversed());
    }

    /** moon asks for {@code tunnel}: it ends with a reason at both ends, nothing installed, and both daemons well. Neither has a tunnel else. */
    void endsWithAReason(TwoSites sites, Peer moon, Peer sun, Tunnel tunnel) {
        int moonsLog = moon.log().length();
        int sunsLog = sun.log().length();

        Result up = moon.up(tunnel);

        assertThat(up.status()).as("%s: the command reports the failure: %s", kind, up.all()).isEqualTo(1);
        saysWhy(moon, moonsLog, tunnel, reasons);
        saysWhy(sun, sunsLog, suns(tunnel), reasons);
        installedNothingAndIsWell(moon);
        installedNothingAndIsWell(sun);
        Scenario.met(sites, moon, sun, what);
    }

    /**
     * Since its log had {@code from} letters, it has said one of the reasons. The agent's own promise: one line has both the reason and
     * the peer, and no line the secret.
     */
    static void saysWhy(Peer peer, int from, Tunnel tunnel, List<String> reasons) {
        Await.until("%s says of %s one of %s".formatted(peer.host(), tunnel.remote().name(), reasons), SOON,
                () -> peer.log().substring(from).lines()
                        .filter(line -> !(peer instanceof Agent) || line.contains(tunnel.remote().name()))
                        .map(line -> line.toLowerCase(Locale.ROOT))
                        .anyMatch(line -> reasons.stream().anyMatch(reason -> line.contains(reason.toLowerCase(Locale.ROOT)))),
                peer::log);
        assertThat(peer.log()).doesNotContain(tunnel.psk());
    }

    static void installedNothingAndIsWell(Peer peer) {
        peer.host().awaitNoStates(SOON);
        assertThat(peer.answers()).as("%s answers", peer.host()).isTrue();
        assertThat(peer.sas()).allMatch(sa -> sa.children().isEmpty());
    }
}
