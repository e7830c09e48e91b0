package org.xfrmagent.agent.crypto;

import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/**
 * AES-GCM (RFC 4106), AES-CCM (RFC 4309), ChaCha20-Poly1305 (RFC 7634) and AES-GMAC (RFC 4543), in IKE by RFC 5282. All have the
 * same shape:
 *
 * <pre>
 *   nonce   = salt | IV                                    salt: behind the key in the key material; IV: 8 octets, a counter
 *   AAD     = header          or, with an extended sequence number,  SPI | upper half | lower half
 *   GMAC:     nothing is encrypted; AAD = header | IV | payload
 * </pre>
 */
final class AeadCipher extends PacketCipher {
    private static final String CHACHA = "ChaCha20-Poly1305";
    private static final String GCM = "AES/GCM/NoPadding";
    private static final String GMAC = "AES-GMAC";
    private static final int SPI = 4;
    /** The shortest GCM tag that the JDK and the native provider compute, octets. */
    private static final int SHORTEST_COMMON_TAG = 12;

    private final Cipher cipher;
    private final RawKey key;
    private final byte[] nonce;
    private final int saltBytes;
    private final boolean isChacha;
    private final boolean encrypts;
    private final byte[] high = new byte[4];
    private final byte[] noPlainText = new byte[0];

    AeadCipher(Algorithm row, Secret keyWithSalt, boolean extendedSequence, Providers providers) {
        super(row.blockBytes(), row.ivBytes(), row.icvBytes(), extendedSequence);
        String name = row.jca().orElseThrow(() -> new IllegalArgumentException(row + " has no implementation"));
        isChacha = name.equals(CHACHA);
        encrypts = !name.equals(GMAC);
        String transformation = encrypts ? name : GCM;
        cipher = transformation.equals(GCM) && row.icvBytes() < SHORTEST_COMMON_TAG
                ? providers.lenientCipher(transformation)
                : providers.cipher(transformation);
        key = new RawKey(keyWithSalt.slice(0, row.keyBytes()), isChacha ? "ChaCha20" : "AES");
        saltBytes = row.saltBytes();
        nonce = new byte[saltBytes + row.ivBytes()];
        keyWithSalt.with(octets -> {
            System.arraycopy(octets, row.keyBytes(), nonce, 0, saltBytes);
            return nonce;
        });
    }

    @Override
    void sealWhole(byte[] packet, int header, int body, int length, long sequence) {
        putLong(sequence, packet, body);
        int text = body + ivBytes();
        try {
            start(Cipher.ENCRYPT_MODE, packet, header, body, sequence);
            if (encrypts) {
                cipher.doFinal(packet, text, length, packet, text);
            } else {
                cipher.updateAAD(packet, body, ivBytes() + length);
                cipher.doFinal(packet, text + length, 0, packet, text + length);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sequence number " + sequence + " cannot be sealed: " + e.getMessage(), e);
        }
    }

    @Override
    boolean openWhole(byte[] packet, int header, int body, int length, long sequence) {
        int text = body + ivBytes();
        try {
            start(Cipher.DECRYPT_MODE, packet, header, body, sequence);
            if (encrypts) {
                cipher.doFinal(packet, text, length + icvBytes(), packet, text);
            } else {
                cipher.updateAAD(packet, body, ivBytes() + length);
                cipher.doFinal(packet, text + length, icvBytes(), noPlainText, 0);
            }
            return true;
        } catch (AEADBadTagException forged) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a packet of " + length + " octets cannot be opened: " + e.getMessage(), e);
        }
    }

    private void start(int mode, byte[] packet, int header, int body, long sequence) throws GeneralSecurityException {
        System.arraycopy(packet, body, nonce, saltBytes, ivBytes());
        AlgorithmParameterSpec parameters =
                isChacha ? new IvParameterSpec(nonce) : new GCMParameterSpec(icvBytes() * Byte.SIZE, nonce);
        cipher.init(mode, key, parameters);
        if (extendedSequence()) {
            putInt((int) (sequence >>> 32), high, 0);
            cipher.updateAAD(packet, header, SPI);
            cipher.updateAAD(high);
            cipher.updateAAD(packet, header + SPI, body - header - SPI);
        } else {
            cipher.updateAAD(packet, header, body - header);
        }
    }
}
