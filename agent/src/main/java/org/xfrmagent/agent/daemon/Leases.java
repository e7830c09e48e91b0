package org.xfrmagent.agent.daemon;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    /** The first that somebody had comes first. */
    private final Map<Tenant, Set<InetAddress>> before = new HashMap<>();

    /**
     * For {@code lessee} of each that is wanted an address of the first pool that has one, in this order; without those that there is none
     * left for. Who asks by name comes first: nobody who takes whichever gets that one.
     */
    synchronized List<Lease> lease(List<Pool> pools, Lessee lessee, List<VirtualAddress> wanted) {
        List<VirtualAddress> namesFirst = wanted.stream().sorted(Comparator.comparing(each -> each.address().isEmpty())).toList();
        Map<VirtualAddress, Deque<Lease>> leases = new HashMap<>();
        Set<InetAddress> taken = new HashSet<>();
        for (VirtualAddress each : namesFirst) {
            VirtualAddress open = each.address().filter(taken::contains).isPresent() ? VirtualAddress.any(each.family()) : each;
            one(pools, lessee, open).ifPresent(lease -> {
                Tenant tenant = new Tenant(lease.pool(), lessee, each.family());
                lent.merge(lease.address(), new Tenancy(tenant, 1), (now, _) -> new Tenancy(tenant, now.sessions + 1));
                remember(lease.address(), tenant);
                taken.add(lease.address());
                leases.computeIfAbsent(each, _ -> new ArrayDeque<>()).add(lease);
            });
        }
        return wanted.stream()
                .flatMap(each -> Optional.ofNullable(leases.get(each)).map(Deque::poll).stream())
                .toList();
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
        before.computeIfAbsent(tenant, _ -> new LinkedHashSet<>()).add(address);
        if (last.size() > REMEMBERED) {
            last.keySet().stream().filter(each -> !lent.containsKey(each)).findFirst().ifPresent(this::forget);
        }
    }

    private void forget(InetAddress address) {
        Optional.ofNullable(last.remove(address)).ifPresent(tenant -> before.computeIfPresent(tenant, (_, had) -> {
            had.remove(address);
            return had.isEmpty() ? null : had;
        }));
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
        return before.getOrDefault(new Tenant(pool.name(), lessee, family), Set.of()).stream()
                .filter(address -> pool.gives(address) && !lent.containsKey(address))
                .findFirst()
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
