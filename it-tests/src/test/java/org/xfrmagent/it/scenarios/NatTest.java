package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.netns.Nat;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/** An initiator behind address translation (RFC 7296 section 2.23): everything goes through UDP, to and from the translated port. */
@Tag("netns")
@Tag("lab")
class NatTest {
    /** Longer than any test takes. */
    private static final Duration UNDISTURBED = Duration.ofMinutes(10);

    static List<Pair> pairs() {
        return Scenario.pairs();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void trafficGoesInUdpThroughTheTranslation(Pair pair) {
        Scenario.play(TwoSites::behindNat, sites -> {
            Tunnel tunnel = sites.tunnel();
            Peer sun = pair.sun(sites).start(tunnel.reversed().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            Capture wire = sites.eavesdrop();

            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(4).orFail();

            assertThat(moon.child(tunnel).encap()).isTrue();
            assertThat(sun.child(tunnel).encap()).isTrue();
            Capture.Wire seen = wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            assertThat(seen.espFrom(sites.addresses().moon())).hasSizeGreaterThanOrEqualTo(4).allMatch(Content.Esp::inUdp);
            assertThat(seen.espFrom(sites.addresses().sun())).hasSizeGreaterThanOrEqualTo(4).allMatch(Content.Esp::inUdp);
            Scenario.met(sites, moon, sun, "initiator behind NAT");
        });
    }

    static List<Pair> withAgentAsResponder() {
        return pairs().stream().filter(pair -> pair.responder() == Kind.AGENT).toList();
    }

    /** No IKE message tells it, only ESP from another port: in the kernel, XFRM_MSG_MAPPING. */
    @ParameterizedTest
    @MethodSource("withAgentAsResponder")
    void anotherPortOfTheTranslationIsSeenFromEspAlone(Pair pair) {
        remap(pair, UnaryOperator.identity(), "another port of the initiator's NAT");
    }

    /** RFC 3947, section 4: the same with IKEv1. */
    @ParameterizedTest
    @MethodSource("withAgentAsResponder")
    void anotherPortOfTheTranslationIsSeenFromEspAloneWithIkev1(Pair pair) {
        remap(pair, Tunnel::withIkev1, "IKEv1 main mode, another port of the initiator's NAT");
    }

    private static void remap(Pair pair, UnaryOperator<Tunnel> version, String what) {
        Scenario.play(TwoSites::behindNat, sites -> {
            Tunnel tunnel = version.apply(sites.tunnel().withLiveness(UNDISTURBED));
            Peer sun = pair.sun(sites).start(tunnel.reversed().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            try (Flow flow = Flow.between(sites)) {
                Nat.remap(sites.wire().a(), sites.sun());
                sun.awaitLog(SOON, "the peer's NAT has changed its mapping");
                flow.goesOn();
            }
            Capture wire = sites.eavesdrop();
            sites.ping(2).orFail();
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, what);
        });
    }
}
