package org.xfrmagent.agent.crypto;

import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/**
 * A cipher, and a MAC over header, IV and cipher text (RFC 7296 section 3.14, RFC 4303 section 3.3.2). With an extended sequence
 * number the MAC covers its upper half behind all that.
 */
final class CipherThenMac extends PacketCipher {
    private final PacketMac mac;
    private final Encryption encryption;
    private final byte[] high = new byte[4];

    CipherThenMac(Algorithm row, Secret keyWithSalt, PacketMac mac, boolean extendedSequence, Providers providers) {
        super(row.blockBytes(), row.ivBytes(), mac.icvBytes(), extendedSequence);
        this.mac = mac;
        if (row.jca().isEmpty()) {
            encryption = new Nothing();
        } else if (row.blockBytes() == 1) {
            encryption = new Counter(row, keyWithSalt, providers.cipher(row.jca().get()));
        } else {
            encryption = new Chaining(row, keyWithSalt, providers.cipher(row.jca().get()));
        }
    }

    @Override
    void sealWhole(byte[] packet, int header, int body, int length, long sequence) {
        try {
            encryption.encrypt(packet, body, length, sequence);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a packet of " + length + " octets cannot be encrypted: " + e.getMessage(), e);
        }
        authenticate(packet, header, body, length, sequence);
        mac.finish(packet, body + ivBytes() + length);
    }

    @Override
    boolean openWhole(byte[] packet, int header, int body, int length, long sequence) {
        authenticate(packet, header, body, length, sequence);
        if (!mac.verify(packet, body + ivBytes() + length)) {
            return false;
        }
        try {
            encryption.decrypt(packet, body, length);
            return true;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a packet of " + length + " octets cannot be decrypted: " + e.getMessage(), e);
        }
    }

    private void authenticate(byte[] packet, int header, int body, int length, long sequence) {
        mac.update(packet, header, body + ivBytes() + length - header);
        if (extendedSequence()) {
            putInt((int) (sequence >>> 32), high, 0);
            mac.update(high, 0, high.length);
        }
    }

    private sealed interface Encryption {
        void encrypt(byte[] packet, int body, int length, long sequence) throws GeneralSecurityException;

        void decrypt(byte[] packet, int body, int length) throws GeneralSecurityException;
    }

    /** ENCR_NULL (RFC 2410). */
    private static final class Nothing implements Encryption {
        @Override
        public void encrypt(byte[] packet, int body, int length, long sequence) {}

        @Override
        public void decrypt(byte[] packet, int body, int length) {}
    }

    /**
     * A block cipher in CBC mode (RFC 3602, 2451, 4312). The IV must be unpredictable and is the encryption of the sequence number,
     * which never repeats (NIST SP 800-38A appendix C). The chain gives it for free:
     *
     * <pre>
     *   in     sequence | P1 | P2 ...           chained from a zero IV
     *   out    IV       | C1 | C2 ...           IV = E(sequence), C1 = E(P1 xor IV)
     * </pre>
     *
     * so that neither a random source nor a new initialisation is needed for a packet; decrypting from a zero IV is as simple.
     */
    private static final class Chaining implements Encryption {
        private final Cipher cipher;
        private final RawKey key;
        private final AlgorithmParameterSpec zero;
        private final int ivBytes;
        private int mode;

        Chaining(Algorithm row, Secret secret, Cipher cipher) {
            this.cipher = cipher;
            key = new RawKey(secret, cipherName(row));
            ivBytes = row.ivBytes();
            zero = new IvParameterSpec(new byte[ivBytes]);
        }

        @Override
        public void encrypt(byte[] packet, int body, int length, long sequence) throws GeneralSecurityException {
            Arrays.fill(packet, body, body + ivBytes, (byte) 0);
            putLong(sequence, packet, body + ivBytes - Long.BYTES);
            run(Cipher.ENCRYPT_MODE, packet, body, length);
        }

        @Override
        public void decrypt(byte[] packet, int body, int length) throws GeneralSecurityException {
            run(Cipher.DECRYPT_MODE, packet, body, length);
        }

        private void run(int wanted, byte[] packet, int body, int length) throws GeneralSecurityException {
            if (mode != wanted) {
                cipher.init(wanted, key, zero);
                mode = wanted;
            }
            cipher.doFinal(packet, body, ivBytes + length, packet, body);
        }
    }

    /** AES in counter mode (RFC 3686, in IKE RFC 5930): counter block = nonce (4) | IV (8) | block number from 1 (4). */
    private static final class Counter implements Encryption {
        private final Cipher cipher;
        private final RawKey key;
        private final byte[] block;
        private final int saltBytes;
        private final int ivBytes;

        Counter(Algorithm row, Secret keyWithSalt, Cipher cipher) {
            this.cipher = cipher;
            key = new RawKey(keyWithSalt.slice(0, row.keyBytes()), cipherName(row));
            saltBytes = row.saltBytes();
            ivBytes = row.ivBytes();
            block = new byte[cipher.getBlockSize()];
            block[block.length - 1] = 1;
            keyWithSalt.with(octets -> {
                System.arraycopy(octets, row.keyBytes(), block, 0, saltBytes);
                return block;
            });
        }

        @Override
        public void encrypt(byte[] packet, int body, int length, long sequence) throws GeneralSecurityException {
            putLong(sequence, packet, body);
            decrypt(packet, body, length);
        }

        @Override
        public void decrypt(byte[] packet, int body, int length) throws GeneralSecurityException {
            System.arraycopy(packet, body, block, saltBytes, ivBytes);
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(block));
            int text = body + ivBytes;
            cipher.doFinal(packet, text, length, packet, text);
        }
    }

    /** "AES" of "AES/CBC/NoPadding". */
    private static String cipherName(Algorithm row) {
        String transformation = row.jca().orElseThrow();
        return transformation.substring(0, transformation.indexOf('/'));
    }
}
