package org.xfrmagent.agent.dataplane.user;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;

/**
 * The security policy database (RFC 4301, section 4.4.1): ordered by priority, the newest first among equals, the first match wins.
 *
 * <p>A change makes a new table and publishes it at once, so a reader sees a list of changes whole or not at all. Each table caches its
 * decisions per flow (RFC 4301 allows it as long as the policies are decorrelated or, as here, the cache dies with the table).
 */
final class Spd {
    /** Flows remembered per direction. A scan over thousands of addresses must not fill the heap: when it is full, it is emptied. */
    static final int MOST_FLOWS = 65_536;

    private static final class Table {
        private final PolicyOrder order;
        private final Map<PacketSelectors, Optional<PolicySpec>> flows = new ConcurrentHashMap<>();

        Table(PolicyOrder order) {
            this.order = order;
        }

        Optional<PolicySpec> lookup(PacketSelectors packet) {
            Optional<PolicySpec> known = flows.get(packet);
            if (known != null) {
                return known;
            }
            Optional<PolicySpec> found = order.first(entry -> decision(entry, packet));
            if (flows.size() >= MOST_FLOWS) {
                flows.clear();
            }
            flows.put(packet, found);
            return found;
        }
    }

    /** What a policy says of a packet, if anything. */
    private static Optional<PolicySpec> decision(PolicyOrder.Entry entry, PacketSelectors packet) {
        if (entry.selectors().match(packet)) {
            return Optional.of(entry.policy());
        }
        return entry.selectors().mightMatch(packet) && !(entry.policy().verdict() instanceof PolicySpec.Bypass)
                ? Optional.of(discarding(entry.policy()))
                : Optional.empty();
    }

    /**
     * What happens to a later fragment of which nobody can say whether the policy covers it: RFC 4301, section 7, wants such a policy
     * to have a companion for OPAQUE ports; without one the fragment can go neither under the policy nor past it.
     */
    private static PolicySpec discarding(PolicySpec policy) {
        return policy.withVerdict(new PolicySpec.Discard());
    }

    private volatile Map<Direction, Table> tables = Map.of(
            Direction.IN, new Table(PolicyOrder.EMPTY), Direction.OUT, new Table(PolicyOrder.EMPTY), Direction.FWD, new Table(PolicyOrder.EMPTY));

    /** The policy that decides about {@code packet} in {@code direction}; empty if none covers it. */
    Optional<PolicySpec> lookup(Direction direction, PacketSelectors packet) {
        Table table = tables.get(direction);
        return table == null ? Optional.empty() : table.lookup(packet);
    }

    /** Additions and removals, made at once. A removal takes the newest equal policy, and none if there is none. */
    record Change(List<PolicySpec> removed, List<PolicySpec> added) {
        Change {
            removed = List.copyOf(removed);
            added = List.copyOf(added);
        }

        boolean isEmpty() {
            return removed.isEmpty() && added.isEmpty();
        }
    }

    /** What {@link #change} found, for {@link #restore}. */
    static final class Former {
        private final Map<Direction, Table> tables;

        private Former(Map<Direction, Table> tables) {
            this.tables = tables;
        }
    }

    synchronized void restore(Former former) {
        tables = former.tables;
    }

    synchronized Former change(Change change) {
        Former former = new Former(tables);
        Map<Direction, PolicyOrder> orders = new EnumMap<>(Direction.class);
        for (PolicySpec policy : change.removed) {
            orders.put(policy.direction(), orders.getOrDefault(policy.direction(), order(policy.direction())).without(policy));
        }
        for (PolicySpec policy : change.added) {
            orders.put(policy.direction(), orders.getOrDefault(policy.direction(), order(policy.direction())).with(policy));
        }
        Map<Direction, Table> next = new EnumMap<>(tables);
        orders.forEach((direction, order) -> next.put(direction, new Table(order)));
        tables = next;
        return former;
    }

    private PolicyOrder order(Direction direction) {
        Table table = tables.get(direction);
        return table == null ? PolicyOrder.EMPTY : table.order;
    }

    /** Whether an equal policy is there. */
    boolean contains(PolicySpec policy) {
        return order(policy.direction()).contains(policy);
    }

    /** All policies of a direction, the one that is asked first in front. */
    List<PolicySpec> ordered(Direction direction) {
        return order(direction).policies();
    }

    /** All policies; within a direction in the order they are asked. */
    List<PolicySpec> all() {
        return Arrays.stream(Direction.values()).flatMap(direction -> ordered(direction).stream()).toList();
    }

    /** What a kernel could hold: of policies with the same direction, selectors and interface only the one in force. */
    List<PolicySpec> inForce() {
        return inForce(all());
    }

    /** Of policies with the same direction, selectors and interface the first. */
    static List<PolicySpec> inForce(Collection<PolicySpec> ordered) {
        record Key(Direction direction, SelectorPair selectors, OptionalInt ifId) {}
        Map<Key, PolicySpec> first = new LinkedHashMap<>();
        for (PolicySpec policy : ordered) {
            first.putIfAbsent(new Key(policy.direction(), policy.selectors(), policy.ifId()), policy);
        }
        return List.copyOf(first.values());
    }
}
