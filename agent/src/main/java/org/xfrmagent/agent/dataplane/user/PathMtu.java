package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How large a packet on the wire may be, by destination. It begins with no opinion; when the kernel refuses a packet as too long, the
 * next smaller of the sizes that links usually have (RFC 1191, section 7.1) is assumed.
 */
final class PathMtu {
    private static final int[] USUAL = {9000, 8166, 4352, 2002, 1500, 1492, 1480, 1460, 1420, 1400, 1360, 1280, 1006, 576};

    private final Map<InetAddress, Integer> learned = new ConcurrentHashMap<>();

    int to(InetAddress destination) {
        return learned.getOrDefault(destination, 0xffff);
    }

    /** A packet of {@code length} octets did not fit. */
    void refused(InetAddress destination, int length) {
        for (int size : USUAL) {
            if (size < length) {
                learned.merge(destination, size, Math::min);
                return;
            }
        }
    }

    void forget(InetAddress destination) {
        learned.remove(destination);
    }
}
