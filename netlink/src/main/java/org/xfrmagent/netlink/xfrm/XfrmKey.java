package org.xfrmagent.netlink.xfrm;

import java.security.MessageDigest;
import java.util.Arrays;

/** Key octets for the kernel: wipeable, compared in constant time, never printed. */
public final class XfrmKey {
    private final byte[] octets;
    private volatile boolean wiped;

    private XfrmKey(byte[] octets) {
        this.octets = octets;
    }

    /** Takes {@code octets} over without a copy: from here on the array is this key's to wipe. */
    public static XfrmKey take(byte[] octets) {
        return new XfrmKey(octets);
    }

    public int length() {
        return octets.length;
    }

    byte[] octets() {
        if (wiped) {
            throw new IllegalStateException("key used after it was wiped");
        }
        return octets;
    }

    public void wipe() {
        wiped = true;
        Arrays.fill(octets, (byte) 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof XfrmKey that && MessageDigest.isEqual(octets, that.octets);
    }

    /** The same for every key of one length: a hash of the content would leak it. */
    @Override
    public int hashCode() {
        return octets.length;
    }

    @Override
    public String toString() {
        return "XfrmKey[" + octets.length + " octets]";
    }
}
