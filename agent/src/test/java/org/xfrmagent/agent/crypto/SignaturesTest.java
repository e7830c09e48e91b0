package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** Every row of the table of signature schemes, with every kind of key, by every provider; and R9: forged RSA signatures. */
class SignaturesTest {
    private static final Bytes OCTETS = Bytes.of("what AUTH covers".getBytes(StandardCharsets.US_ASCII));
    private static final Bytes HASH = Hashes.sha256(OCTETS);
    private static final int LENGTH = 256;

    private final RSAPublicKey key = (RSAPublicKey) KeyKind.RSA_2048.pair("forged").getPublic();
    private final RSAPrivateKey open = (RSAPrivateKey) KeyKind.RSA_2048.pair("forged").getPrivate();

    static Stream<Arguments> rows() {
        return Arrays.stream(SignatureScheme.values())
                .flatMap(scheme -> Arrays.stream(KeyKind.values())
                        .filter(kind -> kind != KeyKind.RSA_1024 && fits(scheme, kind))
                        .map(kind -> Arguments.of(scheme, kind)));
    }

    private static boolean fits(SignatureScheme scheme, KeyKind kind) {
        return switch (kind) {
            case RSA_1024, RSA_2048, RSA_3072, RSA_4096 -> scheme.key() == SignatureScheme.Key.RSA;
            case P256 -> scheme == SignatureScheme.ECDSA_P256 || scheme == SignatureScheme.ECDSA_BARE || scheme.word().startsWith("ecdsa-sha");
            case P384 -> scheme == SignatureScheme.ECDSA_P384 || scheme == SignatureScheme.ECDSA_BARE || scheme.word().startsWith("ecdsa-sha");
            case P521 -> scheme == SignatureScheme.ECDSA_P521 || scheme == SignatureScheme.ECDSA_BARE || scheme.word().startsWith("ecdsa-sha");
            case ED25519 -> scheme == SignatureScheme.ED25519;
            case ED448 -> scheme == SignatureScheme.ED448;
        };
    }

    @ParameterizedTest(name = "{0} with {1}")
    @MethodSource("rows")
    void whatOneProviderSignsTheOthersVerify(SignatureScheme scheme, KeyKind kind) throws UnusableKey {
        Holder holder = TestPki.end("CN=" + kind).key(kind).selfSigned();
        for (Providers signer : new Providers[] {Providers.best(), Providers.portable()}) {
            SigningKey signing = SigningKeys.of(holder.pkcs8(), signer);
            Bytes octets = bare(scheme) ? HASH : OCTETS;
            Bytes signature = signing.sign(scheme, octets);
            for (Providers verifier : new Providers[] {Providers.best(), Providers.portable()}) {
                VerifyingKey verifying = VerifyingKeys.of(holder.keys().getPublic(), verifier);
                assertThat(verifying.kind()).isEqualTo(signing.kind()).isEqualTo(scheme.key());
                assertThat(verifying.bits()).isEqualTo(signing.bits());
                assertThat(verifying.verifies(scheme, octets, signature)).isTrue();
                assertThat(verifying.verifies(scheme, Bytes.concat(Bytes.of((byte) 1), octets), signature)).isFalse();
                assertThat(verifying.verifies(scheme, octets, flipped(signature))).isFalse();
                assertThat(verifying.verifies(scheme, octets, signature.from(1))).isFalse();
                assertThat(verifying.verifies(scheme, octets, Bytes.concat(Bytes.of((byte) 0), signature))).isFalse();
                assertThat(verifying.verifies(scheme, octets, Bytes.concat(signature, Bytes.of((byte) 0)))).isFalse();
                assertThat(verifying.verifies(scheme, octets, Bytes.empty())).isFalse();
                assertThat(verifying.verifies(scheme, octets, Bytes.wrap(new byte[signature.length()]))).isFalse();
                for (SignatureScheme other : SignatureScheme.values()) {
                    if (other != scheme) {
                        assertThat(verifying.verifies(other, octets, signature)).as("taken for %s", other).isFalse();
                    }
                }
            }
        }
        assertThat(VerifyingKeys.ofCertificate(holder.der()).kind()).isEqualTo(scheme.key());
    }

    private static boolean bare(SignatureScheme scheme) {
        return scheme == SignatureScheme.RSA_BARE || scheme == SignatureScheme.ECDSA_BARE;
    }

    private static Bytes flipped(Bytes signature) {
        byte[] octets = signature.toArray();
        octets[octets.length - 1] ^= 1;
        return Bytes.wrap(octets);
    }

    @Test
    void aKeySignsOnlyWithItsOwnSchemes() throws UnusableKey {
        SigningKey p256 = SigningKeys.of(TestPki.end("CN=P256").selfSigned().pkcs8());
        assertThatThrownBy(() -> p256.sign(SignatureScheme.ECDSA_P384, OCTETS)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> p256.sign(SignatureScheme.RSA_SHA256, OCTETS)).isInstanceOf(IllegalArgumentException.class);
        assertThat(p256).hasToString("ECDSA 256");
    }

    @Test
    void aKeyBelongsToItsPublicHalfOnly() throws UnusableKey {
        SigningKey moon = SigningKeys.of(TestPki.end("CN=P256").selfSigned().pkcs8());
        assertThat(SigningKeys.belong(moon, KeyKind.P256.pair("CN=P256").getPublic())).isTrue();
        assertThat(SigningKeys.belong(moon, KeyKind.P256.pair("CN=another").getPublic())).isFalse();
        assertThat(SigningKeys.belong(moon, key)).isFalse();
    }

    // ---- R9

    private Bytes opening(Bytes block) {
        byte[] raw = new BigInteger(1, block.toArray()).modPow(open.getPrivateExponent(), key.getModulus()).toByteArray();
        byte[] signature = new byte[LENGTH];
        int length = Math.min(LENGTH, raw.length);
        System.arraycopy(raw, raw.length - length, signature, LENGTH - length, length);
        return Bytes.wrap(signature);
    }

    private boolean believed(Bytes block) throws UnusableKey {
        return VerifyingKeys.of(key).verifies(SignatureScheme.RSA_SHA256, OCTETS, opening(block));
    }

    private static Bytes block(String type, int padding, String digestInfo, Bytes hash, String after) {
        Bytes head = Bytes.hex(type + "ff".repeat(padding) + "00" + digestInfo);
        Bytes all = Bytes.concat(head, hash, Bytes.hex(after));
        return all.length() >= LENGTH ? all.slice(0, LENGTH) : Bytes.concat(all, Bytes.wrap(new byte[LENGTH - all.length()]));
    }

    @Test
    @DisplayName("R9: a block is compared as a whole: no padding but the one that RFC 8017 writes")
    void forgedPaddingsAreNotBelieved() throws UnusableKey {
        String sha256 = "3031300d060960864801650304020105000420";
        assertThat(believed(block("0001", 202, sha256, HASH, ""))).isTrue();
        assertThat(believed(block("0002", 202, sha256, HASH, ""))).as("type 2").isFalse();
        assertThat(believed(block("0000", 202, sha256, HASH, ""))).as("type 0").isFalse();
        assertThat(believed(block("0001", 201, sha256, HASH, "00"))).as("an octet of garbage behind").isFalse();
        assertThat(believed(block("0001", 8, sha256, HASH, "11".repeat(300)))).as("Bleichenbacher 2006: short padding, garbage behind").isFalse();
        assertThat(believed(block("0001", 204, "302f300b0609608648016503040201" + "0420", HASH, ""))).as("no NULL").isFalse();
        assertThat(believed(block("0001", 201, "308131300d060960864801650304020105000420", HASH, ""))).as("BER's long length").isFalse();
        assertThat(believed(block("0001", 200, "3033300f06096086480165030402010502414204" + "20", HASH, ""))).as("garbage in the parameters").isFalse();
        assertThat(believed(block("0001", 221, "", HASH, ""))).as("no name of a hash").isFalse();
        assertThat(believed(block("0001ffff00", 199, sha256, HASH, ""))).as("a zero in the padding").isFalse();
    }

    @Test
    @DisplayName("R9: s is smaller than n, and has the length of n")
    void aSignatureHasOneForm() throws UnusableKey {
        Bytes good = opening(RsaBlock.padded(RsaBlock.content(SignatureScheme.RSA_SHA256, OCTETS), LENGTH));
        byte[] larger = new BigInteger(1, good.toArray()).add(key.getModulus()).toByteArray();
        Bytes wrapped = Bytes.wrap(larger.length > LENGTH ? Arrays.copyOfRange(larger, larger.length - LENGTH, larger.length) : larger);
        VerifyingKey verifying = VerifyingKeys.of(key);
        assertThat(verifying.verifies(SignatureScheme.RSA_SHA256, OCTETS, good)).isTrue();
        assertThat(verifying.verifies(SignatureScheme.RSA_SHA256, OCTETS, wrapped)).isFalse();
        assertThat(verifying.verifies(SignatureScheme.RSA_SHA256, OCTETS, Bytes.wrap(larger))).isFalse();
        byte[] modulus = key.getModulus().toByteArray();
        assertThat(verifying.verifies(SignatureScheme.RSA_PSS_SHA256, OCTETS, Bytes.of(modulus, 1, LENGTH))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 17, 257, 65535})
    @DisplayName("R9: e is at least 65537: with 3, a cube root forges")
    void smallExponentsAreRefused(int exponent) throws Exception {
        assertThatThrownBy(() -> VerifyingKeys.of(rsa(key.getModulus(), BigInteger.valueOf(exponent)))).isInstanceOf(UnusableKey.class)
                .hasMessageContaining("expected an odd number from 65537");
    }

    @Test
    @DisplayName("R9: e is odd, n has 2048 to 16384 bits and is odd")
    void otherBadKeysAreRefused() {
        BigInteger e = BigInteger.valueOf(65537);
        assertThatThrownBy(() -> VerifyingKeys.of(rsa(key.getModulus(), BigInteger.valueOf(65538)))).isInstanceOf(UnusableKey.class);
        assertThatThrownBy(() -> VerifyingKeys.of(rsa(key.getModulus().clearBit(0), e))).isInstanceOf(UnusableKey.class);
        assertThatThrownBy(() -> VerifyingKeys.of(rsa(BigInteger.ONE.shiftLeft(2047).subtract(BigInteger.ONE), e))).isInstanceOf(UnusableKey.class)
                .hasMessage("its RSA key has 2047 bits, expected 2048 to 16384");
        assertThatThrownBy(() -> VerifyingKeys.checkRsa(BigInteger.ONE.shiftLeft(16385).subtract(BigInteger.ONE), e)).isInstanceOf(UnusableKey.class);
        assertThatThrownBy(() -> VerifyingKeys.checkRsa(key.getModulus(), BigInteger.ONE.shiftLeft(64).add(BigInteger.ONE)))
                .isInstanceOf(UnusableKey.class);
        assertThatThrownBy(() -> SigningKeys.of(TestPki.end("CN=short").key(KeyKind.RSA_1024).selfSigned().pkcs8()))
                .isInstanceOf(UnusableKey.class);
    }

    private static RSAPublicKey rsa(BigInteger modulus, BigInteger exponent) throws Exception {
        return (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 20, 31, 33, 64})
    @DisplayName("R9: the salt of PSS is as long as the hash")
    void pssWithAnotherSaltIsNotBelieved(int salt) throws Exception {
        java.security.Signature signer = java.security.Signature.getInstance("RSASSA-PSS");
        signer.setParameter(new java.security.spec.PSSParameterSpec("SHA-256", "MGF1", java.security.spec.MGF1ParameterSpec.SHA256, salt, 1));
        signer.initSign(open);
        signer.update(OCTETS.toArray());
        Bytes signature = Bytes.of(signer.sign());
        for (Providers verifier : new Providers[] {Providers.best(), Providers.portable()}) {
            assertThat(VerifyingKeys.of(key, verifier).verifies(SignatureScheme.RSA_PSS_SHA256, OCTETS, signature)).isFalse();
        }
    }

    @Test
    void whatIsNoCertificateIsSaidToBeNone() {
        Bytes der = TestPki.end("CN=P256").selfSigned().der();
        assertThatThrownBy(() -> VerifyingKeys.ofCertificate(Bytes.hex("3000"))).isInstanceOf(UnusableKey.class);
        assertThatThrownBy(() -> VerifyingKeys.ofCertificate(Bytes.empty())).isInstanceOf(UnusableKey.class);
        assertThatThrownBy(() -> VerifyingKeys.ofCertificate(Bytes.concat(der, der))).isInstanceOf(UnusableKey.class);
        assertThatThrownBy(() -> VerifyingKeys.ofCertificate(Bytes.wrap(new byte[20000]))).isInstanceOf(UnusableKey.class)
                .hasMessageContaining("20000 octets");
    }

    @Test
    void aWipedKeySignsNothing() throws UnusableKey {
        var pkcs8 = TestPki.end("CN=P256").selfSigned().pkcs8();
        SigningKey signing = SigningKeys.of(pkcs8);
        pkcs8.wipe();
        assertThatThrownBy(() -> signing.sign(SignatureScheme.ECDSA_SHA256, OCTETS)).isInstanceOf(IllegalStateException.class);
    }
}
