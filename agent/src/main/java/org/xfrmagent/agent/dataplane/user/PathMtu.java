package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * How large a packet on the wire may be, by its destination. The MTU of the link is known beforehand; when the kernel refuses a packet
 * that would fit the link, because a router said so, the next smaller of the sizes that links usually have is assumed (RFC 1191,
 * section 7.1), and forgotten after ten minutes (section 6.3).
 */
final class PathMtu {
    private static final int[] USUAL = {9000, 8166, 4352, 2002, 1500, 1492, 1480, 1460, 1420, 1400, 1360, 1280, 1006, 576};
    private static final long FORGET_NANOS = 600_000_000_000L;
    private static final int UNKNOWN = 0xffff;

    private record Learned(int mtu, long atNanos) {}

    private final Map<InetAddress, Integer> links = new ConcurrentHashMap<>();
    private final Map<InetAddress, Learned> learned = new ConcurrentHashMap<>();
    private final LongSupplier nanos;

    PathMtu(LongSupplier nanos) {
        this.nanos = nanos;
    }

    int to(InetAddress destination) {
        int link = links.getOrDefault(destination, UNKNOWN);
        Learned path = learned.get(destination);
        if (path == null) {
            return link;
        }
        if (nanos.getAsLong() - path.atNanos > FORGET_NANOS) {
            learned.remove(destination, path);
            return link;
        }
        return Math.min(link, path.mtu);
    }

    /** The link that packets to {@code destination} leave by carries {@code mtu} octets. */
    void link(InetAddress destination, int mtu) {
        links.put(destination, mtu);
    }

    /** A packet of {@code length} octets did not fit; ask for the link's MTU first. */
    void refused(InetAddress destination, int length) {
        if (length > links.getOrDefault(destination, UNKNOWN)) {
            return;
        }
        for (int size : USUAL) {
            if (size < length) {
                learned.merge(destination, new Learned(size, nanos.getAsLong()), (old, now) -> old.mtu < now.mtu ? old : now);
                return;
            }
        }
    }

    void forget(InetAddress destination) {
        learned.remove(destination);
        links.remove(destination);
    }
}
