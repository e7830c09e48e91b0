package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/** The examples of RFC 2759, section 9.2, and RFC 3079, section 3.5.3. */
class MsChapTest {
    private static final Bytes USER = text("User");
    private static final Bytes AUTHENTICATOR_CHALLENGE = Bytes.hex("5B5D7C7D7B3F2F3E3C2C602132262628");
    private static final Bytes PEER_CHALLENGE = Bytes.hex("21402324255E262A28295F2B3A337C7E");
    private static final Bytes NT_RESPONSE = Bytes.hex("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF");

    private final Secret hash = MsChap.ntHash(Secret.copyOf(text("clientPass")));

    @Test
    void thePasswordIsHashedInUtf16() {
        assertThat(hash).isEqualTo(Secret.copyOf(Bytes.hex("44EBBA8D5312B8D611474411F56989AE")));
        // Two octets in UTF-8 and two in UTF-16; the hash is OpenSSL's (printf 'e400' | xxd -r -p | openssl dgst -provider legacy -md4).
        assertThat(MsChap.ntHash(Secret.copyOf(text("\u00e4")))).isEqualTo(Secret.copyOf(Bytes.hex("3104eab484d59efabcea2c44b07f41d3")));
    }

    @Test
    void thePeerShowsThatItKnowsThePassword() {
        assertThat(MsChap.ntResponse(hash, AUTHENTICATOR_CHALLENGE, PEER_CHALLENGE, USER)).isEqualTo(NT_RESPONSE);
    }

    @Test
    void theAuthenticatorShowsItInReturn() {
        assertThat(MsChap.authenticatorResponse(hash, NT_RESPONSE, AUTHENTICATOR_CHALLENGE, PEER_CHALLENGE, USER))
                .isEqualTo(Bytes.hex("407A5589115FD0D6209F510FE9C04566932CDA56"));
    }

    /** The MSK begins with what the server receives with; the RFC's example is the 128-bit key that it sends with. */
    @Test
    void bothHaveTheKeysOfRfc3079() {
        Secret msk = MsChap.msk(hash, NT_RESPONSE);
        assertThat(msk.length()).isEqualTo(64);
        assertThat(msk.slice(16, 32)).isEqualTo(Secret.copyOf(Bytes.hex("8B7CDC149B993A1BA118CB153F56DCCB")));
        assertThat(msk.slice(32, 64)).isEqualTo(Secret.take(new byte[32]));
    }

    private static Bytes text(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
