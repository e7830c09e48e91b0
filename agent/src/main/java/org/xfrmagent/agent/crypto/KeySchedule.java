package org.xfrmagent.agent.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/** From the shared secret to every key of IKEv2 (RFC 7296 sections 2.14 to 2.18), and the octets that AUTH covers. */
public final class KeySchedule {
    /** RFC 7296 section 2.15: so that a stored prf(secret, pad) is worth nothing to another protocol. */
    private static final Bytes KEY_PAD = Bytes.wrap("Key Pad for IKEv2".getBytes(StandardCharsets.US_ASCII));

    private KeySchedule() {}

    /**
     * SKEYSEED = prf(Ni | Nr, g^ir).
     *
     * @param ni 16 to 256 octets, which the caller has checked (section 3.9); so {@code nr}
     */
    public static Secret skeyseed(Prf prf, Bytes ni, Bytes nr, Secret sharedSecret) {
        Secret key = prf.nonceKey(ni, nr);
        try {
            return sharedSecret.with(gir -> prf.compute(key, Bytes.wrap(gir)));
        } finally {
            key.wipe();
        }
    }

    /**
     * SKEYSEED of an IKE SA that replaces another (section 2.18) = prf(SK_d (old), g^ir (new) | Ni | Nr).
     *
     * @param oldPrf the PRF of the SA that is replaced
     */
    public static Secret rekeyedSkeyseed(Prf oldPrf, Secret oldD, Secret sharedSecret, Bytes ni, Bytes nr) {
        return sharedSecret.with(gir -> oldPrf.compute(oldD, Bytes.wrap(gir), ni, nr));
    }

    /**
     * {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr).
     *
     * @param prf the PRF of the SA that gets the keys
     * @param integrity empty where {@code encryption} is an AEAD
     */
    public static IkeKeys ikeKeys(
            Prf prf, Secret skeyseed, Bytes ni, Bytes nr, long spii, long spir, Algorithm encryption, Optional<Algorithm> integrity) {
        int d = prf.keyBytes();
        int a = integrity.map(Algorithm::keyBytes).orElse(0);
        int e = encryption.keyMaterialBytes();
        Bytes seed = new ByteWriter().bytes(ni).bytes(nr).i64(spii).i64(spir).toBytes();
        Cutter material = new Cutter(prf.plus(skeyseed, seed, 3 * d + 2 * a + 2 * e));
        IkeKeys keys = new IkeKeys(
                material.next(d), material.next(a), material.next(a), material.next(e), material.next(e), material.next(d), material.next(d));
        material.wipe();
        return keys;
    }

    /**
     * The keys of an IKE SA with a postquantum pre-shared key in them (RFC 8784, section 3): SK_d = prf+(PPK, SK_d'), so SK_pi and SK_pr.
     * The others are the same objects.
     */
    public static IkeKeys withPpk(Prf prf, IkeKeys keys, Secret ppk) {
        return new IkeKeys(mixed(prf, keys.d(), ppk), keys.ai(), keys.ar(), keys.ei(), keys.er(), mixed(prf, keys.pi(), ppk), mixed(prf, keys.pr(), ppk));
    }

    private static Secret mixed(Prf prf, Secret key, Secret ppk) {
        return key.with(octets -> prf.plus(ppk, key.length(), Bytes.wrap(octets)));
    }

    /**
     * The keys of a child: KEYMAT = prf+(SK_d, [g^ir (new) |] Ni | Nr) (section 2.17).
     *
     * @param sharedSecret of the key exchange in CREATE_CHILD_SA, where there was one
     * @param ni the nonce of the exchange that makes the child; for the first child IKE_SA_INIT's
     * @param encryption empty for AH
     * @param integrity empty where {@code encryption} is an AEAD
     */
    public static ChildKeys childKeys(
            Prf prf,
            Secret d,
            Optional<Secret> sharedSecret,
            Bytes ni,
            Bytes nr,
            Optional<Algorithm> encryption,
            Optional<Algorithm> integrity) {
        int e = encryption.map(Algorithm::keyMaterialBytes).orElse(0);
        int a = integrity.map(Algorithm::keyBytes).orElse(0);
        int length = 2 * (e + a);
        Secret keymat = sharedSecret.isPresent()
                ? sharedSecret.get().with(gir -> prf.plus(d, length, Bytes.wrap(gir), ni, nr))
                : prf.plus(d, length, ni, nr);
        Cutter material = new Cutter(keymat);
        ChildKeys keys = new ChildKeys(
                new DirectionKeys(material.next(e), material.next(a)), new DirectionKeys(material.next(e), material.next(a)));
        material.wipe();
        return keys;
    }

    /**
     * What AUTH covers (section 2.15): our first message | the peer's nonce | prf(SK_p, ID').
     *
     * @param message the IKE_SA_INIT message that the authenticated side sent, from the first octet of the header, without the
     *     four zero octets of port 4500
     * @param peerNonce the other side's nonce data, without the payload header
     * @param skp SK_pi for the initiator, SK_pr for the responder
     * @param idBody the authenticated side's ID payload without its generic header: type, reserved, data
     */
    public static Bytes authOctets(Prf prf, Bytes message, Bytes peerNonce, Secret skp, Bytes idBody) {
        return Bytes.concat(message, peerNonce, prf.mac(skp, idBody));
    }

    /** AUTH with a pre-shared key: prf(prf(psk, "Key Pad for IKEv2"), octets); with an EAP method's MSK likewise (section 2.16). */
    public static Bytes pskAuth(Prf prf, Secret psk, Bytes authOctets) {
        Secret key = prf.compute(psk, KEY_PAD);
        try {
            return prf.mac(key, authOctets);
        } finally {
            key.wipe();
        }
    }

    /** Cuts key material into keys, from front to back. */
    private static final class Cutter {
        private final Secret material;
        private int at;

        Cutter(Secret material) {
            this.material = material;
        }

        Secret next(int length) {
            at += length;
            return material.slice(at - length, at);
        }

        void wipe() {
            material.wipe();
        }
    }
}
