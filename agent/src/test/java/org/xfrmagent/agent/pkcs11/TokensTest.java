package org.xfrmagent.agent.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.CannotSign;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.TokenUri;

/** Keys and certificates in tokens, against softhsm2. */
class TokensTest {
    private static final Bytes HASH = Bytes.hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    private final Tokens tokens = new Tokens(() -> Map.of("soft", SoftToken.LIBRARY));

    @BeforeEach
    void look() {
        assumeTrue(SoftToken.isPossible(), "softhsm2 and opensc are not here");
    }

    @AfterEach
    void close() {
        tokens.close();
    }

    private static Holder holder(KeyKind kind) {
        return TestPki.end("CN=moon").dns("moon.example.org").key(kind).selfSigned();
    }

    private static Optional<Secret> pin(String digits) {
        return Optional.of(Secret.take(digits.getBytes(StandardCharsets.US_ASCII)));
    }

    @ParameterizedTest
    @EnumSource(names = {"RSA_2048", "P256", "P384"})
    void aKeySignsByEverySchemeThatItsTokenHas(KeyKind kind) throws IOException, UnusableKey {
        Holder holder = holder(kind);
        SoftToken token = SoftToken.named(kind == KeyKind.RSA_2048 ? "rsa" : kind == KeyKind.P256 ? "p256" : "p384").key("0a0b", holder);
        TokenKey key = tokens.key(token.uri("0a0b"), pin(SoftToken.PIN));
        assertThat(key.publicKey().toArray()).isEqualTo(holder.keys().getPublic().getEncoded());
        var open = VerifyingKeys.ofCertificate(holder.der());
        int signed = 0;
        for (SignatureScheme scheme : SignatureScheme.values()) {
            boolean fits = scheme.key() == key.kind()
                    && (scheme != SignatureScheme.ECDSA_P256 || kind == KeyKind.P256) && (scheme != SignatureScheme.ECDSA_P384 || kind == KeyKind.P384)
                    && scheme != SignatureScheme.ECDSA_P521;
            if (fits && key.signsBy(scheme)) {
                assertThat(open.verifies(scheme, HASH, key.sign(scheme, HASH))).as(scheme.word()).isTrue();
                signed++;
            }
        }
        assertThat(signed).isGreaterThanOrEqualTo(kind == KeyKind.RSA_2048 ? 8 : 5);
    }

    @Test
    void whereNoSlotIsNamedTheHandleIsLookedForInAll() throws IOException {
        Holder holder = holder(KeyKind.P256);
        SoftToken.named("one").key("0c01", holder(KeyKind.P256));
        SoftToken.named("two").key("0c02", holder).certificate("0c02", holder);
        TokenUri anywhere = new TokenUri("0c02", OptionalLong.empty(), Optional.empty());
        assertThat(tokens.key(anywhere, pin(SoftToken.PIN)).publicKey().toArray()).isEqualTo(holder.keys().getPublic().getEncoded());
        assertThat(tokens.certificate(anywhere)).isEqualTo(holder.der());
    }

    @Test
    void aKeyBesideNothingButItsCertificateHasThatsPublicHalf() throws IOException {
        Holder holder = holder(KeyKind.P256);
        SoftToken token = SoftToken.named("bare").key("0d", holder).certificate("0d", holder);
        token.forget("pubkey", "0d");
        assertThat(tokens.key(token.uri("0d"), pin(SoftToken.PIN)).publicKey().toArray()).isEqualTo(holder.keys().getPublic().getEncoded());
    }

    @Test
    void aWrongPinIsShownOnce() {
        SoftToken token = SoftToken.named("wrong").key("0e", holder(KeyKind.P256));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> tokens.key(token.uri("0e"), pin("111111")))
                .withMessageContaining("says that the PIN is wrong (CKR_PIN_INCORRECT)").withMessageContaining("it is not shown again");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> tokens.key(token.uri("0e"), pin("111111")))
                .withMessageContaining("has said that this PIN is wrong, so it is not shown again");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> tokens.key(token.uri("0e"), Optional.empty()))
                .withMessageContaining("wants a PIN, and there is none");
    }

    @Test
    void whatIsNotThereIsSaid() {
        SoftToken token = SoftToken.named("empty");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> tokens.key(token.uri("0f"), pin(SoftToken.PIN)))
                .withMessageContaining("has no private key with the handle 0f");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> tokens.certificate(token.uri("0f")))
                .withMessageContaining("has no certificate with the handle 0f");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> tokens.certificate(new TokenUri("0f", OptionalLong.of(77), Optional.of(new TokenUri.Module.Named("soft")))))
                .withMessageContaining("there is no token in slot 77, found tokens in");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> tokens.certificate(new TokenUri("0f", OptionalLong.empty(), Optional.of(new TokenUri.Module.Named("card")))))
                .withMessage("cannot be had: there is no module 'card' under charon.plugins.pkcs11.modules of strongswan.conf, found [soft]");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> tokens.certificate(new TokenUri("0f", OptionalLong.empty(), Optional.of(new TokenUri.Module.At(Path.of("/usr/lib/none.so"))))))
                .withMessage("cannot be had: it has the module /usr/lib/none.so, which cannot be loaded");
    }

    @Test
    void aCallThatHangsHoldsNobodyForLong() throws IOException {
        try (ModuleThread module = new ModuleThread(SoftToken.LIBRARY, Duration.ofMillis(100))) {
            CountDownLatch gate = new CountDownLatch(1);
            ModuleThread.Work<Boolean> hanging = _ -> {
                try {
                    return gate.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException never) {
                    throw new AssertionError(never);
                }
            };
            assertThatExceptionOfType(TokenFailure.class).isThrownBy(() -> module.ask(hanging)).withMessage("has not answered within 100 ms");
            assertThatExceptionOfType(TokenFailure.class).as("nor does what comes behind it").isThrownBy(() -> module.ask(_ -> true));
            gate.countDown();
        }
    }

    @Test
    void aTokenThatIsPulledOutSignsNoMore() throws IOException {
        SoftToken token = SoftToken.named("pulled").key("10", holder(KeyKind.P256));
        TokenKey key = tokens.key(token.uri("10"), pin(SoftToken.PIN));
        assertThat(key.sign(SignatureScheme.ECDSA_SHA256, HASH).length()).isPositive();
        token.pull();
        assertThatExceptionOfType(CannotSign.class).isThrownBy(() -> key.sign(SignatureScheme.ECDSA_SHA256, HASH)).withMessageContaining("slot");
    }
}
