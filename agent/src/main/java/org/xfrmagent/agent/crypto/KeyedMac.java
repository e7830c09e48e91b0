package org.xfrmagent.agent.crypto;

import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/** A MAC under one key, fed piece by piece, ready for the next message after {@link #finish}. Not for two threads at once. */
sealed interface KeyedMac permits KeyedMac.Hash, CbcMac {
    /**
     * The MAC that a PRF or INTEG row names, not truncated.
     *
     * @param key HMAC: of any length; AES-XCBC and AES-CMAC: 16 octets
     */
    static KeyedMac of(Algorithm row, Secret key, Providers providers) {
        Optional<String> name = row.jca();
        if (name.isEmpty() || name.get().equals(CbcMac.CMAC)) {
            return CbcMac.of(name, key, providers);
        }
        return new Hash(name.get(), key, providers);
    }

    /** HMAC by its JCA name. */
    static KeyedMac hash(String name, Secret key, Providers providers) {
        return new Hash(name, key, providers);
    }

    /** Octets of the whole MAC. */
    int length();

    void update(byte[] data, int from, int length);

    default void update(Bytes... data) {
        for (Bytes part : data) {
            byte[] octets = part.toArray();
            update(octets, 0, octets.length);
            Arrays.fill(octets, (byte) 0);
        }
    }

    /** Writes the MAC of all that was fed since the last call, {@link #length()} octets. */
    void finish(byte[] target, int at);

    /** The MAC of the data, one after the other. */
    default byte[] of(Bytes... data) {
        update(data);
        byte[] mac = new byte[length()];
        finish(mac, 0);
        return mac;
    }

    /** HMAC (RFC 2104), as a provider has it. */
    final class Hash implements KeyedMac {
        private final Mac mac;

        private Hash(String name, Secret key, Providers providers) {
            mac = providers.mac(name);
            try {
                mac.init(new RawKey(key, name));
            } catch (InvalidKeyException e) {
                throw new IllegalArgumentException(name + " refuses a key of " + key.length() + " octets", e);
            }
        }

        @Override
        public int length() {
            return mac.getMacLength();
        }

        @Override
        public void update(byte[] data, int from, int length) {
            mac.update(data, from, length);
        }

        @Override
        public void finish(byte[] target, int at) {
            try {
                mac.doFinal(target, at);
            } catch (ShortBufferException e) {
                throw new IllegalArgumentException("no room for a MAC of " + length() + " octets", e);
            }
        }
    }
}
