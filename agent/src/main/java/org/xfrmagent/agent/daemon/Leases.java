package org.xfrmagent.agent.daemon;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;

/**
 * Who has which address of the pools. An address is lent to one owner; only a second session of the same owner that asks for it gets
 * it too, as one that authenticates itself anew does. Who comes back gets what it had, if nobody else has it now.
 */
final class Leases {
    private record Address(String pool, InetAddress address) {}

    private record Owner(String pool, String name) {}

    private record Lease(String owner, int sessions) {}

    private final Map<Address, Lease> lent = new HashMap<>();
    private final Map<Owner, InetAddress> before = new HashMap<>();

    /** An address for {@code owner}; empty if the pool has none left. */
    synchronized Optional<InetAddress> lease(Pool pool, String owner, Optional<InetAddress> wanted) {
        Optional<InetAddress> found = wanted
                .filter(address -> contains(pool, address) && isFor(pool, address, owner))
                .or(() -> Optional.ofNullable(before.get(new Owner(pool.name(), owner)))
                        .filter(address -> contains(pool, address) && isFree(pool, address)))
                .or(() -> firstFree(pool));
        found.ifPresent(address -> {
            lent.merge(new Address(pool.name(), address), new Lease(owner, 1), (one, more) -> new Lease(owner, one.sessions + 1));
            before.put(new Owner(pool.name(), owner), address);
        });
        return found;
    }

    synchronized void release(String pool, InetAddress address) {
        lent.computeIfPresent(
                new Address(pool, address), (_, lease) -> lease.sessions == 1 ? null : new Lease(lease.owner, lease.sessions - 1));
    }

    private boolean isFor(Pool pool, InetAddress address, String owner) {
        Lease lease = lent.get(new Address(pool.name(), address));
        return lease == null || lease.owner.equals(owner);
    }

    private boolean isFree(Pool pool, InetAddress address) {
        return !lent.containsKey(new Address(pool.name(), address));
    }

    private static boolean contains(Pool pool, InetAddress address) {
        return pool.addresses().stream().anyMatch(range -> range.contains(AddressRange.of(address)) && isHost(range, address));
    }

    /** Looks at one more address than is lent: one of these is free, if there is one. */
    private Optional<InetAddress> firstFree(Pool pool) {
        for (AddressRange range : pool.addresses()) {
            if (AddressFamily.of(range.from()) != AddressFamily.IPV4) {
                continue;
            }
            BigInteger first = new BigInteger(1, range.from().getAddress());
            long count = range.size().min(BigInteger.valueOf(lent.size() + 3L)).longValueExact();
            for (long i = 0; i < count; i++) {
                InetAddress address = address(first.add(BigInteger.valueOf(i)));
                if (isFree(pool, address) && isHost(range, address)) {
                    return Optional.of(address);
                }
            }
        }
        return Optional.empty();
    }

    /** The first and the last address of a subnet are the network itself and everybody in it. */
    private static boolean isHost(AddressRange range, InetAddress address) {
        return range.size().compareTo(BigInteger.TWO) <= 0 || !address.equals(range.from()) && !address.equals(range.to());
    }

    private static InetAddress address(BigInteger number) {
        byte[] octets = new byte[4];
        int value = number.intValue();
        for (int i = 3; i >= 0; i--) {
            octets[i] = (byte) value;
            value >>>= Byte.SIZE;
        }
        return Ip.of(octets);
    }
}
