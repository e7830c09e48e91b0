package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/** The main thing: traffic between two sites passes, and the wire between them sees only ESP and IKE. */
@Tag("netns")
@Tag("lab")
class SiteToSiteTest {
    private static final long TRANSFERRED = 10 << 20;

    static List<Pair> pairs() {
        return Scenario.pairs();
    }

    /** The control of all others: were there no tunnel, the eavesdropper would see it. */
    @Test
    void withoutATunnelTheWireShowsClearText() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Capture wire = sites.eavesdrop();
            sites.ping(2).orFail();
            Capture.Wire seen = wire.stop();
            assertThat(seen.packets()).anyMatch(packet -> packet.content() instanceof Content.Clear);
            assertThatThrownBy(seen::onlyEspOrIke).isInstanceOf(AssertionError.class);
            assertThatThrownBy(() -> seen.hides(TwoSites.CANARY)).isInstanceOf(AssertionError.class);
        });
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void trafficBetweenTheSitesCrossesTheWireOnlyAsEsp(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Tunnel disputed = Dispute.ESP.moons(sites);
            Peer sun = pair.sun(sites).start(tunnel.reversed(), Dispute.ESP.suns(disputed));
            Peer moon = pair.moon(sites).start(tunnel, disputed);
            Capture wire = sites.eavesdrop();

            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(4).orFail();
            sites.transfer(10);

            IkeSa.Child atMoon = moon.child(tunnel);
            IkeSa.Child atSun = sun.child(tunnel);
            assertThat(atMoon.spiOut()).isEqualTo(atSun.spiIn());
            assertThat(atMoon.spiIn()).isEqualTo(atSun.spiOut());
            assertThat(atMoon.bytesOut()).isGreaterThan(TRANSFERRED);
            assertThat(atSun.bytesIn()).isGreaterThan(TRANSFERRED);
            assertThat(atMoon.packetsIn()).isPositive();

            moon.down(tunnel).orFail();
            sun.awaitDown(tunnel, SOON);
            moon.awaitDown(tunnel, SOON);
            assertThat(sites.moon().states()).isBlank();
            assertThat(sites.sun().states()).isBlank();

            Capture.Wire seen = wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            assertSequence(seen.espFrom(tunnel.local().address()), atMoon.spiOut(), atMoon.packetsOut());
            assertSequence(seen.espFrom(tunnel.remote().address()), atMoon.spiIn(), atSun.packetsOut());
            Scenario.met(sites, moon, sun, "traffic, every packet accounted for");

            // The kernel keeps an SPI for a child until it is installed or given up: what is refused leaves none.
            Dispute.ESP.endsWithAReason(sites, moon, sun, disputed);
        });
    }

    /** One SA per direction, its SPI the negotiated one, its sequence numbers 1, 2, 3 … (RFC 4303 section 2.2). */
    private static void assertSequence(List<Content.Esp> sent, String spi, long atLeast) {
        assertThat(sent).hasSizeGreaterThanOrEqualTo(Math.toIntExact(atLeast));
        assertThat(sent).allMatch(packet -> "%08x".formatted(packet.spi()).equals(spi));
        List<Long> numbers = sent.stream().map(Content.Esp::sequence).sorted().toList();
        assertThat(numbers.getFirst()).isEqualTo(1);
        assertThat(numbers).doesNotHaveDuplicates();
        assertThat(numbers.getLast()).isEqualTo(numbers.size());
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void ipv6SitesOverAnIpv6Wire(Pair pair) {
        pingPasses(pair, TwoSites::ipv6);
    }

    private static void pingPasses(Pair pair, Supplier<TwoSites> network) {
        Scenario.play(network, sites -> {
            Tunnel tunnel = sites.tunnel();
            Peer sun = pair.sun(sites).start(tunnel.reversed());
            Peer moon = pair.moon(sites).start(tunnel);
            Capture wire = sites.eavesdrop();
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(4).orFail();
            Capture.Wire seen = wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            assertThat(seen.espFrom(sites.addresses().moon())).hasSizeGreaterThanOrEqualTo(4);
            assertThat(seen.espFrom(sites.addresses().sun())).hasSizeGreaterThanOrEqualTo(4);
            Scenario.met(sites, moon, sun, "traffic both ways");
        });
    }
}
