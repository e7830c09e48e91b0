package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.algorithm.SignatureScheme.Hash;

/** The names of signature schemes on the wire (RFC 7427, appendix A), and which are chosen. */
class SignatureIdentifiersTest {
    @ParameterizedTest
    @EnumSource
    void everyIdentifierIsReadBack(SignatureScheme scheme) {
        Optional<Bytes> identifier = scheme.identifier().map(Bytes::hex);
        if (identifier.isPresent()) {
            assertThat(SignatureIdentifiers.of(scheme)).isEqualTo(identifier.get());
            assertThat(SignatureIdentifiers.parse(identifier.get())).contains(scheme);
        }
    }

    @Test
    void optionalPartsMayBeWrittenEitherWay() {
        // sha256WithRSAEncryption without its NULL; ecdsa-with-SHA256 with one
        assertThat(SignatureIdentifiers.parse(Bytes.hex("300b06092a864886f70d01010b"))).contains(SignatureScheme.RSA_SHA256);
        assertThat(SignatureIdentifiers.parse(Bytes.hex("300c06082a8648ce3d0403020500"))).contains(SignatureScheme.ECDSA_SHA256);
        // RSASSA-PSS, SHA-256: no NULLs at the hashes; then with the trailer field, as RFC 7427, appendix A.4.3 has it
        assertThat(SignatureIdentifiers.parse(Bytes.hex("303d06092a864886f70d01010a3030a00d300b0609608648016503040201"
                + "a11a301806092a864886f70d010108300b0609608648016503040201a203020120"))).contains(SignatureScheme.RSA_PSS_SHA256);
        assertThat(SignatureIdentifiers.parse(Bytes.hex("304606092a864886f70d01010a3039a00f300d06096086480165030402010500"
                + "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020101"))).contains(SignatureScheme.RSA_PSS_SHA256);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "30", "3000", "0500", "300506032b6571ff", "3080060", "300306012a",
        // RSASSA-PSS with default parameters (SHA-1): absent and empty (RFC 7427, appendix A.4.1 and A.4.2)
        "300b06092a864886f70d01010a", "300d06092a864886f70d01010a3000",
        // SHA-256 masked with SHA-512, and SHA-256 with a salt of 20 octets
        "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402030500a203020120",
        "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020114",
        // a trailer field of 2
        "304606092a864886f70d01010a3039a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020102",
        // dsa-with-SHA256, md5WithRSAEncryption
        "300b0609608648016503040302", "300d06092a864886f70d0101040500",
        // ecdsa-with-SHA256 with an integer for parameters
        "300d06082a8648ce3d040302020101"})
    void othersAreUnknown(String hex) {
        Bytes der = Bytes.hex(hex.length() % 2 == 0 ? hex : hex + "0");
        assertThat(SignatureIdentifiers.parse(der)).isEmpty();
    }

    @Test
    void aKeySignsWithWhatThePeerKnowsAndThePolicyAllows() {
        Optional<Set<Hash>> all = Optional.of(Set.of(Hash.SHA256, Hash.SHA384, Hash.SHA512, Hash.IDENTITY));
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.ECDSA, 384, all, List.of())).containsExactly(
                SignatureScheme.ECDSA_SHA384, SignatureScheme.ECDSA_SHA256, SignatureScheme.ECDSA_SHA512);
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.ECDSA, 384, Optional.of(Set.of(Hash.SHA1, Hash.SHA256)), List.of()))
                .containsExactly(SignatureScheme.ECDSA_SHA256);
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.RSA, 4096, all, List.of())).startsWith(SignatureScheme.RSA_PSS_SHA384).hasSize(6);
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.RSA, 2048, all, List.of(SignatureScheme.ED25519, SignatureScheme.RSA_SHA512, SignatureScheme.RSA_PSS_SHA256)))
                .containsExactly(SignatureScheme.RSA_SHA512, SignatureScheme.RSA_PSS_SHA256);
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.ED25519, 253, Optional.of(Set.of(Hash.SHA256)), List.of())).isEmpty();
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.ED25519, 253, all, List.of())).containsExactly(SignatureScheme.ED25519);
    }

    @Test
    void withoutRfc7427ThereIsOneSchemeForAKey() {
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.ECDSA, 521, Optional.empty(), List.of())).containsExactly(SignatureScheme.ECDSA_P521);
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.RSA, 2048, Optional.empty(), List.of())).containsExactly(SignatureScheme.RSA_SHA1);
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.RSA, 2048, Optional.empty(), List.of(SignatureScheme.RSA_PSS_SHA256))).isEmpty();
        assertThat(SchemeChoice.toSign(SignatureScheme.Key.ED448, 446, Optional.empty(), List.of())).isEmpty();
    }

    @Test
    void sha1IsForThoseThatKnowNoBetter() {
        assertThat(SchemeChoice.accepts(SignatureScheme.RSA_SHA1, true, List.of())).isFalse();
        assertThat(SchemeChoice.accepts(SignatureScheme.RSA_SHA1, false, List.of())).isTrue();
        assertThat(SchemeChoice.accepts(SignatureScheme.RSA_SHA1, true, List.of(SignatureScheme.RSA_SHA1))).isFalse();
        assertThat(SchemeChoice.accepts(SignatureScheme.RSA_SHA256, true, List.of(SignatureScheme.RSA_PSS_SHA256))).isFalse();
        assertThat(SchemeChoice.accepts(SignatureScheme.ECDSA_P256, false, List.of(SignatureScheme.ECDSA_SHA256))).isTrue();
        assertThat(Arrays.stream(SignatureScheme.values()).filter(scheme -> !SchemeChoice.accepts(scheme, true, List.of())))
                .as("IKEv1's form has no place in IKEv2").containsExactly(SignatureScheme.RSA_SHA1, SignatureScheme.RSA_BARE, SignatureScheme.ECDSA_BARE);
    }
}
