package org.xfrmagent.policies.yaml;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

import org.xfrmagent.policies.model.AddressRange;

/**
 * A box around a set of flows, in numbers cheap to compare: a set whose box is not within another's cannot be covered by it. With
 * thousands of policies that answers nearly every pair of them.
 *
 * <p>An IPv4 address counts as its 32 bits, an IPv6 address as its upper 64, both unsigned.
 */
record Hull(long localFrom, long localTo, long remoteFrom, long remoteTo) {
    static Hull of(List<Flows.Pair> pairs) {
        Hull hull = new Hull(-1, 0, -1, 0);
        for (Flows.Pair pair : pairs) {
            AddressRange local = pair.local().range();
            AddressRange remote = pair.remote().range();
            hull = new Hull(min(hull.localFrom, number(local.from())), max(hull.localTo, number(local.to())),
                    min(hull.remoteFrom, number(remote.from())), max(hull.remoteTo, number(remote.to())));
        }
        return hull;
    }

    /** Whether there is no packet at all in it. */
    boolean isEmpty() {
        return Long.compareUnsigned(localFrom, localTo) > 0;
    }

    boolean contains(Hull other) {
        return Long.compareUnsigned(localFrom, other.localFrom) <= 0 && Long.compareUnsigned(other.localTo, localTo) <= 0
                && Long.compareUnsigned(remoteFrom, other.remoteFrom) <= 0 && Long.compareUnsigned(other.remoteTo, remoteTo) <= 0;
    }

    private static long number(InetAddress address) {
        ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
        return octets.remaining() == Integer.BYTES ? Integer.toUnsignedLong(octets.getInt()) : octets.getLong();
    }

    private static long min(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0 ? a : b;
    }

    private static long max(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }
}
