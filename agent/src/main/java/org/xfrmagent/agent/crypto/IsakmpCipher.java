package org.xfrmagent.agent.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.TransformType;

/**
 * Encrypts IKEv1 messages: a block cipher in CBC mode whose IV is the last block of the message before (RFC 2409, appendix B). It does
 * not authenticate: whoever decrypts verifies the HASH inside before believing anything.
 *
 * <pre>
 *   first IV of phase 1     hash(g^xi | g^xr)
 *   first IV of a message   hash(last block of phase 1 | M-ID)         of each exchange in phase 2
 * </pre>
 */
public final class IsakmpCipher {
    private final Algorithm row;
    private final Algorithm hash;

    private IsakmpCipher(Algorithm row, Algorithm hash) {
        if (row.type() != TransformType.ENCR || row.aead() || row.blockBytes() < 8 || row.jca().isEmpty()) {
            throw new IllegalArgumentException(row + " is no block cipher in CBC mode");
        }
        this.row = row;
        this.hash = hash;
    }

    /**
     * @param encryption a cipher in CBC mode
     * @param prf whose hash makes the first IVs
     */
    public static IsakmpCipher of(Algorithm encryption, Algorithm prf) {
        return new IsakmpCipher(encryption, prf);
    }

    /** Phase 1's first IV. */
    public Bytes firstIv(Bytes initiatorPublic, Bytes responderPublic) {
        return Hashes.ofPrf(hash, initiatorPublic, responderPublic).slice(0, row.blockBytes());
    }

    /** The first IV of the exchange {@code messageId} in phase 2. */
    public Bytes firstIv(Bytes lastBlockOfPhase1, int messageId) {
        return Hashes.ofPrf(hash, lastBlockOfPhase1, new ByteWriter(4).i32(messageId).toBytes()).slice(0, row.blockBytes());
    }

    /** Whether these octets can be a message under this cipher. */
    public boolean fits(Bytes cipherText) {
        return !cipherText.isEmpty() && cipherText.length() % row.blockBytes() == 0;
    }

    /** The IV of the next message of the exchange. */
    public Bytes lastBlock(Bytes cipherText) {
        return cipherText.from(cipherText.length() - row.blockBytes());
    }

    /** Pads with zeros and encrypts. */
    public Bytes encrypt(Secret key, Bytes iv, Bytes plain) {
        int block = row.blockBytes();
        byte[] padded = Arrays.copyOf(plain.toArray(), (plain.length() + block - 1) / block * block);
        return run(Cipher.ENCRYPT_MODE, key, iv, padded);
    }

    /**
     * What was encrypted, with its padding: if the key or IV is another, noise.
     *
     * @throws IllegalArgumentException unless it {@link #fits}
     */
    public Bytes decrypt(Secret key, Bytes iv, Bytes cipherText) {
        if (!fits(cipherText)) {
            throw new IllegalArgumentException(cipherText.length() + " octets are no multiple of the block of " + row.blockBytes());
        }
        return run(Cipher.DECRYPT_MODE, key, iv, cipherText.toArray());
    }

    private Bytes run(int mode, Secret key, Bytes iv, byte[] octets) {
        String transformation = row.jca().orElseThrow();
        Cipher cipher = Providers.best().cipher(transformation);
        try {
            cipher.init(
                    mode, new RawKey(key, transformation.substring(0, transformation.indexOf('/'))), new IvParameterSpec(iv.toArray()));
            return Bytes.wrap(cipher.doFinal(octets));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a message of " + octets.length + " octets cannot be run through " + row + ": " + e.getMessage(), e);
        }
    }
}
