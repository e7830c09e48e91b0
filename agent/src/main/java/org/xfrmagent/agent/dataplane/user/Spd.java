package org.xfrmagent.agent.dataplane.user;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
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

    private record Entry(PolicySpec policy, CompiledSelectors selectors) {}

    private static final class Table {
        /** In the order they are asked. */
        private final Entry[] entries;
        private final Map<PacketSelectors, Optional<PolicySpec>> flows = new ConcurrentHashMap<>();

        Table(Entry... entries) {
            this.entries = entries;
        }

        Optional<PolicySpec> lookup(PacketSelectors packet) {
            Optional<PolicySpec> known = flows.get(packet);
            if (known != null) {
                return known;
            }
            Optional<PolicySpec> found = Optional.empty();
            for (Entry entry : entries) {
                if (entry.selectors.match(packet)) {
                    found = Optional.of(entry.policy);
                    break;
                }
                if (entry.selectors.mightMatch(packet) && !(entry.policy.verdict() instanceof PolicySpec.Bypass)) {
                    found = Optional.of(discarding(entry.policy));
                    break;
                }
            }
            if (flows.size() >= MOST_FLOWS) {
                flows.clear();
            }
            flows.put(packet, found);
            return found;
        }
    }

    /**
     * What happens to a later fragment of which nobody can say whether the policy covers it: RFC 4301, section 7, wants such a policy
     * to have a companion for OPAQUE ports; without one the fragment can go neither under the policy nor past it.
     */
    private static PolicySpec discarding(PolicySpec policy) {
        return policy.withVerdict(new PolicySpec.Discard());
    }

    private volatile Map<Direction, Table> tables = Map.of(
            Direction.IN, new Table(), Direction.OUT, new Table(), Direction.FWD, new Table());

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
        Map<Direction, List<Entry>> lists = new EnumMap<>(Direction.class);
        for (Direction direction : Direction.values()) {
            Table table = tables.get(direction);
            lists.put(direction, new ArrayList<>(table == null ? List.of() : Arrays.asList(table.entries)));
        }
        Set<Direction> touched = new HashSet<>();
        for (PolicySpec policy : change.removed) {
            touched.add(policy.direction());
            remove(list(lists, policy), policy);
        }
        for (PolicySpec policy : change.added) {
            touched.add(policy.direction());
            insert(list(lists, policy), new Entry(policy, new CompiledSelectors(policy.selectors())));
        }
        Map<Direction, Table> next = new EnumMap<>(tables);
        for (Direction direction : touched) {
            next.put(direction, new Table(lists.getOrDefault(direction, List.of()).toArray(Entry[]::new)));
        }
        tables = next;
        return former;
    }

    private static List<Entry> list(Map<Direction, List<Entry>> lists, PolicySpec policy) {
        return lists.computeIfAbsent(policy.direction(), direction -> new ArrayList<>());
    }

    /** Before the first that is of a higher number, or of the same and so older. */
    private static void insert(List<Entry> into, Entry entry) {
        into.add(first(into, entry.policy.priority()), entry);
    }

    /** The place of the first whose number is not lower. */
    private static int first(List<Entry> ordered, int priority) {
        int low = 0;
        int high = ordered.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ordered.get(middle).policy.priority() < priority) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The place of the newest equal one; -1 if there is none. */
    private static int find(List<Entry> ordered, PolicySpec policy) {
        for (int i = first(ordered, policy.priority()); i < ordered.size() && ordered.get(i).policy.priority() == policy.priority(); i++) {
            if (ordered.get(i).policy.equals(policy)) {
                return i;
            }
        }
        return -1;
    }

    private static void remove(List<Entry> from, PolicySpec policy) {
        int place = find(from, policy);
        if (place >= 0) {
            from.remove(place);
        }
    }

    /** Whether an equal policy is there. */
    boolean contains(PolicySpec policy) {
        Table table = tables.get(policy.direction());
        return table != null && find(Arrays.asList(table.entries), policy) >= 0;
    }

    /** All policies of a direction, the one that is asked first in front. */
    List<PolicySpec> ordered(Direction direction) {
        Table table = tables.get(direction);
        return table == null ? List.of() : Arrays.stream(table.entries).map(Entry::policy).toList();
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
