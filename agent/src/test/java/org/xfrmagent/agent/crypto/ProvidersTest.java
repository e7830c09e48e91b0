package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;

class ProvidersTest {
    /** The jar is chosen by the build for this platform; without this the comparisons in the other tests would compare nothing. */
    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = {"amd64", "aarch64"})
    void theNativeProviderIsUsedWhereItExists() {
        assertThat(Providers.best()).isNotSameAs(Providers.portable());
        assertThat(Providers.best().cipher("AES/GCM/NoPadding").getProvider().getName()).isEqualTo("AmazonCorrettoCryptoProvider");
        assertThat(Providers.best().mac("HmacSHA256").getProvider().getName()).isEqualTo("AmazonCorrettoCryptoProvider");
    }

    @Test
    void theJdkComesBeforeBouncyCastle() {
        assertThat(Providers.portable().cipher("AES/GCM/NoPadding").getProvider().getName()).isEqualTo("SunJCE");
        assertThat(Providers.portable().cipher("AES/CBC/NoPadding").getProvider().getName()).isEqualTo("SunJCE");
        assertThat(Providers.portable().cipher("AES/CCM/NoPadding").getProvider().getName()).isEqualTo("BC");
        assertThat(Providers.portable().digest("SHA-256").getProvider().getName()).isEqualTo("SUN");
        assertThat(Providers.portable().curves().getName()).isEqualTo("SunEC");
    }

    @Test
    void theMachinesProviderListIsLeftAlone() {
        Providers.best().cipher("AES/CCM/NoPadding");
        assertThat(Stream.of(Security.getProviders()).map(Provider::getName))
                .doesNotContain("BC", "AmazonCorrettoCryptoProvider");
    }

    @Test
    void anUnknownNameIsNamed() {
        assertThatThrownBy(() -> Providers.best().cipher("ROT13/ECB/NoPadding"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ROT13");
    }

    @Test
    void noKeyShowsInWhatObjectsPrint() throws InvalidKeyExchange {
        Secret key = TestKeys.secret(20, 77);
        String hex = TestKeys.reveal(key).toHex();
        DirectionKeys keys = new DirectionKeys(key, key);
        KeyExchange x25519 = KeyExchange.of(TestKeys.row("x25519"));
        KeyPair pair = x25519.generate(new SecureRandom());
        String scalar = TestKeys.reveal(pair.privateValue()).toHex();
        Secret shared = x25519.agree(pair, x25519.generate(new SecureRandom()).publicValue());
        for (Object printed : List.of(
                new RawKey(key, "AES"), keys, new ChildKeys(keys, keys), new IkeKeys(key, key, key, key, key, key, key), pair, shared,
                Prf.of(TestKeys.row("prfsha256")), x25519,
                Protector.aead(TestKeys.row("aes128gcm16"), key),
                PacketMac.of(TestKeys.row("sha1"), key))) {
            assertThat(printed.toString().replaceAll("[^0-9A-Za-z]", "").toLowerCase(Locale.ROOT))
                    .doesNotContain(hex.substring(0, 12))
                    .doesNotContain(scalar.substring(0, 12))
                    .doesNotContain(TestKeys.reveal(shared).toHex().substring(0, 12));
        }
    }

    @Test
    void whatAnyoneCanCauseHasNoStackTraceAndSaysNothingOfTheContent() {
        Protector receiver = Protector.aead(TestKeys.row("aes128gcm16"), TestKeys.secret(20, 1));
        Bytes junk = TestKeys.octets(64, 200);
        assertThatThrownBy(() -> receiver.open(junk, junk))
                .isInstanceOf(Unauthentic.class)
                .hasMessageNotContaining(junk.slice(0, 4).toHex())
                .satisfies(thrown -> assertThat(thrown.getStackTrace()).isEmpty())
                .hasNoCause();
    }

    @Test
    void aWipedKeyIsUsedForNothingMore() {
        Secret key = TestKeys.secret(32, 1);
        key.wipe();
        Prf prf = Prf.of(TestKeys.row("prfsha256"));
        assertThatThrownBy(() -> prf.mac(key, Bytes.empty())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> PacketCipher.of(
                        TestKeys.row("null"), Optional.of(TestKeys.row("sha256")), new DirectionKeys(Secret.take(new byte[0]), key), false))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Every row that a proposal may name has an implementation, with and without the native provider. */
    @Test
    void everyUsableRowHasAnImplementation() {
        for (Providers providers : TestKeys.providers()) {
            for (Algorithm row : TestKeys.usable(TransformType.PRF, Protocol.IKE)) {
                assertThat(Prf.of(row, providers).mac(TestKeys.secret(row.keyBytes(), 1), Bytes.empty()).length())
                        .isEqualTo(row.keyBytes());
            }
            for (Protocol protocol : Protocol.values()) {
                for (Algorithm row : TestKeys.usable(TransformType.INTEG, protocol)) {
                    PacketMac mac = PacketMac.of(row, TestKeys.secret(row.keyBytes(), 1), providers);
                    mac.finish(new byte[row.icvBytes()], 0);
                    assertThat(mac.icvBytes()).isEqualTo(row.icvBytes());
                }
                TestKeys.suites(protocol).forEach(suite ->
                        PacketCipher.of(suite.cipher(), suite.mac(), suite.keys(1), false, providers));
            }
            for (Algorithm row : TestKeys.usable(TransformType.KE, Protocol.IKE)) {
                assertThat(KeyExchange.of(row, providers).toString()).isEqualTo(row.keyword());
            }
        }
    }
}
