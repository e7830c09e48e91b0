package org.xfrmagent.agent.bytes;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Key material: wipeable, compared in constant time, printed as its length only. After {@link #wipe()} every use throws
 * {@link IllegalStateException}.
 */
public final class Secret {
    private final byte[] octets;
    private volatile boolean wiped;

    private Secret(byte[] octets) {
        this.octets = octets;
    }

    /** Takes {@code octets} over without a copy: from here on the array is this secret's to wipe. */
    public static Secret take(byte[] octets) {
        return new Secret(octets);
    }

    public static Secret copyOf(Bytes octets) {
        return new Secret(octets.toArray());
    }

    public int length() {
        return octets.length;
    }

    /** Lets {@code use} read the octets; it must neither keep nor change the array. */
    public <T> T with(Function<byte[], T> use) {
        if (wiped) {
            throw new IllegalStateException("secret used after it was wiped");
        }
        return use.apply(octets);
    }

    /** A copy of the octets, for an interface that insists on an array (kernel keys); the caller wipes it. */
    public byte[] copy() {
        return with(byte[]::clone);
    }

    /** The octets from {@code from} (inclusive) to {@code to} (exclusive) as a secret of their own. */
    public Secret slice(int from, int to) {
        return with(all -> take(Arrays.copyOfRange(all, from, to)));
    }

    public void wipe() {
        wiped = true;
        Arrays.fill(octets, (byte) 0);
    }

    public boolean isWiped() {
        return wiped;
    }

    /** Constant-time comparison of the content. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that && MessageDigest.isEqual(octets, that.octets);
    }

    /** The same for every secret of one length: a hash of the content would leak it. */
    @Override
    public int hashCode() {
        return octets.length;
    }

    @Override
    public String toString() {
        return "Secret[" + octets.length + " octets]";
    }
}
