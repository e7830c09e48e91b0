package org.xfrmagent.policies.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** URIs of RFC 7512, as far as a key needs them. */
class TokenUriTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "pkcs11:id=%0A%0B",
        "pkcs11:id=%0A%0B;slot-id=1903412338",
        "pkcs11:id=%0A%0B;slot-id=0?module-path=/usr/lib/softhsm/libsofthsm2.so",
        "pkcs11:id=%FF?module-name=my%20card"
    })
    void areReadAndWrittenAlike(String text) {
        assertThat(TokenUri.parse(text)).hasToString(text);
    }

    @Test
    void anIdMayHaveLettersThatStandForThemselves() {
        assertThat(TokenUri.parse("pkcs11:id=a+%0b")).isEqualTo(new TokenUri("612b0b", OptionalLong.empty(), Optional.empty()));
    }

    @Test
    void swanctlsThreeOptionsAreTheSame() {
        assertThat(TokenUri.of("0A:0b", Optional.of("3"), Optional.of("card"))).hasToString("pkcs11:id=%0A%0B;slot-id=3?module-name=card");
        assertThat(TokenUri.of("0x0a0b", Optional.empty(), Optional.empty()).module()).isEmpty();
        assertThat(TokenUri.parse("pkcs11:id=%01?module-path=/lib/p11.so").module()).contains(new TokenUri.Module.At(Path.of("/lib/p11.so")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            pkcs11:slot-id=0                     | it has no 'id'
            pkcs11:id=                           | its id has 0 octets
            pkcs11:id=%01;slot-id=one            | its slot is no number
            pkcs11:id=%01;id=%02                 | stands there twice
            pkcs11:id=%01;token=card             | an attribute that is not known
            pkcs11:id=%01?pin-value=1234         | it has a 'pin-value', which does not stand there, expected the PIN by 'passphrase'
            pkcs11:id=%01?pin-source=file:/pin   | it has a 'pin-source'
            pkcs11:id=%01?module-path=p11.so     | its module-path is not an absolute path
            pkcs11:id=%01?module-path=/a&module-name=b | both 'module-path' and 'module-name'
            pkcs11:id=%0                         | Incomplete
            """)
    void whatIsWrongIsSaid(String text, String sentence) {
        assertThatIllegalArgumentException().isThrownBy(() -> TokenUri.parse(text)).withMessageContaining(sentence).withMessageNotContaining("1234");
    }
}
