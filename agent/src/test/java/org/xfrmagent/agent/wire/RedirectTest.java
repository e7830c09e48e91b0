package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;

/** REDIRECT's data, octet by octet (RFC 5685). */
class RedirectTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.9,      01 04 c0000209",
        "2001:db8::9,    02 10 20010db8000000000000000000000009",
        "gw.example.org, 03 0e 67772e6578616d706c652e6f7267",
    })
    void isAnAddressOrANameAndPerhapsANonce(String gateway, String hex) {
        Bytes octets = Bytes.hex(hex.replace(" ", ""));
        assertThat(Redirect.to(gateway).as(Notify.REDIRECT).data()).isEqualTo(octets);
        Bytes nonce = Bytes.hex("0102030405060708090a0b0c0d0e0f10");
        NotifyPayload answer = new Redirect(gateway, nonce).as(Notify.REDIRECT);
        assertThat(answer.data()).isEqualTo(Bytes.concat(octets, nonce));
        assertThat(Redirect.read(answer)).contains(new Redirect(gateway, nonce));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0105c000020901", "0210c0000209", "0400", "0300", "030120", "0104c000", "ff04c0000209"})
    void whatCannotBeReadIsNone(String hex) {
        assertThat(Redirect.read(NotifyPayload.of(Notify.REDIRECT, Bytes.hex(hex)))).isEmpty();
    }

    @Test
    void aNameHasNoAddress() {
        assertThat(Redirect.to("gw.example.org").address()).isEmpty();
        assertThat(Redirect.to("192.0.2.9").address()).isPresent();
    }
}
