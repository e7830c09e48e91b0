package org.xfrmagent.agent.crypto;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.TransformType;

/**
 * Protects packets under the keys of one direction of one SA, in place and as free of allocation as JCA lets it be:
 *
 * <pre>
 *   header          body
 *   | SPI, sequence | IV | plain text, padded  -->  cipher text | ICV |
 *   +- authenticated ----+- encrypted and authenticated --------+
 * </pre>
 *
 * The IV is made from the sequence number, which the caller never uses twice under one key. Keeps ciphers between packets; not
 * for two threads at once.
 */
public abstract sealed class PacketCipher permits AeadCipher, CipherThenMac {
    /** What {@link #open} answers to a packet that is not authentic. */
    public static final int NOT_AUTHENTIC = -1;

    private final int blockBytes;
    private final int ivBytes;
    private final int icvBytes;
    private final boolean extendedSequence;

    PacketCipher(int blockBytes, int ivBytes, int icvBytes, boolean extendedSequence) {
        this.blockBytes = blockBytes;
        this.ivBytes = ivBytes;
        this.icvBytes = icvBytes;
        this.extendedSequence = extendedSequence;
    }

    /**
     * A cipher for one direction of an ESP SA.
     *
     * @param integrity empty where {@code encryption} is an AEAD
     * @param extendedSequence whether the upper half of the sequence number is authenticated although it is not sent (RFC 4303
     *     section 2.2.1); then the header must be the eight octets of SPI and lower half
     */
    public static PacketCipher of(Algorithm encryption, Optional<Algorithm> integrity, DirectionKeys keys, boolean extendedSequence) {
        return of(encryption, integrity, keys, extendedSequence, Providers.best());
    }

    static PacketCipher of(
            Algorithm encryption, Optional<Algorithm> integrity, DirectionKeys keys, boolean extendedSequence, Providers providers) {
        Secret key = keys.encryption();
        if (encryption.type() != TransformType.ENCR || key.length() != encryption.keyMaterialBytes()) {
            throw new IllegalArgumentException(encryption + " is no cipher with a key and salt of " + key.length() + " octets");
        }
        if (encryption.aead()) {
            return new AeadCipher(encryption, key, extendedSequence, providers);
        }
        Algorithm mac = integrity.orElseThrow(() -> new IllegalArgumentException(encryption + " needs an integrity algorithm"));
        return new CipherThenMac(encryption, key, PacketMac.of(mac, keys.integrity(), providers), extendedSequence, providers);
    }

    /** The plain text must be a multiple of this; 1 = any length. */
    public final int blockBytes() {
        return blockBytes;
    }

    public final int ivBytes() {
        return ivBytes;
    }

    public final int icvBytes() {
        return icvBytes;
    }

    final boolean extendedSequence() {
        return extendedSequence;
    }

    /**
     * Writes the IV at {@code body}, encrypts what stands behind it, writes the ICV behind that.
     *
     * @param header where the authenticated part begins; it reaches to {@code body}
     * @param body where the IV goes; the plain text stands {@link #ivBytes()} behind it
     * @param length octets of plain text with padding, a multiple of {@link #blockBytes()}
     * @param sequence the whole sequence number, or any other number that is never used twice under this key
     * @return octets from {@code body} to the end of the ICV
     */
    public final int seal(byte[] packet, int header, int body, int length, long sequence) {
        if (length % blockBytes != 0) {
            throw new IllegalArgumentException(length + " octets are no multiple of the block of " + blockBytes);
        }
        sealWhole(packet, header, body, length, sequence);
        return ivBytes + length + icvBytes;
    }

    /**
     * Verifies the ICV, in constant time and before anything else, then decrypts.
     *
     * @param header where the authenticated part begins; it reaches to {@code body}
     * @param body where the IV stands
     * @param length octets from {@code body} to the end of the ICV
     * @param sequence the whole sequence number; of no account without {@code extendedSequence}
     * @return octets of plain text with padding, {@link #ivBytes()} behind {@code body}; or {@link #NOT_AUTHENTIC}, and then the
     *     packet's content is undefined
     */
    public final int open(byte[] packet, int header, int body, int length, long sequence) {
        int plain = length - ivBytes - icvBytes;
        if (plain < 0 || plain % blockBytes != 0) {
            return NOT_AUTHENTIC;
        }
        return openWhole(packet, header, body, plain, sequence) ? plain : NOT_AUTHENTIC;
    }

    abstract void sealWhole(byte[] packet, int header, int body, int length, long sequence);

    abstract boolean openWhole(byte[] packet, int header, int body, int length, long sequence);

    static void putLong(long value, byte[] target, int at) {
        putInt((int) (value >>> 32), target, at);
        putInt((int) value, target, at + 4);
    }

    static void putInt(int value, byte[] target, int at) {
        target[at] = (byte) (value >>> 24);
        target[at + 1] = (byte) (value >>> 16);
        target[at + 2] = (byte) (value >>> 8);
        target[at + 3] = (byte) value;
    }
}
