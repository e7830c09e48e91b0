package org.xfrmagent.it.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** pluto's words: a tunnel in ipsec.conf, and what whack shows read back. */
class LibreswanConfigurationTest {
    private static final Tunnel TUNNEL = new Tunnel("site-to-site", new Tunnel.End("moon", "moon.lab", "192.0.2.1", "10.1.0.0/16"),
            new Tunnel.End("sun", "sun.lab", "192.0.2.2", "10.2.0.0/16"), "a secret", List.of("aes256gcm16-prfsha384-x25519"),
            List.of("aes256gcm16"), Tunnel.Start.BY_COMMAND, Duration.ofSeconds(2));

    @ParameterizedTest
    @CsvSource({
        "aes256gcm16,         aes_gcm256,                 true",
        "aes256gcm16-x25519,  aes_gcm256-none-dh31,       false",
        "aes128-sha256-ecp256, aes128-sha2_256-dh19,      false",
    })
    void forwardSecrecyIsWantedWhereTheProposalNamesAGroup(String ours, String theirs, boolean without) {
        String configuration = Libreswan.configuration(List.of(TUNNEL.withEsp(ours)));
        assertThat(configuration).contains("\tike=aes_gcm256-sha2_384-dh31\n", "\tesp=" + theirs + "\n", "\tleftid=@moon.lab\n");
        assertThat(configuration.contains("pfs=no")).isEqualTo(without);
    }

    @Test
    void anAlgorithmWithoutAWordIsNamed() {
        assertThatThrownBy(() -> Libreswan.configuration(List.of(TUNNEL.withEsp("aes256ctr-sha256")))).hasMessageContaining("aes256ctr");
    }

    @ParameterizedTest
    @CsvSource({"., 192.0.2.", ":, 2001:db8::"})
    void whackShowsStatesOfBothFamilies(String dot, String address) {
        String shown = """
                000 #1: "site-to-site":500 STATE_V2_ESTABLISHED_IKE_SA (established IKE SA); REKEY in 28133s; REPLACE in 28797s; newest; idle;
                000 #2: "site-to-site":500 STATE_V2_ESTABLISHED_CHILD_SA (established Child SA); REKEY in 28160s; newest; IKE SA #1; idle;
                000 #2: "site-to-site" esp%1$s8894cd7@%2$s2 esp%1$sc886f1d1@%2$s1 tun%1$s0@%2$s2 tun%1$s0@%2$s1 Traffic: ESPin=168B\s
                """.formatted(dot, address);
        List<IkeSa> sas = Libreswan.sas(shown, Map.of("c886f1d1", new KernelCounters(false, 168, 2)));
        assertThat(sas).containsExactly(new IkeSa("site-to-site", "ESTABLISHED", Map.of("uniqueid", "1"),
                List.of(new IkeSa.Child("site-to-site", "INSTALLED", false, "c886f1d1", "08894cd7", 168, 2, 0, 0))));
    }

    /** Another main mode has replaced #1; #3 came of it before that. */
    @Test
    void theNextIsakmpSaHasTheChildrenOfTheLast() {
        String shown = """
                000 #3: "site-to-site":500 STATE_QUICK_R2 (IPsec SA established); REPLACE in 3591s; newest; eroute owner; ISAKMP SA #1; idle;
                000 #3: "site-to-site" esp.c7f55f5e@192.0.2.1 esp.f6e2657e@192.0.2.2 tun.0@192.0.2.1 tun.0@192.0.2.2 Traffic: ESPin=71KB\s
                000 #4: "site-to-site":500 STATE_MAIN_R3 (IKE SA established); REPLACE in 15478s; newest; lastdpd=-1s(seq in:0 out:0); idle;
                """;
        List<IkeSa> sas = Libreswan.sas(shown, Map.of());
        assertThat(sas).containsExactly(new IkeSa("site-to-site", "ESTABLISHED", Map.of("uniqueid", "4"),
                List.of(new IkeSa.Child("site-to-site", "INSTALLED", false, "f6e2657e", "c7f55f5e", 0, 0, 0, 0))));
    }

    @Test
    void ikev1IsLetInWhereATunnelWantsIt() {
        assertThat(Libreswan.configuration(List.of(TUNNEL))).doesNotContain("ikev1-policy").contains("\tikev2=yes\n");
        assertThat(Libreswan.configuration(List.of(TUNNEL.withAggressiveMode())))
                .contains("\tikev1-policy=accept\n", "\tikev2=no\n\taggressive=yes\n", "\tike=aes256-sha2_256-dh14\n");
    }
}
