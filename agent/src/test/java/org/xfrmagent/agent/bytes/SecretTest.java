package org.xfrmagent.agent.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SecretTest {
    private static final Bytes KEY = Bytes.hex("000102030405060708090a0b0c0d0e0f");

    @Test
    void printsItsLengthOnly() {
        assertThat(Secret.copyOf(KEY)).hasToString("Secret[16 octets]");
    }

    @Test
    void equalsByContentButHashesByLength() {
        Secret secret = Secret.copyOf(KEY);
        assertThat(secret).isEqualTo(Secret.copyOf(KEY)).isNotEqualTo(Secret.copyOf(KEY.slice(0, 15)));
        assertThat(secret).isNotEqualTo(Secret.copyOf(Bytes.of(new byte[16])));
        assertThat(secret).hasSameHashCodeAs(Secret.copyOf(Bytes.of(new byte[16])));
    }

    @Test
    void wipingClearsTheArrayItTookOver() {
        byte[] array = KEY.toArray();
        Secret secret = Secret.take(array);
        secret.wipe();
        assertThat(array).containsOnly(0);
        assertThat(secret.isWiped()).isTrue();
    }

    @Test
    void aWipedSecretRefusesEveryUse() {
        Secret secret = Secret.copyOf(KEY);
        secret.wipe();
        assertThatThrownBy(secret::copy).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> secret.with(octets -> octets.length)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> secret.slice(0, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSliceIsASecretOfItsOwn() {
        Secret secret = Secret.copyOf(KEY);
        Secret slice = secret.slice(4, 8);
        secret.wipe();
        assertThat(slice).isEqualTo(Secret.copyOf(Bytes.hex("04050607")));
    }

    @Test
    void aCopyIsTheCallersToWipe() {
        Secret secret = Secret.copyOf(KEY);
        secret.copy()[0] = 0x55;
        assertThat(secret).isEqualTo(Secret.copyOf(KEY));
    }
}
