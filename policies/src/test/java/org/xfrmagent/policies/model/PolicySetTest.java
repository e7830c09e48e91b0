package org.xfrmagent.policies.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

class PolicySetTest {
    private static final Identity MOON = Identity.parse("moon.example.org");
    private static final Identity SUN = Identity.parse("sun.example.org");
    private static final Identity MARS = Identity.parse("mars.example.org");

    private static PskSecret psk(String name, String... owners) {
        return new PskSecret(new SecretRef.FromCredential(name), Stream.of(owners).map(Identity::parse).toList());
    }

    private static PolicySet with(PskSecret... secrets) {
        return new PolicySet(List.of(), List.of(), List.of(secrets), List.of());
    }

    @Test
    void the_key_that_names_both_ends_exactly_wins() {
        PskSecret anybody = psk("anybody");
        PskSecret wildcard = psk("wildcard", "moon.example.org", "*.example.org");
        PskSecret remoteOnly = psk("remote", "sun.example.org");
        PskSecret both = psk("both", "moon.example.org", "sun.example.org");
        PolicySet set = with(anybody, wildcard, remoteOnly, both);
        assertThat(set.psk(MOON, SUN)).contains(both);
        assertThat(set.psk(MARS, SUN)).contains(remoteOnly);
        assertThat(set.psk(MOON, MARS)).contains(wildcard);
        assertThat(set.psk(MOON, Identity.parse("a@b"))).contains(anybody);
    }

    @Test
    void a_key_of_others_does_not_fit() {
        assertThat(with(psk("both", "moon.example.org", "sun.example.org")).psk(MOON, MARS)).isEmpty();
        assertThat(with(psk("sun", "sun.example.org")).psk(MOON, MARS)).isEmpty();
    }

    @Test
    void a_key_with_only_our_name_is_for_all_who_call() {
        assertThat(with(psk("ours", "moon.example.org")).psk(MOON, MARS)).isPresent();
    }

    @Test
    void of_two_equally_good_keys_the_first_counts() {
        PskSecret first = psk("first", "sun.example.org");
        assertThat(with(first, psk("second", "sun.example.org")).psk(MOON, SUN)).contains(first);
    }

    @Test
    void a_dead_peer_is_given_up_after_165_seconds() {
        assertThat(Defaults.RETRANSMISSION.waitAfter(0)).isEqualTo(Duration.ofSeconds(4));
        assertThat(Defaults.RETRANSMISSION.waitAfter(1)).isEqualTo(Duration.ofMillis(7200));
        assertThat(Defaults.RETRANSMISSION.total()).isBetween(Duration.ofSeconds(165), Duration.ofSeconds(166));
    }

    @Test
    void own_address_becomes_a_selector_when_it_is_known() {
        Selectors own = new Selectors.Dynamic(List.of(new Selectors.Upper(IpProtocols.TCP, 22, 22)));
        assertThat(own.at(Ip.parse("192.0.2.1").orElseThrow())).extracting(TrafficSelector::toString)
                .containsExactly("192.0.2.1/32[tcp/22]");
        assertThat(own).hasToString("dynamic[tcp/22]");
    }
}
