package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.route.InterfaceAddress;
import org.xfrmagent.netlink.route.Link;
import org.xfrmagent.netlink.route.Route;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;

/**
 * Makes the kernel route what a {@link SteeringPlan} says into the TUN interface.
 *
 * <pre>
 *   219  mark of the plane's own packets      goto 224
 *   220  from 10.1.0.0/16 to 10.1.9.0/24      goto 224         a bypass in front of a protect policy
 *   220  locally made                         table 22000      only if this host has an address in 10.1.0.0/16: its routes
 *   220  from 10.1.0.0/16                     table 22000        then choose that address as the source
 *   221  (the next generation, while the rules are exchanged)
 *   223  (what a predecessor that died led into its interface; its routes lead nowhere now)
 *   224  nothing: here everything else goes on
 *
 *   22000:  10.2.0.0/16 dev TUN            unreachable 10.2.0.0/16 metric 2^31-1, which stays when the interface dies with us
 * </pre>
 *
 * Rules are exchanged by adding all the new ones before the old ones go; the order between the two sets does not matter, because both
 * lead protected packets into the interface and what should not be there is let by behind it.
 */
final class Steering implements AutoCloseable {
    private static final int LAST_RESORT = Integer.MAX_VALUE;
    private static final int MOST_TABLES = 1000;

    private final Rtnetlink rtnetlink;
    private final NetlinkSocket rules;
    private int link;
    private final int mark;
    private final int priority;
    private final int firstTable;

    /** The rules in force of both families, without those that always stand. */
    private List<FibRule> current = List.of();

    private int generation;
    private final Set<AddressFamily> prepared = new HashSet<>();
    /** Which table serves which step, and what is in it. */
    private final Map<TableKey, Integer> tables = new HashMap<>();

    private final Map<Integer, Map<AddressRange, Optional<InetAddress>>> routes = new HashMap<>();
    /** Tables of a predecessor that was killed. */
    private final Set<Integer> quarantined = new TreeSet<>();

    /** The n-th step with this source. */
    private record TableKey(AddressRange source, int occurrence) {}

    /** @param link index of the TUN interface */
    Steering(Rtnetlink rtnetlink, NetlinkSocket rules, int link, UserPlaneOptions options) {
        this.rtnetlink = rtnetlink;
        this.rules = rules;
        this.link = link;
        this.mark = options.mark();
        this.priority = options.rulePriority();
        this.firstTable = options.firstTable();
    }

    private int quarantine() {
        return priority + 3;
    }

    private int end() {
        return priority + 4;
    }

    private List<FibRule.Found> leftovers() throws IOException {
        List<FibRule.Found> found = new ArrayList<>();
        for (AddressFamily family : AddressFamily.values()) {
            try {
                for (NetlinkMessage message : rules.dump(FibRule.dump(family))) {
                    FibRule.Found rule = FibRule.read(message.payload());
                    if (isOurs(rule.priority()) && (rule.table().isEmpty() || owns(rule.table().getAsInt()))) {
                        found.add(rule);
                    }
                }
            } catch (NetlinkException noSuchFamily) {
                // This machine does not speak it, and so there is nothing left over.
            }
        }
        return found;
    }

    /**
     * Takes over from a predecessor that was killed. What it protected stays blocked, behind the rules to come, until
     * {@link #forgetPredecessor}; what it let by is as everything else.
     */
    void quarantinePredecessor() throws IOException {
        Set<AddressFamily> families = new HashSet<>();
        for (FibRule.Found rule : leftovers()) {
            if (rule.table().isPresent()) {
                families.add(rule.family());
                quarantined.add(rule.table().getAsInt());
                tolerating(() -> rule.addition(quarantine()), Errno.EEXIST);
            }
            if (rule.priority() != quarantine()) {
                tolerating(rule::deletion, Errno.ENOENT);
            }
        }
        for (AddressFamily family : families) {
            prepare(family);
        }
    }

    /** Takes away what is left of the predecessor. */
    void forgetPredecessor() throws IOException {
        if (quarantined.isEmpty()) {
            return;
        }
        for (FibRule.Found rule : leftovers()) {
            if (rule.priority() == quarantine()) {
                tolerating(rule::deletion, Errno.ENOENT);
            }
        }
        for (int table : quarantined) {
            for (Route route : rtnetlink.routes().list(table)) {
                tolerating(route);
            }
        }
        quarantined.clear();
    }

    /** From here on routes lead into this link: the interface is another one. Takes effect with {@link #repair}. */
    void leadInto(int other) {
        link = other;
    }

    /** Whether rules of this priority are the plane's, as far as a priority can tell. */
    boolean isOurs(int rulePriority) {
        return rulePriority >= priority - 1 && rulePriority <= end();
    }

    boolean owns(int table) {
        return table >= firstTable && table < firstTable + MOST_TABLES;
    }

    private interface Request {
        NetlinkRequest make();
    }

    private void tolerating(Request request, Errno harmless) throws IOException {
        try {
            rules.execute(request.make());
        } catch (NetlinkException refused) {
            if (!refused.is(harmless)) {
                throw refused;
            }
        }
    }

    /** Deletes a route, which may be gone already: with an interface its routes go too. */
    private void tolerating(Route route) throws IOException {
        try {
            rtnetlink.routes().delete(route);
        } catch (NetlinkException refused) {
            if (!refused.is(Errno.ESRCH) && !refused.is(Errno.ENOENT)) {
                throw refused;
            }
        }
    }

    void update(List<PolicySpec> policies) throws IOException {
        List<InetAddress> ours = new ArrayList<>();
        for (InterfaceAddress address : rtnetlink.addresses().list()) {
            if (!address.address().isLinkLocalAddress() && !address.address().isLoopbackAddress()) {
                ours.add(address.address());
            }
        }
        SteeringPlan plan = SteeringPlan.of(policies);
        Map<Integer, Map<AddressRange, Optional<InetAddress>>> wantedRoutes = new LinkedHashMap<>();
        Map<TableKey, Integer> wantedTables = new HashMap<>();
        List<FibRule> wanted = rulesOf(plan, ours, wantedTables, wantedRoutes);
        for (FibRule rule : wanted) {
            prepare(rule.family());
        }
        for (Map.Entry<Integer, Map<AddressRange, Optional<InetAddress>>> table : wantedRoutes.entrySet()) {
            addRoutes(table.getKey(), table.getValue());
        }
        tables.putAll(wantedTables);
        exchange(wanted);
        dropRoutes(wantedRoutes);
        tables.keySet().retainAll(wantedTables.keySet());
    }

    private List<FibRule> rulesOf(
            SteeringPlan plan,
            List<InetAddress> ours,
            Map<TableKey, Integer> wantedTables,
            Map<Integer, Map<AddressRange, Optional<InetAddress>>> wantedRoutes)
            throws IOException {
        Map<AddressRange, Integer> seen = new HashMap<>();
        List<FibRule> wanted = new ArrayList<>();
        for (SteeringPlan.Step step : plan.steps()) {
            switch (step) {
                case SteeringPlan.Past(AddressRange source, AddressRange destination) ->
                        wanted.add(FibRule.between(source, destination, priority, new FibRule.Action.Goto(end())));
                case SteeringPlan.Into(AddressRange source, Set<AddressRange> destinations) -> {
                    TableKey key = new TableKey(source, seen.merge(source, 1, Integer::sum));
                    int table = tables.containsKey(key) ? tables.getOrDefault(key, 0) : freeTable(wantedTables);
                    wantedTables.put(key, table);
                    Optional<InetAddress> hint = ours.stream().filter(source::contains).findFirst();
                    Map<AddressRange, Optional<InetAddress>> into = new LinkedHashMap<>();
                    destinations.forEach(destination -> into.put(destination, hint));
                    wantedRoutes.put(table, into);
                    FibRule.Action ask = new FibRule.Action.Table(table);
                    if (hint.isPresent()) {
                        wanted.add(FibRule.locallyMade(source.family(), priority, ask));
                    }
                    wanted.add(FibRule.from(source, priority, ask));
                }
            }
        }
        return wanted;
    }

    private int freeTable(Map<TableKey, Integer> alsoTaken) throws IOException {
        for (int table = firstTable; table < firstTable + MOST_TABLES; table++) {
            if (!tables.containsValue(table) && !alsoTaken.containsValue(table) && !quarantined.contains(table)) {
                return table;
            }
        }
        throw new IOException("more than " + MOST_TABLES + " different local prefixes are protected");
    }

    /** The rules that always stand: the place to go to, and the way there for the plane's own packets. */
    private void prepare(AddressFamily family) throws IOException {
        if (prepared.add(family)) {
            for (FibRule rule : standing(family)) {
                tolerating(rule::add, Errno.EEXIST);
            }
        }
    }

    private List<FibRule> standing(AddressFamily family) {
        return List.of(
                FibRule.nothing(family, end()), FibRule.marked(family, priority - 1, mark, new FibRule.Action.Goto(end())));
    }

    private void addRoutes(int table, Map<AddressRange, Optional<InetAddress>> wanted) throws IOException {
        Map<AddressRange, Optional<InetAddress>> there = routes.computeIfAbsent(table, number -> new HashMap<>());
        for (Map.Entry<AddressRange, Optional<InetAddress>> entry : wanted.entrySet()) {
            if (!entry.getValue().equals(there.get(entry.getKey()))) {
                rtnetlink.routes().replace(lastResort(table, entry.getKey()));
                rtnetlink.routes().replace(intoTun(table, entry.getKey(), entry.getValue()));
                there.put(entry.getKey(), entry.getValue());
            }
        }
    }

    private Route intoTun(int table, AddressRange destination, Optional<InetAddress> source) {
        Route route = Route.through(link, destination.from(), bits(destination), table);
        return source.map(route::withSource).orElse(route);
    }

    private static Route lastResort(int table, AddressRange destination) {
        return Route.to(Route.Type.UNREACHABLE, destination.from(), bits(destination), table).withMetric(LAST_RESORT);
    }

    private static int bits(AddressRange prefix) {
        return prefix.prefixLength().orElseThrow(() -> new IllegalArgumentException(prefix + " is no prefix"));
    }

    private void exchange(List<FibRule> wanted) throws IOException {
        if (!wanted.equals(current.stream().map(rule -> at(rule, priority)).toList())) {
            replaceRules(wanted);
        }
    }

    private void replaceRules(List<FibRule> wanted) throws IOException {
        int next = priority + (generation + 1) % 2;
        List<FibRule> fresh = wanted.stream().map(rule -> at(rule, next)).distinct().toList();
        List<FibRule> old = current;
        // Should a part fail, the next exchange still deletes all of both.
        List<FibRule> both = new ArrayList<>(old);
        both.addAll(fresh);
        current = both;
        for (FibRule rule : fresh) {
            tolerating(rule::add, Errno.EEXIST);
        }
        for (FibRule rule : old) {
            tolerating(rule::delete, Errno.ENOENT);
        }
        current = fresh;
        generation++;
    }

    /**
     * Puts back what somebody removed or changed. Routes first: a table without them is passed over, and the packet goes on in the
     * clear. What is in our tables and not from us goes.
     */
    List<String> repair() throws IOException {
        List<String> sentences = new ArrayList<>();
        int mended = repairRoutes();
        if (mended > 0) {
            sentences.add("somebody removed or changed " + mended + " routes into the interface: they are as they should be again");
        }
        List<FibRule.Found> found = leftovers();
        for (AddressFamily family : prepared) {
            if (!found.containsAll(FibRule.found(standing(family)))) {
                for (FibRule rule : standing(family)) {
                    tolerating(rule::add, Errno.EEXIST);
                }
                sentences.add("somebody removed the " + family + " rules around those into the interface: put back");
            }
        }
        // Their order matters, and a rule that is put back comes last: so all are exchanged, or none.
        List<FibRule.Found> expected = FibRule.found(current);
        List<FibRule.Found> there = found.stream().filter(expected::contains).toList();
        if (!there.equals(expected.stream().sorted(Comparator.comparing(FibRule.Found::family)).toList())) {
            replaceRules(current);
            sentences.add("somebody removed or moved rules that lead into the interface: put back");
        }
        return sentences;
    }

    private int repairRoutes() throws IOException {
        List<Route> wanted = new ArrayList<>();
        routes.forEach((table, there) -> there.forEach((destination, hint) ->
                wanted.addAll(List.of(lastResort(table, destination), intoTun(table, destination, hint)))));
        RouteRepair repair = RouteRepair.of(wanted, rtnetlink.routes().list(routes::containsKey));
        for (Route lacking : repair.lacking()) {
            rtnetlink.routes().replace(lacking);
        }
        for (Route stray : repair.strays()) {
            tolerating(stray);
        }
        return repair.lacking().size() + repair.strays().size();
    }

    private static FibRule at(FibRule rule, int priority) {
        return new FibRule(
                rule.family(), priority, rule.source(), rule.destination(), rule.locallyMade(), rule.mark(), rule.action());
    }

    private void dropRoutes(Map<Integer, Map<AddressRange, Optional<InetAddress>>> wanted) throws IOException {
        for (int table : Set.copyOf(routes.keySet())) {
            Map<AddressRange, Optional<InetAddress>> there = routes.getOrDefault(table, Map.of());
            Set<AddressRange> keep = wanted.getOrDefault(table, Map.of()).keySet();
            for (AddressRange destination : Set.copyOf(there.keySet())) {
                if (!keep.contains(destination)) {
                    tolerating(intoTun(table, destination, Optional.empty()));
                    tolerating(lastResort(table, destination));
                    there.remove(destination);
                }
            }
            if (there.isEmpty()) {
                routes.remove(table);
            }
        }
    }

    OptionalInt linkMtu(InetAddress source, InetAddress destination) {
        try {
            Optional<Route> way = rtnetlink.routes().lookup(destination, Optional.of(source));
            if (way.isPresent() && way.get().link() != link) {
                for (Link one : rtnetlink.links().list()) {
                    if (one.index() == way.get().link()) {
                        return OptionalInt.of(one.mtu());
                    }
                }
            }
        } catch (IOException unknown) {
            // Then the first packet that is too long will tell.
        }
        return OptionalInt.empty();
    }

    @Override
    public void close() {
        try {
            update(List.of());
            forgetPredecessor();
            for (AddressFamily family : prepared) {
                for (FibRule rule : standing(family).reversed()) {
                    tolerating(rule::delete, Errno.ENOENT);
                }
            }
        } catch (IOException failed) {
            // What is left leads nowhere, and the next start clears it.
        }
        rules.close();
        rtnetlink.close();
    }
}
