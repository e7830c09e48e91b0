package org.xfrmagent.agent.daemon;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.Lessee;
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

    private record Former(String pool, Lessee lessee) {}

    private record Lease(Lessee lessee, int sessions) {}

    private final Map<Address, Lease> lent = new HashMap<>();
    private final Map<Former, InetAddress> before = new HashMap<>();

    /** An address for {@code lessee}; empty if the pool has none left. */
    synchronized Optional<InetAddress> lease(Pool pool, Lessee lessee, Optional<InetAddress> wanted) {
        Optional<InetAddress> found = wanted
                .filter(address -> contains(pool, address) && isFor(pool, address, lessee))
                .or(() -> Optional.ofNullable(before.get(new Former(pool.name(), lessee)))
                        .filter(address -> contains(pool, address) && isFree(pool, address)))
                .or(() -> firstFree(pool));
        found.ifPresent(address -> {
            lent.merge(new Address(pool.name(), address), new Lease(lessee, 1), (one, more) -> new Lease(lessee, one.sessions + 1));
            before.put(new Former(pool.name(), lessee), address);
        });
        return found;
    }

    synchronized void release(String pool, InetAddress address) {
        lent.computeIfPresent(
                new Address(pool, address), (_, lease) -> lease.sessions == 1 ? null : new Lease(lease.lessee, lease.sessions - 1));
    }

    /** What is lent, and what was lent last to those who have nothing now; in the order of the addresses. */
    synchronized List<Lent> all() {
        List<Lent> all = new ArrayList<>();
        lent.forEach((at, lease) -> all.add(new Lent(at.pool, at.address, lease.lessee.name(), true)));
        before.forEach((former, address) -> {
            if (!lent.containsKey(new Address(former.pool, address))) {
                all.add(new Lent(former.pool, address, former.lessee.name(), false));
            }
        });
        all.sort(Comparator.comparing(Lent::pool).thenComparing(each -> new BigInteger(1, each.address().getAddress())).thenComparing(Lent::owner));
        return all;
    }

    private boolean isFor(Pool pool, InetAddress address, Lessee lessee) {
        Lease lease = lent.get(new Address(pool.name(), address));
        return lease == null || lease.lessee.equals(lessee);
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
