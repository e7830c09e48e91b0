package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.user.EspCodec;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;

/** What the kernel really sent: captured ESP packets, opened by the agent's own codec with the keys that the kernel holds. */
@Tag("lab")
@Tag("long")
class KernelEspTest {
    private static final int NEXT_HEADER_IPV4 = 4;
    private static final int PINGS = 4;
    /** One of each way to build an ESP packet: combined modes with 8 and 12 octets of explicit and implicit nonce, block and stream ciphers. */
    private static final List<String> PROPOSALS =
            List.of("aes256gcm16", "chacha20poly1305", "aes128ccm16", "aes256-sha256", "aes128ctr-sha512");

    @ParameterizedTest
    @EnumSource
    void whatTheKernelSentOpensUnderTheNegotiatedKeysAndIsThePing(Kind initiator) {
        Scenario.play(TwoSites::ipv4, sites -> {
            for (String proposal : PROPOSALS) {
                Tunnel tunnel = sites.tunnel().withEsp(proposal);
                try (Peer sun = sites.with(Kind.STRONGSWAN.on(sites.sun(), Plane.KERNEL)).start(tunnel.reversed());
                        Peer moon = sites.with(initiator.on(sites.moon(), Plane.KERNEL)).start(tunnel)) {
                    Capture wire = sites.eavesdrop();
                    moon.up(tunnel).orFail();
                    sun.awaitUp(tunnel, SOON);
                    sites.ping(PINGS).orFail();
                    List<KernelSa> sas = KernelSa.on(sites.moon());
                    Capture.Wire seen = wire.stop().onlyEspOrIke();
                    assertThat(sas).as("%s: one SA per direction", proposal).hasSize(2);
                    for (KernelSa sa : sas) {
                        assertOpens(proposal, sa, seen.espFrom(sa.source()));
                    }
                    Scenario.met(sites, moon, sun, "packets opened with the negotiated keys");
                }
            }
        });
    }

    private static void assertOpens(String proposal, KernelSa sa, List<Content.Esp> sent) {
        OptionalInt sequenceHigh = sa.esn() ? OptionalInt.of(0) : OptionalInt.empty();
        String canary = Bytes.of(TwoSites.CANARY.getBytes(StandardCharsets.US_ASCII)).toHex();
        assertThat(sent).as(proposal).hasSize(PINGS).allSatisfy(esp -> {
            assertThat(esp.spi()).isEqualTo(sa.spi());
            EspCodec.Plain plain = EspCodec.open(sa.keys(), sequenceHigh, esp.packet()).orElseThrow();
            assertThat(plain.nextHeader()).isEqualTo(NEXT_HEADER_IPV4);
            assertThat(plain.sequence()).isEqualTo(esp.sequence());
            assertThat(plain.payload().toHex()).startsWith("45").contains(canary);
        });
        Bytes forged = flipLastBit(sent.getFirst().packet());
        assertThat(EspCodec.open(sa.keys(), sequenceHigh, forged)).as("%s: a forged packet", proposal).isEmpty();
    }

    private static Bytes flipLastBit(Bytes packet) {
        byte[] octets = packet.toArray();
        octets[octets.length - 1] ^= 1;
        return Bytes.wrap(octets);
    }
}
