package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/** What cannot be agreed ends with a reason at both ends, nothing installed, and both daemons well. {@link SiteToSiteTest} looks in the lab. */
@Tag("netns")
class RefusalTest {
    static List<Pair> pairs() {
        return Scenario.pairs();
    }

    /** All disputes are on the same two hosts, so that the daemons are started once. */
    @ParameterizedTest
    @MethodSource("pairs")
    void whatTheEndsWantDifferently(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Map<Dispute, Tunnel> moons = new LinkedHashMap<>();
            Map<Dispute, Tunnel> suns = new LinkedHashMap<>();
            for (Dispute dispute : Dispute.ALL) {
                moons.put(dispute, dispute.moons(sites));
                suns.put(dispute, dispute.suns(moons.get(dispute)));
            }
            Peer sun = pair.sun(sites).start(suns.values().toArray(Tunnel[]::new));
            Peer moon = pair.moon(sites).start(moons.values().toArray(Tunnel[]::new));
            moons.forEach((dispute, tunnel) -> dispute.endsWithAReason(sites, moon, sun, tunnel));
        });
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
            Dispute.saysWhy(moon, 0, tunnel, reasons);
            Dispute.installedNothingAndIsWell(moon);
        });
    }
}
