package org.xfrmagent.agent.crypto;

import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.TransformType;

/**
 * A truncated MAC over packets in a byte array: what AH, and ESP with a separate integrity algorithm, put into the ICV. Keeps its
 * state between packets and allocates nothing; not for two threads at once.
 */
public final class PacketMac {
    private final KeyedMac mac;
    private final byte[] whole;
    private final int icvBytes;

    private PacketMac(Algorithm row, Secret key, Providers providers) {
        if (row.type() != TransformType.INTEG || key.length() != row.keyBytes()) {
            throw new IllegalArgumentException(row + " is no integrity algorithm with a key of " + key.length() + " octets");
        }
        mac = KeyedMac.of(row, key, providers);
        whole = new byte[mac.length()];
        icvBytes = row.icvBytes();
    }

    public static PacketMac of(Algorithm integrity, Secret key) {
        return of(integrity, key, Providers.best());
    }

    static PacketMac of(Algorithm integrity, Secret key, Providers providers) {
        return new PacketMac(integrity, key, providers);
    }

    public int icvBytes() {
        return icvBytes;
    }

    public void update(byte[] data, int from, int length) {
        mac.update(data, from, length);
    }

    /** Writes the ICV of all that was fed since the last packet. */
    public void finish(byte[] packet, int at) {
        mac.finish(whole, 0);
        System.arraycopy(whole, 0, packet, at, icvBytes);
    }

    /** Whether the ICV at {@code at} is that of all that was fed since the last packet; compares in constant time. */
    public boolean verify(byte[] packet, int at) {
        mac.finish(whole, 0);
        return Hashes.equalInConstantTime(whole, 0, packet, at, icvBytes);
    }
}
