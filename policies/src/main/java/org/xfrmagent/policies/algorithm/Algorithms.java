package org.xfrmagent.policies.algorithm;

import static org.xfrmagent.policies.algorithm.Advice.MAY;
import static org.xfrmagent.policies.algorithm.Advice.MUST;
import static org.xfrmagent.policies.algorithm.Advice.MUST_NOT;
import static org.xfrmagent.policies.algorithm.Advice.SHOULD;
import static org.xfrmagent.policies.algorithm.Advice.SHOULD_NOT;
import static org.xfrmagent.policies.algorithm.Algorithm.Standing.ADDITIONAL_ONLY;
import static org.xfrmagent.policies.algorithm.Algorithm.Standing.IKEV1_ONLY;
import static org.xfrmagent.policies.algorithm.Algorithm.Standing.REFUSED;
import static org.xfrmagent.policies.algorithm.TransformType.ENCR;
import static org.xfrmagent.policies.algorithm.TransformType.ESN;
import static org.xfrmagent.policies.algorithm.TransformType.INTEG;
import static org.xfrmagent.policies.algorithm.TransformType.KE;
import static org.xfrmagent.policies.algorithm.TransformType.PRF;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The table of algorithms: the only place where a keyword, a transform id, a key size or a kernel name is written.
 *
 * <p>Ids are IANA's (ikev2-parameters, ipsec-registry, isakmp-registry); advice is RFC 8247 sections 2.1 to 2.4, RFC 8221 sections
 * 5 and 6, and RFC 9395. "MUST-" and "SHOULD+" of those documents are written as MUST and SHOULD.
 */
public final class Algorithms {
    private static final List<Algorithm> ALL = rows();
    private static final Map<String, Algorithm> BY_KEYWORD = keywords();
    private static final Map<Key, Algorithm> BY_TRANSFORM = transforms();

    private Algorithms() {}

    private record Key(TransformType type, int id, int keyLength) {}

    /** Every row, in the table's order. */
    public static List<Algorithm> all() {
        return ALL;
    }

    /** The row whose keyword or alias is {@code word}, in any case of letters. */
    public static Optional<Algorithm> byKeyword(String word) {
        return Optional.ofNullable(BY_KEYWORD.get(word.toLowerCase(Locale.ROOT)));
    }

    /**
     * The row of a transform on the wire.
     *
     * @param keyLengthAttribute bits, 0 when the transform carries no Key Length attribute; a cipher that must carry one is not
     *     found without it, and one that must not is not found with it
     */
    public static Optional<Algorithm> byTransform(TransformType type, int ikev2Id, int keyLengthAttribute) {
        return Optional.ofNullable(BY_TRANSFORM.get(new Key(type, ikev2Id, keyLengthAttribute)));
    }

    /** The row of {@code keyword}, for code that names one it knows to be there. */
    static Algorithm the(String keyword) {
        return byKeyword(keyword).orElseThrow(() -> new IllegalStateException("the table has no row " + keyword));
    }

    private static List<Algorithm> rows() {
        List<Row> rows = new ArrayList<>();
        encryption(rows);
        pseudoRandomFunctions(rows);
        integrity(rows);
        keyExchange(rows);
        rows.add(Row.of(ESN, "noesn", "NO_EXT_SEQ", 0).ipsec(MAY));
        rows.add(Row.of(ESN, "esn", "EXT_SEQ", 1).ipsec(MAY));
        return rows.stream().map(Row::done).toList();
    }

    private static void encryption(List<Row> rows) {
        for (int bits : new int[] {128, 192, 256}) {
            // RFC 8247 section 2.1: 128 and 256 bits are required, 192 is optional.
            Advice wide = bits == 192 ? MAY : MUST;
            Advice optional = bits == 192 ? MAY : SHOULD;
            int key = bits / 8;
            // RFC 4106, in IKE RFC 5282
            rows.add(gcm(bits, 16, 20).alias("aes" + bits + "gcm").ike(optional).ipsec(wide));
            rows.add(gcm(bits, 12, 19).both(MAY));
            rows.add(gcm(bits, 8, 18).both(MAY));
            // RFC 4309, in IKE RFC 5282; the 8-octet ICV is the one recommended, for small devices
            rows.add(ccm(bits, 16, 16).alias("aes" + bits + "ccm").both(MAY));
            rows.add(ccm(bits, 12, 15).both(MAY));
            rows.add(ccm(bits, 8, 14).both(optional));
            // RFC 3602
            rows.add(Row.of(ENCR, "aes" + bits, "AES_CBC", 12).alias(bits == 128 ? new String[] {"aes"} : new String[0])
                    .keyLength(bits).oakley(7).ikev1Esp(12).cipher(key, 0, 16, 16)
                    .kernel("cbc(aes)").jca("AES/CBC/NoPadding").both(wide));
            // RFC 3686, in IKE RFC 5930
            rows.add(Row.of(ENCR, "aes" + bits + "ctr", "AES_CTR", 13)
                    .keyLength(bits).ikev1Esp(13).cipher(key, 4, 1, 8)
                    .kernel("rfc3686(ctr(aes))").jca("AES/CTR/NoPadding").both(MAY));
            // RFC 4312, RFC 5529
            rows.add(Row.of(ENCR, "camellia" + bits, "CAMELLIA_CBC", 23)
                    .alias(bits == 128 ? new String[] {"camellia"} : new String[0])
                    .keyLength(bits).oakley(8).ikev1Esp(22).cipher(key, 0, 16, 16)
                    .kernel("cbc(camellia)").jca("Camellia/CBC/NoPadding").both(MAY));
            // RFC 4543: authenticates and does not encrypt, so never in IKE
            rows.add(Row.of(ENCR, "aes" + bits + "gmac", "NULL_AES_GMAC", 21)
                    .keyLength(bits).ikev1Esp(23).aead(key, 4, 8, 16)
                    .kernel("rfc4543(gcm(aes))").jca("AES-GMAC").ipsec(MAY));
        }
        // RFC 7634: no Key Length attribute
        rows.add(Row.of(ENCR, "chacha20poly1305", "CHACHA20_POLY1305", 28).aead(32, 4, 8, 16)
                .kernel("rfc7539esp(chacha20,poly1305)").since("4.2").jca("ChaCha20-Poly1305").both(SHOULD));
        // RFC 2451
        rows.add(Row.of(ENCR, "3des", "3DES_CBC", 3).oakley(5).ikev1Esp(3).cipher(24, 0, 8, 8)
                .kernel("cbc(des3_ede)").jca("DESede/CBC/NoPadding").ike(MAY).ipsec(SHOULD_NOT));
        // RFC 2410
        rows.add(Row.of(ENCR, "null", "NULL", 11).ikev1Esp(11).cipher(0, 0, 1, 0)
                .kernel("ecb(cipher_null)").ipsec(MUST));
    }

    private static Row gcm(int bits, int icv, int id) {
        return Row.of(ENCR, "aes" + bits + "gcm" + icv, "AES_GCM_" + icv, id).alias("aes" + bits + "gcm" + icv * 8)
                .keyLength(bits).ikev1Esp(id).aead(bits / 8, 4, 8, icv)
                .kernel("rfc4106(gcm(aes))").jca("AES/GCM/NoPadding");
    }

    private static Row ccm(int bits, int icv, int id) {
        return Row.of(ENCR, "aes" + bits + "ccm" + icv, "AES_CCM_" + icv, id).alias("aes" + bits + "ccm" + icv * 8)
                .keyLength(bits).ikev1Esp(id).aead(bits / 8, 3, 8, icv)
                .kernel("rfc4309(ccm(aes))").jca("AES/CCM/NoPadding");
    }

    // RFC 2104, 2403, 2404, 4868; AES-XCBC RFC 4434, AES-CMAC RFC 4615
    private static void pseudoRandomFunctions(List<Row> rows) {
        rows.add(Row.of(PRF, "prfsha256", "PRF_HMAC_SHA2_256", 5).alias("prfsha2_256").oakley(4).prf(32, 64).jca("HmacSHA256").ike(MUST));
        rows.add(Row.of(PRF, "prfsha384", "PRF_HMAC_SHA2_384", 6).alias("prfsha2_384").oakley(5).prf(48, 128).jca("HmacSHA384").ike(MAY));
        rows.add(Row.of(PRF, "prfsha512", "PRF_HMAC_SHA2_512", 7).alias("prfsha2_512").oakley(6).prf(64, 128).jca("HmacSHA512").ike(SHOULD));
        rows.add(Row.of(PRF, "prfaesxcbc", "PRF_AES128_XCBC", 4).prf(16, 16).ike(SHOULD));
        rows.add(Row.of(PRF, "prfaescmac", "PRF_AES128_CMAC", 8).prf(16, 16).jca("AESCMAC").ike(MAY));
        rows.add(Row.of(PRF, "prfsha1", "PRF_HMAC_SHA1", 2).alias("prfsha").oakley(2).prf(20, 64).jca("HmacSHA1").ike(MUST));
        rows.add(Row.of(PRF, "prfmd5", "PRF_HMAC_MD5", 1).oakley(1).prf(16, 64).jca("HmacMD5").ike(MUST_NOT));
    }

    // RFC 4868, 2404, 2403, 3566, 4494
    private static void integrity(List<Row> rows) {
        rows.add(Row.of(INTEG, "sha256", "HMAC_SHA2_256_128", 12).alias("sha2_256").oakley(4).ikev1Esp(5).ikev1Ah(5).mac(32, 64, 16)
                .kernel("hmac(sha256)").jca("HmacSHA256").both(MUST));
        rows.add(Row.of(INTEG, "sha384", "HMAC_SHA2_384_192", 13).alias("sha2_384").oakley(5).ikev1Esp(6).ikev1Ah(6).mac(48, 128, 24)
                .kernel("hmac(sha384)").jca("HmacSHA384").both(MAY));
        rows.add(Row.of(INTEG, "sha512", "HMAC_SHA2_512_256", 14).alias("sha2_512").oakley(6).ikev1Esp(7).ikev1Ah(7).mac(64, 128, 32)
                .kernel("hmac(sha512)").jca("HmacSHA512").both(SHOULD));
        rows.add(Row.of(INTEG, "aesxcbc", "AES_XCBC_96", 5).ikev1Esp(9).ikev1Ah(9).mac(16, 16, 12)
                .kernel("xcbc(aes)").both(SHOULD));
        rows.add(Row.of(INTEG, "aescmac", "AES_CMAC_96", 8).mac(16, 16, 12)
                .kernel("cmac(aes)").since("3.10").jca("AESCMAC").both(MAY));
        rows.add(Row.of(INTEG, "sha1", "HMAC_SHA1_96", 2).alias("sha").oakley(2).ikev1Esp(2).ikev1Ah(3).mac(20, 64, 12)
                .kernel("hmac(sha1)").jca("HmacSHA1").both(MUST));
        rows.add(Row.of(INTEG, "md5", "HMAC_MD5_96", 1).oakley(1).ikev1Esp(1).ikev1Ah(2).mac(16, 64, 12)
                .kernel("hmac(md5)").jca("HmacMD5").both(MUST_NOT));
    }

    private static void keyExchange(List<Row> rows) {
        // RFC 8031
        rows.add(Row.of(KE, "x25519", "CURVE_25519", 31).alias("curve25519").values(32, 32).jca("X25519").both(MAY));
        rows.add(Row.of(KE, "x448", "CURVE_448", 32).alias("curve448").values(56, 56).jca("X448").both(MAY));
        // RFC 5903: the public value is x | y, the secret is x
        rows.add(Row.of(KE, "ecp256", "ECP_256", 19).oakley(19).values(64, 32).jca("secp256r1").both(SHOULD));
        rows.add(Row.of(KE, "ecp384", "ECP_384", 20).oakley(20).values(96, 48).jca("secp384r1").both(MAY));
        rows.add(Row.of(KE, "ecp521", "ECP_521", 21).oakley(21).values(132, 66).jca("secp521r1").both(MAY));
        // RFC 3526, RFC 2409 section 6.2
        rows.add(modp(2048, 14).both(MUST));
        rows.add(modp(3072, 15).both(MAY));
        rows.add(modp(4096, 16).both(MAY));
        rows.add(modp(6144, 17).both(MAY));
        rows.add(modp(8192, 18).both(MAY));
        rows.add(modp(1536, 5).both(SHOULD_NOT));
        rows.add(modp(1024, 2).both(SHOULD_NOT));
        // RFC 2409 section 6.1. RFC 8247 section 2.4 forbids it in IKEv2; a peer that speaks IKEv1 may have nothing else
        rows.add(modp(768, 1).both(MUST_NOT).standing(IKEV1_ONLY));
        // RFC 5114, whose subgroups nobody can trust: RFC 8247 section 2.4
        rows.add(Row.of(KE, "modp1024s160", "MODP_1024_160", 22).oakley(22).values(128, 128).both(MUST_NOT).standing(REFUSED));
        rows.add(Row.of(KE, "modp2048s224", "MODP_2048_224", 23).oakley(23).values(256, 256).both(SHOULD_NOT).standing(REFUSED));
        rows.add(Row.of(KE, "modp2048s256", "MODP_2048_256", 24).oakley(24).values(256, 256).both(SHOULD_NOT).standing(REFUSED));
        // FIPS 203: encapsulation key one way, cipher text the other
        rows.add(Row.of(KE, "mlkem512", "ML_KEM_512", 35).values(800, 768, 32).jca("ML-KEM-512").both(MAY).standing(ADDITIONAL_ONLY));
        rows.add(Row.of(KE, "mlkem768", "ML_KEM_768", 36).values(1184, 1088, 32).jca("ML-KEM-768").both(MAY).standing(ADDITIONAL_ONLY));
        rows.add(Row.of(KE, "mlkem1024", "ML_KEM_1024", 37).values(1568, 1568, 32).jca("ML-KEM-1024").both(MAY).standing(ADDITIONAL_ONLY));
    }

    private static Row modp(int bits, int group) {
        return Row.of(KE, "modp" + bits, "MODP_" + bits, group).oakley(group).values(bits / 8, bits / 8).jca("DH");
    }

    private static Map<String, Algorithm> keywords() {
        Map<String, Algorithm> index = new HashMap<>();
        for (Algorithm row : ALL) {
            put(index, row.keyword(), row);
            row.aliases().forEach(alias -> put(index, alias, row));
        }
        return Map.copyOf(index);
    }

    private static Map<Key, Algorithm> transforms() {
        Map<Key, Algorithm> index = new HashMap<>();
        for (Algorithm row : ALL) {
            put(index, new Key(row.type(), row.ikev2Id(), row.keyLengthAttribute()), row);
        }
        return Map.copyOf(index);
    }

    private static <K> void put(Map<K, Algorithm> index, K key, Algorithm row) {
        Algorithm other = index.put(key, row);
        if (other != null) {
            throw new IllegalStateException(key + " names both " + other + " and " + row);
        }
    }
}
