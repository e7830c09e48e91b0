package org.xfrmagent.agent.daemon;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.VirtualAddress;

/**
 * Who has which address of the pools. An address is lent to one owner, of whichever pool it is; only a second session of the same owner
 * that asks for it gets it too, as one that authenticates itself anew does. Who comes back gets what it had, if nobody else has it now;
 * others get it only when there is nothing else left.
 */
final class Leases {
    /** So many are remembered; the oldest are forgotten first. */
    private static final int REMEMBERED = 65_536;

    private record Tenant(String pool, Lessee lessee, AddressFamily family) {}

    private record Tenancy(Tenant tenant, int sessions) {}

    private final Map<InetAddress, Tenancy> lent = new HashMap<>();
    /** Who has had an address last; the oldest first. */
    private final Map<InetAddress, Tenant> last = new LinkedHashMap<>();
    private final Map<Tenant, InetAddress> before = new HashMap<>();

    /** For {@code lessee} of each family that is wanted an address of the first pool that has one; none if there is none left. */
    synchronized List<Lease> lease(List<Pool> pools, Lessee lessee, List<VirtualAddress> wanted) {
        List<Lease> leases = new ArrayList<>();
        for (VirtualAddress each : wanted) {
            one(pools, lessee, each).ifPresent(lease -> {
                Tenant tenant = new Tenant(lease.pool(), lessee, each.family());
                lent.merge(lease.address(), new Tenancy(tenant, 1), (now, _) -> new Tenancy(tenant, now.sessions + 1));
                remember(lease.address(), tenant);
                leases.add(lease);
            });
        }
        return leases;
    }

    private Optional<Lease> one(List<Pool> pools, Lessee lessee, VirtualAddress wanted) {
        AddressFamily family = wanted.family();
        return wanted.address().filter(address -> isFor(address, lessee)).flatMap(address -> pools.stream()
                        .filter(pool -> pool.gives(address))
                        .map(pool -> new Lease(pool.name(), address))
                        .findFirst())
                .or(() -> pools.stream().flatMap(pool -> former(pool, lessee, family).stream()).findFirst())
                .or(() -> first(pools, family, address -> !lent.containsKey(address) && !last.containsKey(address)))
                .or(() -> first(pools, family, address -> !lent.containsKey(address)));
    }

    private void remember(InetAddress address, Tenant tenant) {
        forget(address);
        last.put(address, tenant);
        before.put(tenant, address);
        if (last.size() > REMEMBERED) {
            last.keySet().stream().filter(each -> !lent.containsKey(each)).findFirst().ifPresent(this::forget);
        }
    }

    private void forget(InetAddress address) {
        Optional.ofNullable(last.remove(address)).ifPresent(tenant -> before.remove(tenant, address));
    }

    synchronized void release(List<Lease> leases) {
        leases.forEach(lease -> lent.computeIfPresent(
                lease.address(), (_, now) -> now.sessions == 1 ? null : new Tenancy(now.tenant, now.sessions - 1)));
    }

    /** What is lent, and what was lent last to those who have nothing now; in the order of the addresses. */
    synchronized List<Lent> all() {
        return last.entrySet().stream()
                .map(entry -> new Lent(
                        entry.getValue().pool, entry.getKey(), entry.getValue().lessee.name(), lent.containsKey(entry.getKey())))
                .sorted(Comparator.comparing(Lent::pool).thenComparing(each -> new BigInteger(1, each.address().getAddress())))
                .toList();
    }

    private boolean isFor(InetAddress address, Lessee lessee) {
        Tenancy now = lent.get(address);
        return now == null || now.tenant.lessee.equals(lessee);
    }

    private Optional<Lease> former(Pool pool, Lessee lessee, AddressFamily family) {
        return Optional.ofNullable(before.get(new Tenant(pool.name(), lessee, family)))
                .filter(address -> pool.gives(address) && !lent.containsKey(address))
                .map(address -> new Lease(pool.name(), address));
    }

    /** Looks at one more address than there are known ones: one of these is fit, if there is one. */
    private Optional<Lease> first(List<Pool> pools, AddressFamily family, Predicate<InetAddress> fit) {
        for (Pool pool : pools) {
            for (AddressRange range : pool.hosts()) {
                long count = range.family() == family ? range.size().min(BigInteger.valueOf(last.size() + 1L)).longValueExact() : 0;
                for (long i = 0; i < count; i++) {
                    InetAddress address = range.at(BigInteger.valueOf(i));
                    if (fit.test(address)) {
                        return Optional.of(new Lease(pool.name(), address));
                    }
                }
            }
        }
        return Optional.empty();
    }
}
