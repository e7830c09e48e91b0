package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.policies.convert.SettingsParser.Source;

class IpsecSecretsTest {
    private static List<IpsecSecrets.Entry> parse(String text) {
        return IpsecSecrets.parse(new Source("ipsec.secrets", text), (from, pattern) -> List.of(new Source(pattern, ": RSA moon.key\n")));
    }

    @Test
    void entriesHaveOwnersAndAKindAndASecret() {
        List<IpsecSecrets.Entry> entries = parse("""
                # between the sites
                moon.example.org 2001:db8::1 : PSK "with spaces # and this"
                @carol:
                    XAUTH 'letters'   # hers
                : PSK 0sAAEC
                include more
                """);
        assertThat(entries).extracting(IpsecSecrets.Entry::kind).containsExactly("PSK", "XAUTH", "PSK", "RSA");
        assertThat(entries.get(0).owners()).containsExactly("moon.example.org", "2001:db8::1");
        assertThat(entries.get(0).words().getFirst().text()).isEqualTo("with spaces # and this");
        assertThat(entries.get(1).owners()).containsExactly("@carol");
        assertThat(entries.get(1).at().line()).isEqualTo(3);
        assertThat(entries.get(2).owners()).isEmpty();
        assertThat(entries.toString()).doesNotContain("letters", "with spaces", "0sAAEC");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "moon PSK hush      | 1:1: an entry is 'IDENTITY ... : TYPE SECRET'; this one has no ':' with a type behind it",
        "moon : PSK \"hush  | 1:12: the quotes are not closed",
    })
    void whatIsWrongIsSaidWithItsPlaceAndWithoutTheSecret(String text, String said) {
        assertThatThrownBy(() -> parse(text)).isInstanceOfSatisfying(UnreadableSettings.class, wrong ->
                assertThat(wrong.at().line() + ":" + wrong.at().column() + ": " + wrong.getMessage()).isEqualTo(said).doesNotContain("hush"));
    }
}
