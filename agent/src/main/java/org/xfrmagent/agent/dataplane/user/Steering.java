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
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.route.InterfaceAddress;
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
    private static final int MOST_TABLES = 1000;

    private final Rtnetlink rtnetlink;
    private final NetlinkSocket rules;
    private final TunRoutes routes;
    private final int mark;
    private final int priority;
    private final int firstTable;

    /** The rules in force of both families, without those that always stand. */
    private List<FibRule> current = List.of();

    private int generation;
    private final Set<AddressFamily> prepared = new HashSet<>();
    /** Which table serves which step. */
    private final Map<TableKey, Integer> tables = new HashMap<>();

    private final LedPairs led = new LedPairs();
    /** This host's addresses when all was made last. */
    private List<InetAddress> own = List.of();
    /** Whether they may be others now. */
    private volatile boolean ownChanged = true;
    /** Tables of a predecessor that was killed. */
    private final Set<Integer> quarantined = new TreeSet<>();

    /** The n-th step with this source. */
    private record TableKey(AddressRange source, int occurrence) {}

    /** @param link index of the TUN interface */
    Steering(Rtnetlink rtnetlink, NetlinkSocket rules, int link, UserPlaneOptions options) {
        this.rtnetlink = rtnetlink;
        this.rules = rules;
        this.routes = new TunRoutes(rtnetlink.routes(), link);
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
                routes.delete(route);
            }
        }
        quarantined.clear();
    }

    /** From here on routes lead into this link: the interface is another one. Takes effect with {@link #repair}. */
    void leadInto(int other) {
        routes.leadInto(other);
    }

    /** This host may have other addresses: they are looked at with the next change of policies. */
    void addressesChanged() {
        ownChanged = true;
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

    void update(List<PolicySpec> policies) throws IOException {
        led.replace(policies);
        own = addresses();
        SteeringPlan plan = SteeringPlan.of(policies);
        Map<Integer, Map<AddressRange, Optional<InetAddress>>> wantedRoutes = new LinkedHashMap<>();
        Map<TableKey, Integer> wantedTables = new HashMap<>();
        List<FibRule> wanted = rulesOf(plan, own, wantedTables, wantedRoutes);
        for (FibRule rule : wanted) {
            prepare(rule.family());
        }
        for (Map.Entry<Integer, Map<AddressRange, Optional<InetAddress>>> table : wantedRoutes.entrySet()) {
            routes.add(table.getKey(), table.getValue());
        }
        tables.putAll(wantedTables);
        exchange(wanted);
        routes.retain(wantedRoutes);
        tables.keySet().retainAll(wantedTables.keySet());
    }

    /** The same after a change: of some destinations more or fewer where the rules stay what they are, without a look at all others. */
    void update(Spd.Change change, Supplier<List<PolicySpec>> all) throws IOException {
        boolean ordered = led.isOrdered();
        LedPairs.Difference difference = led.change(change);
        // What is rekeyed brings no pair; new pairs often follow an address, of which the kernel's word may still be on its way.
        boolean moved = (ownChanged || !difference.fresh().isEmpty()) && !own.equals(addresses());
        if (ordered || led.isOrdered() || moved || !isTabled(difference.fresh()) || isEmptying(difference.gone())) {
            update(all.get());
            return;
        }
        for (LedPairs.Pair fresh : difference.fresh()) {
            routes.add(table(fresh), Map.of(fresh.destination(), hint(fresh.source(), own)));
        }
        for (LedPairs.Pair gone : difference.gone()) {
            routes.drop(table(gone), gone.destination());
        }
    }

    /** Whether the table of some pair may be without routes when all these have gone. */
    private boolean isEmptying(List<LedPairs.Pair> pairs) {
        return !isTabled(pairs) || pairs.stream().anyMatch(pair -> routes.count(table(pair)) <= pairs.size());
    }

    private boolean isTabled(List<LedPairs.Pair> pairs) {
        return pairs.stream().allMatch(pair -> tables.containsKey(new TableKey(pair.source(), 1)));
    }

    private int table(LedPairs.Pair pair) {
        return Objects.requireNonNull(tables.get(new TableKey(pair.source(), 1)));
    }

    private List<InetAddress> addresses() throws IOException {
        ownChanged = false;
        List<InetAddress> ours = new ArrayList<>();
        for (InterfaceAddress address : rtnetlink.addresses().list()) {
            if (!address.address().isLinkLocalAddress() && !address.address().isLoopbackAddress()) {
                ours.add(address.address());
            }
        }
        return ours;
    }

    private static Optional<InetAddress> hint(AddressRange source, List<InetAddress> ours) {
        return ours.stream().filter(source::contains).findFirst();
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
                    Optional<InetAddress> hint = hint(source, ours);
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
        int mended = routes.repair();
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

    private static FibRule at(FibRule rule, int priority) {
        return new FibRule(
                rule.family(), priority, rule.source(), rule.destination(), rule.locallyMade(), rule.mark(), rule.action());
    }

    OptionalInt linkMtu(InetAddress source, InetAddress destination) {
        try {
            Optional<Route> way = rtnetlink.routes().lookup(destination, Optional.of(source));
            if (way.isPresent() && way.get().link() != routes.link()) {
                return rtnetlink.links().get(way.get().link()).map(link -> OptionalInt.of(link.mtu())).orElseGet(OptionalInt::empty);
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
