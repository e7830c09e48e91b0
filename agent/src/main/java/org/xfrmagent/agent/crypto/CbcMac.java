package org.xfrmagent.agent.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import org.xfrmagent.agent.bytes.Secret;

/**
 * AES-XCBC-MAC (RFC 3566, 4434) and AES-CMAC (RFC 4493): the last block of an AES-CBC encryption with a zero IV, where the last
 * block of the message is masked with one of two subkeys.
 *
 * <pre>
 *   last block complete:   M[n]              xor  whole
 *   last block short:      M[n] | 80 00 ..   xor  padded        (also for the empty message)
 * </pre>
 *
 * Written here over the JDK's AES because XCBC is in no provider, and BouncyCastle's CMAC does not use the CPU's AES.
 */
final class CbcMac implements KeyedMac {
    static final String CMAC = "AESCMAC";

    static final int BLOCK = 16;
    private static final String CBC = "AES/CBC/NoPadding";
    private static final IvParameterSpec ZERO = new IvParameterSpec(new byte[BLOCK]);
    private static final int CHUNK = 64 * BLOCK;

    private final Cipher cbc;
    private final byte[] whole;
    private final byte[] padded;
    /** The end of what was fed: held back, because only {@link #finish} knows that it is the last block. */
    private final byte[] held = new byte[BLOCK];
    private final byte[] discarded = new byte[CHUNK];
    private int heldLength;

    private CbcMac(Cipher cbc, byte[] whole, byte[] padded) {
        this.cbc = cbc;
        this.whole = whole;
        this.padded = padded;
    }

    /** CMAC by its name, XCBC where there is none. */
    static CbcMac of(Optional<String> name, Secret key, Providers providers) {
        if (key.length() != BLOCK) {
            throw new IllegalArgumentException("an AES-128 MAC needs a key of 16 octets, not " + key.length());
        }
        Cipher cbc = providers.cipher(CBC);
        return name.isPresent() ? cmac(cbc, key) : xcbc(cbc, key);
    }

    /** RFC 4493 section 2.3: the subkeys are E(K, 0) doubled once and twice in GF(2^128). */
    private static CbcMac cmac(Cipher cbc, Secret key) {
        byte[] zero = encrypt(start(cbc, key), new byte[BLOCK]);
        byte[] once = doubled(zero);
        return new CbcMac(cbc, once, doubled(once));
    }

    /** RFC 3566 section 4: K1, K2 and K3 are the encryptions of 0x01.., 0x02.. and 0x03... */
    private static CbcMac xcbc(Cipher cbc, Secret key) {
        start(cbc, key);
        Secret k1 = Secret.take(encrypt(cbc, filled(1)));
        byte[] k2 = encrypt(cbc, filled(2));
        byte[] k3 = encrypt(cbc, filled(3));
        start(cbc, k1);
        k1.wipe();
        return new CbcMac(cbc, k2, k3);
    }

    private static Cipher start(Cipher cbc, Secret key) {
        try {
            cbc.init(Cipher.ENCRYPT_MODE, new RawKey(key, "AES"), ZERO);
            return cbc;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES refuses a key of " + key.length() + " octets", e);
        }
    }

    private static byte[] encrypt(Cipher cbc, byte[] block) {
        try {
            return cbc.doFinal(block);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES refuses one whole block", e);
        }
    }

    private static byte[] filled(int value) {
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) value);
        return block;
    }

    private static byte[] doubled(byte[] block) {
        byte[] result = new byte[BLOCK];
        int carry = 0;
        for (int i = BLOCK - 1; i >= 0; i--) {
            int octet = block[i] & 0xff;
            result[i] = (byte) (octet << 1 | carry);
            carry = octet >>> 7;
        }
        result[BLOCK - 1] ^= (byte) (-carry & 0x87);
        return result;
    }

    @Override
    public int length() {
        return BLOCK;
    }

    @Override
    public void update(byte[] data, int from, int length) {
        if (length == 0) {
            return;
        }
        int at = from;
        int end = from + length;
        if (heldLength + length > BLOCK) {
            if (heldLength > 0) {
                int fill = BLOCK - heldLength;
                System.arraycopy(data, at, held, heldLength, fill);
                at += fill;
                absorb(held, 0, BLOCK);
                heldLength = 0;
            }
            while (end - at > BLOCK) {
                int blocks = Math.min((end - at - 1) / BLOCK * BLOCK, CHUNK);
                absorb(data, at, blocks);
                at += blocks;
            }
        }
        System.arraycopy(data, at, held, heldLength, end - at);
        heldLength += end - at;
    }

    private void absorb(byte[] data, int from, int length) {
        try {
            cbc.update(data, from, length, discarded, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES refuses whole blocks", e);
        }
    }

    @Override
    public void finish(byte[] target, int at) {
        byte[] mask = whole;
        if (heldLength < BLOCK) {
            held[heldLength] = (byte) 0x80;
            Arrays.fill(held, heldLength + 1, BLOCK, (byte) 0);
            mask = padded;
        }
        for (int i = 0; i < BLOCK; i++) {
            held[i] ^= mask[i];
        }
        heldLength = 0;
        try {
            cbc.doFinal(held, 0, BLOCK, target, at);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES refuses one whole block", e);
        }
    }
}
