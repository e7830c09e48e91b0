package org.xfrmagent.agent.crypto;

import java.util.Arrays;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/**
 * From the shared secret to every key and hash of IKEv1 (RFC 2409, sections 5 to 5.5 and appendix B). "_b" there means a payload's
 * body, without the generic header.
 */
public final class IsakmpKeySchedule {
    private static final int DERIVATION = 0;
    private static final int AUTHENTICATION = 1;
    private static final int ENCRYPTION = 2;

    private IsakmpKeySchedule() {}

    /** SKEYID for pre-shared keys = prf(psk, Ni_b | Nr_b). */
    public static Secret pskSkeyid(Prf prf, Secret psk, Bytes ni, Bytes nr) {
        return prf.compute(psk, ni, nr);
    }

    /** SKEYID for signatures = prf(Ni_b | Nr_b, g^xy). */
    public static Secret signatureSkeyid(Prf prf, Bytes ni, Bytes nr, Secret sharedSecret) {
        Secret key = Secret.copyOf(Bytes.concat(ni, nr));
        try {
            return sharedSecret.with(gxy -> prf.compute(key, Bytes.wrap(gxy)));
        } finally {
            key.wipe();
        }
    }

    /**
     * <pre>
     *   SKEYID_d = prf(SKEYID,            g^xy | CKY-I | CKY-R | 0)
     *   SKEYID_a = prf(SKEYID, SKEYID_d | g^xy | CKY-I | CKY-R | 1)
     *   SKEYID_e = prf(SKEYID, SKEYID_a | g^xy | CKY-I | CKY-R | 2)
     * </pre>
     *
     * @param skeyid belongs to the keys from here on
     */
    public static IsakmpKeys keys(
            Prf prf, Secret skeyid, Secret sharedSecret, long initiatorCookie, long responderCookie, Algorithm encryption) {
        Secret d = next(prf, skeyid, Optional.empty(), sharedSecret, initiatorCookie, responderCookie, DERIVATION);
        Secret a = next(prf, skeyid, Optional.of(d), sharedSecret, initiatorCookie, responderCookie, AUTHENTICATION);
        Secret e = next(prf, skeyid, Optional.of(a), sharedSecret, initiatorCookie, responderCookie, ENCRYPTION);
        try {
            return new IsakmpKeys(skeyid, d, a, cipherKey(prf, e, encryption.keyBytes()));
        } finally {
            e.wipe();
        }
    }

    private static Secret next(
            Prf prf, Secret skeyid, Optional<Secret> before, Secret sharedSecret, long initiatorCookie, long responderCookie, int step) {
        Bytes rest = new ByteWriter(17).i64(initiatorCookie).i64(responderCookie).u8(step).toBytes();
        return sharedSecret.with(gxy -> before.isPresent()
                ? before.get().with(octets -> prf.compute(skeyid, Bytes.wrap(octets), Bytes.wrap(gxy), rest))
                : prf.compute(skeyid, Bytes.wrap(gxy), rest));
    }

    /** Appendix B: the beginning of SKEYID_e, or where that is too short K1 | K2 ... with K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1). */
    private static Secret cipherKey(Prf prf, Secret e, int length) {
        if (length <= e.length()) {
            return e.slice(0, length);
        }
        return stretched(prf, e, length, Bytes.of((byte) 0));
    }

    /** K1 | K2 | ... with K1 = prf(key, first) and Kn = prf(key, Kn-1 | rest). */
    private static Secret stretched(Prf prf, Secret key, int length, Bytes first, Bytes... rest) {
        byte[] stream = new byte[length];
        int at = 0;
        Secret block = prf.compute(key, join(first, rest));
        while (true) {
            int count = Math.min(block.length(), length - at);
            int to = at;
            block.with(octets -> {
                System.arraycopy(octets, 0, stream, to, count);
                return stream;
            });
            at += count;
            Secret last = block;
            if (at == length) {
                last.wipe();
                return Secret.take(stream);
            }
            block = last.with(octets -> prf.compute(key, join(Bytes.wrap(octets), rest)));
            last.wipe();
        }
    }

    private static Bytes[] join(Bytes first, Bytes... rest) {
        Bytes[] all = Arrays.copyOf(new Bytes[] {first}, rest.length + 1);
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    /**
     * HASH_I = prf(SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b); HASH_R the same with "own" and "other" exchanged.
     *
     * @param ownPublic of the side that is authenticated, as are the other "own" values
     * @param sa the initiator's SA payload
     * @param id of the side that is authenticated
     */
    public static Bytes authHash(
            Prf prf, Secret skeyid, Bytes ownPublic, Bytes otherPublic, long ownCookie, long otherCookie, Bytes sa, Bytes id) {
        Bytes cookies = new ByteWriter(16).i64(ownCookie).i64(otherCookie).toBytes();
        return prf.mac(skeyid, ownPublic, otherPublic, cookies, sa, id);
    }

    /** HASH(1) of quick mode, informational and transaction exchanges = prf(SKEYID_a, M-ID | the payloads behind it). */
    public static Bytes hash1(Prf prf, Secret a, int messageId, Bytes payloads) {
        return prf.mac(a, octets(messageId), payloads);
    }

    /** HASH(2) = prf(SKEYID_a, M-ID | Ni_b | the payloads behind it). */
    public static Bytes hash2(Prf prf, Secret a, int messageId, Bytes ni, Bytes payloads) {
        return prf.mac(a, octets(messageId), ni, payloads);
    }

    /** HASH(3) = prf(SKEYID_a, 0 | M-ID | Ni_b | Nr_b). */
    public static Bytes hash3(Prf prf, Secret a, int messageId, Bytes ni, Bytes nr) {
        return prf.mac(a, Bytes.of((byte) 0), octets(messageId), ni, nr);
    }

    private static Bytes octets(int messageId) {
        return new ByteWriter(4).i32(messageId).toBytes();
    }

    /**
     * The keys of one SA of a pair, which its receiver chose the SPI of (section 5.5):
     *
     * <pre>
     *   K1 = prf(SKEYID_d,      [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b)
     *   K2 = prf(SKEYID_d, K1 | [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b)   ...
     * </pre>
     *
     * @param sharedSecret of the key exchange in quick mode, where there was one (PFS)
     * @param protocol 2 for AH, 3 for ESP
     * @param encryption empty for AH
     * @param integrity empty where {@code encryption} is an AEAD
     */
    public static DirectionKeys childKeys(
            Prf prf,
            Secret d,
            Optional<Secret> sharedSecret,
            int protocol,
            int spi,
            Bytes ni,
            Bytes nr,
            Optional<Algorithm> encryption,
            Optional<Algorithm> integrity) {
        int e = encryption.map(Algorithm::keyMaterialBytes).orElse(0);
        int a = integrity.map(Algorithm::keyBytes).orElse(0);
        Bytes rest = new ByteWriter().u8(protocol).i32(spi).bytes(ni).bytes(nr).toBytes();
        Secret keymat = sharedSecret.isPresent()
                ? sharedSecret.get().with(gxy -> stretched(prf, d, e + a, Bytes.empty(), Bytes.wrap(gxy), rest))
                : stretched(prf, d, e + a, Bytes.empty(), rest);
        try {
            return new DirectionKeys(keymat.slice(0, e), keymat.slice(e, e + a));
        } finally {
            keymat.wipe();
        }
    }
}
