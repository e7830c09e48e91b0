package org.xfrmagent.policies.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.policies.algorithm.TransformType.ENCR;
import static org.xfrmagent.policies.algorithm.TransformType.ESN;
import static org.xfrmagent.policies.algorithm.TransformType.INTEG;
import static org.xfrmagent.policies.algorithm.TransformType.KE;
import static org.xfrmagent.policies.algorithm.TransformType.PRF;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import javax.crypto.Cipher;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AlgorithmsTest {
    static List<Algorithm> rows() {
        return Algorithms.all();
    }

    @Test
    void keywords_and_aliases_are_unique() {
        Set<String> seen = new HashSet<>();
        assertThat(rows().stream().flatMap(row -> Stream.concat(Stream.of(row.keyword()), row.aliases().stream())))
                .allMatch(seen::add);
    }

    @Test
    void a_transform_id_and_key_length_name_one_row() {
        Set<List<Object>> seen = new HashSet<>();
        assertThat(rows()).allMatch(row -> seen.add(List.of(row.type(), row.ikev2Id(), row.keyLengthAttribute())));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void a_row_is_found_by_each_of_its_names_and_its_numbers(Algorithm row) {
        assertThat(Algorithms.byKeyword(row.keyword())).contains(row);
        assertThat(row.aliases()).allSatisfy(alias -> assertThat(Algorithms.byKeyword(alias)).contains(row));
        assertThat(Algorithms.byTransform(row.type(), row.ikev2Id(), row.keyLengthAttribute())).contains(row);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void the_columns_of_a_row_agree_with_each_other(Algorithm row) {
        assertThat(row.keyLengthAttribute()).isIn(0, row.keyBytes() * 8);
        assertThat(row.values().secretBytes() > 0).as("KE has values").isEqualTo(row.type() == KE);
        assertThat(row.keyBytes() > 0).as("key").isEqualTo(row.type() != KE && row.type() != ESN && !row.keyword().equals("null"));
        assertThat(row.icvBytes() > 0).as("ICV").isEqualTo(row.type() == INTEG || row.aead());
        assertThat(row.ike().isPresent() || row.ipsec().isPresent()).as("usable somewhere").isTrue();
        boolean kernelKnowsIt = row.type() == ENCR || row.type() == INTEG;
        assertThat(row.kernel().isPresent()).as("kernel name").isEqualTo(kernelKnowsIt);
        row.kernel().ifPresent(kernel -> assertThat(kernel.truncationBits()).isEqualTo(row.icvBytes() * 8));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void only_integrity_algorithms_have_an_ah_id_and_only_ciphers_and_they_an_esp_id(Algorithm row) {
        assertThat(row.ikev1().ah().isEmpty() || row.type() == INTEG).isTrue();
        assertThat(row.ikev1().esp().isEmpty() || row.type() == INTEG || row.type() == ENCR).isTrue();
    }

    /** The JDK has no CCM, Camellia, CMAC, GMAC: those names are BouncyCastle's and are tried where it is. */
    @ParameterizedTest
    @MethodSource("rows")
    void the_jdk_knows_the_names_that_are_its_own(Algorithm row) throws Exception {
        if (row.jca().isEmpty() || row.keyword().matches("(camellia|.*ccm|.*cmac|.*gmac).*")) {
            return;
        }
        String name = row.jca().get();
        switch (row.type()) {
            case ENCR -> assertThat(Cipher.getInstance(name)).isNotNull();
            case PRF, INTEG -> assertThat(Mac.getInstance(name).getMacLength()).isEqualTo(row.keyBytes());
            case KE -> {
                if (name.startsWith("ML-KEM")) {
                    assertThat(KEM.getInstance(name)).isNotNull();
                } else {
                    assertThat(KeyAgreement.getInstance(name.startsWith("secp") ? "ECDH" : name)).isNotNull();
                }
            }
            case ESN -> throw new AssertionError("a sequence number has no provider");
        }
    }

    /** RFC 8247 sections 2.1 to 2.4 and RFC 8221 sections 5 and 6. */
    @ParameterizedTest
    @CsvSource({
        "aes128, MUST, MUST", "aes256, MUST, MUST", "aes128gcm16, SHOULD, MUST", "aes256gcm16, SHOULD, MUST",
        "chacha20poly1305, SHOULD, SHOULD", "aes128ccm8, SHOULD, SHOULD", "3des, MAY, SHOULD_NOT", "null, , MUST",
        "prfsha256, MUST, ", "prfsha512, SHOULD, ", "prfsha1, MUST, ", "prfaesxcbc, SHOULD, ", "prfmd5, MUST_NOT, ",
        "sha256, MUST, MUST", "sha512, SHOULD, SHOULD", "sha1, MUST, MUST", "aesxcbc, SHOULD, SHOULD", "md5, MUST_NOT, MUST_NOT",
        "modp2048, MUST, MUST", "ecp256, SHOULD, SHOULD", "modp1536, SHOULD_NOT, SHOULD_NOT", "modp1024, SHOULD_NOT, SHOULD_NOT",
        "modp768, MUST_NOT, MUST_NOT", "modp1024s160, MUST_NOT, MUST_NOT"
    })
    void the_advice_is_that_of_the_rfcs(String keyword, Advice ike, Advice ipsec) {
        Algorithm row = Algorithms.the(keyword);
        assertThat(row.ike().orElse(null)).isEqualTo(ike);
        assertThat(row.ipsec().orElse(null)).isEqualTo(ipsec);
    }

    /** IANA's ikev2-parameters: the number on the wire, and what follows from it, for one row of each family. */
    @ParameterizedTest
    @CsvSource({
        "3des, ENCR, 3, 0, 24, 0, 8, 8, 0", "null, ENCR, 11, 0, 0, 0, 1, 0, 0", "aes192, ENCR, 12, 192, 24, 0, 16, 16, 0",
        "aes128ctr, ENCR, 13, 128, 16, 4, 1, 8, 0", "aes128ccm8, ENCR, 14, 128, 16, 3, 1, 8, 8",
        "aes128ccm12, ENCR, 15, 128, 16, 3, 1, 8, 12", "aes256ccm16, ENCR, 16, 256, 32, 3, 1, 8, 16",
        "aes128gcm8, ENCR, 18, 128, 16, 4, 1, 8, 8", "aes128gcm12, ENCR, 19, 128, 16, 4, 1, 8, 12",
        "aes256gcm16, ENCR, 20, 256, 32, 4, 1, 8, 16", "aes128gmac, ENCR, 21, 128, 16, 4, 1, 8, 16",
        "camellia256, ENCR, 23, 256, 32, 0, 16, 16, 0", "chacha20poly1305, ENCR, 28, 0, 32, 4, 1, 8, 16",
        "prfmd5, PRF, 1, 0, 16, 0, 64, 0, 0", "prfsha1, PRF, 2, 0, 20, 0, 64, 0, 0", "prfaesxcbc, PRF, 4, 0, 16, 0, 16, 0, 0",
        "prfsha256, PRF, 5, 0, 32, 0, 64, 0, 0", "prfsha384, PRF, 6, 0, 48, 0, 128, 0, 0",
        "prfsha512, PRF, 7, 0, 64, 0, 128, 0, 0", "prfaescmac, PRF, 8, 0, 16, 0, 16, 0, 0",
        "md5, INTEG, 1, 0, 16, 0, 64, 0, 12", "sha1, INTEG, 2, 0, 20, 0, 64, 0, 12", "aesxcbc, INTEG, 5, 0, 16, 0, 16, 0, 12",
        "aescmac, INTEG, 8, 0, 16, 0, 16, 0, 12", "sha256, INTEG, 12, 0, 32, 0, 64, 0, 16",
        "sha384, INTEG, 13, 0, 48, 0, 128, 0, 24", "sha512, INTEG, 14, 0, 64, 0, 128, 0, 32"
    })
    void ids_and_sizes_are_those_of_the_registry(String keyword, TransformType type, int id, int keyLength, int key, int salt, int block,
            int iv, int icv) {
        Algorithm row = Algorithms.the(keyword);
        assertThat(row.type()).isEqualTo(type);
        assertThat(row.ikev2Id()).isEqualTo(id);
        assertThat(row.keyLengthAttribute()).isEqualTo(keyLength);
        assertThat(row.sizes()).isEqualTo(new Algorithm.Sizes(key, salt, block, iv, icv));
    }

    @ParameterizedTest
    @CsvSource({
        "modp768, 1, 96, 96", "modp1024, 2, 128, 128", "modp1536, 5, 192, 192", "modp2048, 14, 256, 256", "modp3072, 15, 384, 384", "modp4096, 16, 512, 512",
        "modp6144, 17, 768, 768", "modp8192, 18, 1024, 1024", "ecp256, 19, 64, 32", "ecp384, 20, 96, 48", "ecp521, 21, 132, 66",
        "x25519, 31, 32, 32", "x448, 32, 56, 56"
    })
    void groups_have_their_number_and_the_length_of_their_public_value(String keyword, int id, int publicBytes, int secretBytes) {
        Algorithm row = Algorithms.the(keyword);
        assertThat(row.ikev2Id()).isEqualTo(id);
        assertThat(row.values()).isEqualTo(new Algorithm.Values(publicBytes, publicBytes, secretBytes));
    }

    @Test
    void a_cipher_with_variable_keys_is_not_found_without_a_key_length() {
        assertThat(Algorithms.byTransform(ENCR, 12, 0)).isEmpty();
        assertThat(Algorithms.byTransform(ENCR, 28, 256)).isEmpty();
        assertThat(Algorithms.byTransform(PRF, 5, 256)).isEmpty();
        assertThat(Algorithms.byTransform(ENCR, 65535, 0)).isEmpty();
    }

    @Test
    void null_encryption_and_gmac_are_not_for_ike() {
        assertThat(Algorithms.the("null").usableIn(Protocol.IKE)).isFalse();
        assertThat(Algorithms.the("aes256gmac").usableIn(Protocol.IKE)).isFalse();
        assertThat(Algorithms.the("aes256gmac").usableIn(Protocol.ESP)).isTrue();
        assertThat(Algorithms.the("aes256gcm16").usableIn(Protocol.AH)).isFalse();
        assertThat(Algorithms.the("mlkem768").usableIn(Protocol.IKE)).isFalse();
    }
}
