package org.xfrmagent.agent.crypto;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/**
 * Seals and opens the body of IKE's Encrypted payload (RFC 7296 section 3.14, RFC 5282) under the keys of one direction:
 *
 * <pre>
 *   associated data                                  body
 *   | IKE header | ... | SK's generic header |  IV | payloads | padding | pad length |  ICV |
 *                                                  +---------- encrypted ------------+
 *   +-------------- authenticated --------------------------------------------------+
 * </pre>
 *
 * Cheap to make, so that a session keeps keys and no ciphers; not for two threads at once.
 */
public final class Protector {
    private final PacketCipher cipher;

    private Protector(Algorithm encryption, Optional<Algorithm> integrity, DirectionKeys keys, Providers providers) {
        if (encryption.ike().isEmpty()) {
            throw new IllegalArgumentException(encryption + " cannot protect IKE messages");
        }
        cipher = PacketCipher.of(encryption, integrity, keys, false, providers);
    }

    /** @param keyWithSalt SK_e as the key schedule cuts it: key, then salt */
    public static Protector aead(Algorithm cipher, Secret keyWithSalt) {
        return of(cipher, Optional.empty(), keyWithSalt, Secret.take(new byte[0]));
    }

    /** @param cipherKey SK_e, for AES-CTR with its nonce behind the key */
    public static Protector cipherAndMac(Algorithm cipher, Secret cipherKey, Algorithm mac, Secret macKey) {
        return of(cipher, Optional.of(mac), cipherKey, macKey);
    }

    /** Either, as negotiated: {@code integrity} is empty where {@code encryption} is an AEAD, and SK_a too. */
    public static Protector of(Algorithm encryption, Optional<Algorithm> integrity, Secret ske, Secret ska) {
        return of(encryption, integrity, ske, ska, Providers.best());
    }

    static Protector of(Algorithm encryption, Optional<Algorithm> integrity, Secret ske, Secret ska, Providers providers) {
        return new Protector(encryption, integrity, new DirectionKeys(ske, ska), providers);
    }

    /**
     * The whole length of the body, from the IV to the ICV, that {@link #seal} makes of {@code plainLength} octets of payloads. The
     * lengths in the headers, which are authenticated, have to be known first.
     */
    public int overhead(int plainLength) {
        return cipher.ivBytes() + padded(plainLength) + cipher.icvBytes();
    }

    /** With the pad length octet and as little padding as the cipher's block wants. */
    private int padded(int plainLength) {
        int block = cipher.blockBytes();
        return (plainLength + 1 + block - 1) / block * block;
    }

    /**
     * The body of an Encrypted payload.
     *
     * @param associatedData the message from its first octet to the end of the Encrypted payload's generic header (of the whole
     *     fragment header, RFC 7383), with its final lengths
     * @param plain the payloads inside, without padding
     * @param counter a number never used before under this key: from it the IV is made
     * @return IV | cipher text | ICV, {@link #overhead} octets
     */
    public Bytes seal(Bytes associatedData, Bytes plain, long counter) {
        int body = associatedData.length();
        int padded = padded(plain.length());
        byte[] message = new byte[body + overhead(plain.length())];
        int text = body + cipher.ivBytes();
        associatedData.copyTo(message, 0);
        plain.copyTo(message, text);
        message[text + padded - 1] = (byte) (padded - 1 - plain.length());
        cipher.seal(message, 0, body, padded, counter);
        return Bytes.wrap(message).from(body);
    }

    /**
     * The payloads inside, without padding.
     *
     * @param body IV | cipher text | ICV
     * @throws Unauthentic if the ICV is wrong or the length impossible; also if the padding is longer than what was encrypted:
     *     whoever made that holds the key, but no message can be read from it
     */
    public Bytes open(Bytes associatedData, Bytes body) throws Unauthentic {
        byte[] message = new byte[associatedData.length() + body.length()];
        associatedData.copyTo(message, 0);
        body.copyTo(message, associatedData.length());
        int length = cipher.open(message, 0, associatedData.length(), body.length(), 0);
        if (length == PacketCipher.NOT_AUTHENTIC) {
            throw new Unauthentic("the integrity check of a message fails");
        }
        int text = associatedData.length() + cipher.ivBytes();
        int plain = length == 0 ? -1 : length - 1 - (message[text + length - 1] & 0xff);
        if (plain < 0) {
            throw new Unauthentic("the padding of a message is longer than the message");
        }
        return Bytes.wrap(message).slice(text, text + plain);
    }
}
