package org.xfrmagent.policies.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentityTest {
    /** ID types of RFC 7296 section 3.5. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            192.0.2.1               | 1  | 192.0.2.1
            2001:db8::1             | 5  | 2001:db8::1
            moon.example.org        | 2  | moon.example.org
            @moon.example.org       | 2  | moon.example.org
            fqdn:192.0.2.1          | 2  | 192.0.2.1
            carol@example.org       | 3  | carol@example.org
            @@carol@example.org     | 3  | carol@example.org
            email:carol             | 3  | carol
            userfqdn:carol@example.org | 3 | carol@example.org
            keyid:group             | 11 | keyid:group
            @#00ff                  | 11 | @#00ff
            keyid:0x00ff            | 11 | @#00ff
            C=CH, O=Example, CN=moon | 9 | C=CH, O=Example, CN=moon
            /C=CH/O=Example/CN=moon | 9  | C=CH, O=Example, CN=moon
            dn:CN=moon              | 9  | CN=moon
            keyid:#00ff             | 11 | @#00ff
            %any                    | 0  | %any
            0.0.0.0                 | 0  | %any
            """)
    void text_is_read_by_swanctls_rules(String text, int type, String printed) {
        Identity identity = Identity.parse(text);
        assertThat(identity.wireType()).isEqualTo(type);
        assertThat(identity).hasToString(printed);
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1", "2001:db8::1", "moon.example.org", "carol@example.org", "keyid:group", "'C=CH, O=Example, CN=moon'"})
    void what_goes_on_the_wire_comes_back_equal(String text) {
        Identity identity = Identity.parse(text);
        assertThat(Identity.fromWire(identity.wireType(), identity.wireData())).contains(identity);
    }

    @Test
    void a_distinguished_name_is_encoded_in_the_order_it_is_written() {
        // 30 0d { 31 0b { 30 09 { 06 03 55 04 06, 13 02 'CH' } } }: country first
        byte[] der = Identity.parse("C=CH, CN=moon").wireData();
        assertThat(Octets.of(der).toString()).startsWith("301c310b3009060355040613024348310d300b0603550403");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            moon.example.org  | Moon.Example.ORG        | true
            moon.example.org  | *.example.org           | true
            example.org       | *.example.org           | false
            evil-example.org  | *.example.org           | false
            carol@example.org | *@example.org           | true
            carol@evil.org    | *@example.org           | false
            moon.example.org  | email:moon.example.org  | false
            192.0.2.1         | fqdn:192.0.2.1          | false
            C=CH, CN=moon     | C=ch, CN=MOON           | true
            C=CH, CN=moon     | C=CH, CN=*              | true
            C=CH, CN=moon     | CN=moon, C=CH           | false
            C=CH, CN=moon     | C=CH                    | false
            keyid:group       | %any                    | true
            """)
    void identities_match_patterns_of_their_own_kind(String who, String pattern, boolean matches) {
        assertThat(Identity.parse(who).matches(Identity.parse(pattern))).isEqualTo(matches);
    }

    @Test
    void a_peer_cannot_claim_a_wildcard_or_a_control_character() {
        assertThat(Identity.fromWire(Identity.ID_FQDN, "*.example.org".getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(Identity.fromWire(Identity.ID_FQDN, "a\nb".getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(Identity.fromWire(Identity.ID_IPV4_ADDR, new byte[5])).isEmpty();
        assertThat(Identity.fromWire(Identity.ID_DER_ASN1_DN, new byte[] {0x30, 0x7f})).isEmpty();
    }

    @Property(tries = 500)
    void any_octets_of_any_type_are_an_identity_or_nothing(@ForAll @IntRange(min = 0, max = 255) int type, @ForAll byte[] data) {
        Identity.fromWire(type, data).ifPresent(identity -> assertThat(identity.wireType()).isEqualTo(type));
    }

    @Property(tries = 500)
    void any_text_is_an_identity_or_a_sentence(@ForAll String text) {
        try {
            assertThat(Identity.parse(text)).isNotNull();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Test
    void what_is_no_identity_is_explained() {
        assertThatThrownBy(() -> Identity.parse("a b")).hasMessageContaining("is no host name; write 'keyid:'");
        assertThatThrownBy(() -> Identity.parse("keyid:0xabc")).hasMessageContaining("pairs of hexadecimal digits");
    }
}
