package org.xfrmagent.agent.engine;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Where the half-open come from. One who has a network to himself has all of its addresses: of IPv6 a /64 counts as one address, and no
 * network may have more than its share of all places, a /24 or a /48. One thread counts, any thread may ask.
 */
final class Crowd {
    /** So many networks at least it takes to occupy all places. */
    static final int NETWORKS = 8;

    private static final int ADDRESS_OCTETS_V6 = 8;
    private static final int NETWORK_OCTETS_V4 = 3;
    private static final int NETWORK_OCTETS_V6 = 6;

    private final Map<Bytes, Integer> byAddress = new ConcurrentHashMap<>();
    private final Map<Bytes, Integer> byNetwork = new ConcurrentHashMap<>();

    int ofAddress(InetAddress address) {
        return byAddress.getOrDefault(host(address), 0);
    }

    int ofNetwork(InetAddress address) {
        return byNetwork.getOrDefault(network(address), 0);
    }

    void count(InetAddress address, int more) {
        count(byAddress, host(address), more);
        count(byNetwork, network(address), more);
    }

    private static void count(Map<Bytes, Integer> counts, Bytes key, int more) {
        counts.merge(key, more, (before, now) -> before + now);
        counts.remove(key, 0);
    }

    private static Bytes host(InetAddress address) {
        return address instanceof Inet4Address ? Bytes.of(address.getAddress()) : prefix(address, ADDRESS_OCTETS_V6);
    }

    private static Bytes network(InetAddress address) {
        return prefix(address, address instanceof Inet4Address ? NETWORK_OCTETS_V4 : NETWORK_OCTETS_V6);
    }

    private static Bytes prefix(InetAddress address, int octets) {
        return Bytes.wrap(Arrays.copyOf(address.getAddress(), octets));
    }
}
