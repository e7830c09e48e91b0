package org.xfrmagent.agent.daemon;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.PolicySpec.Verdict;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Tags;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * The SPD as it is before, between and after all SAs (RFC 4301, section 4.4.1): every policy of the file, always. A protect policy
 * without an SA holds or drops its traffic, so nothing leaks while a tunnel is down:
 *
 * <pre>
 *   outbound    meets the template, finds no SA: dropped, and an ACQUIRE asks for one
 *   inbound     clear text meets a template it does not fulfil: dropped
 * </pre>
 *
 * <p>Where the outer addresses are not known (a peer that only calls us), the same selectors are discarded. The IKE sockets are
 * exempt by policies of their own; loopback traffic and neighbour discovery are left alone.
 */
final class BaseSpd {
    private static final List<AddressRange> LOOPBACK = List.of(AddressRange.parse("127.0.0.0/8"), AddressRange.parse("::1/128"));

    /**
     * Router solicitation 133, router advertisement, neighbour solicitation, neighbour advertisement, redirect 137 (RFC 4861). Nobody
     * forwards them: all have a hop limit of 255.
     */
    private static final TrafficSelector NEIGHBOUR_DISCOVERY =
            new TrafficSelector(IpProtocols.ICMPV6, 133 << 8, 137 << 8 | 0xff, AddressRange.ALL_IPV6);

    private static final Tags EVERY_PACKET = new Tags(Marks.NONE.of(0), InterfaceIds.Numbers.NONE);

    private final Settings settings;
    private final Map<String, Ends> ends;
    private List<PolicySpec> specs = new ArrayList<>();

    private BaseSpd(Settings settings, Map<String, Ends> ends) {
        this.settings = settings;
        this.ends = ends;
    }

    /**
     * Policies for the same traffic, all that their entries depend on, and these.
     *
     * @param alike the policies
     * @param reqid of each; 0 of those that protect nothing
     * @param loopback which of {@link #LOOPBACK} the entries are about
     * @param neighbours whether they are about neighbour discovery
     */
    private record Group(
            List<Policy> alike, int priority, List<Optional<Ends>> ends, List<Integer> reqid, List<PolicySpec> specs, Set<AddressRange> loopback,
            boolean neighbours) {
        boolean isOf(List<Policy> others, int itsPriority, List<Optional<Ends>> itsEnds, List<Integer> itsReqid) {
            return priority == itsPriority && alike.equals(others) && ends.equals(itsEnds) && reqid.equals(itsReqid);
        }
    }

    /**
     * All entries, group by group. Groups that are the same objects in two of these are the same in both.
     *
     * @param byFirst by the name of the first policy of each
     */
    record Whole(List<List<PolicySpec>> groups, Map<String, Group> byFirst) {
        static final Whole NOTHING = new Whole(List.of(), Map.of());
    }

    /** @param ends the addresses of those peers for which they are known, by peer name */
    static List<PolicySpec> of(PolicySet policies, Settings settings, Map<String, Ends> ends) {
        return of(policies, new Places(policies.policies()), settings, ends, Whole.NOTHING).groups.stream().flatMap(List::stream).toList();
    }

    /**
     * @param places of the policies
     * @param ends the addresses of those peers for which they are known, by peer name
     * @param before from which groups are taken that nothing has changed in
     */
    static Whole of(PolicySet policies, Places places, Settings settings, Map<String, Ends> ends, Whole before) {
        BaseSpd spd = new BaseSpd(settings, ends);
        List<List<PolicySpec>> groups = new ArrayList<>();
        Map<String, Group> byFirst = new HashMap<>(2 * policies.policies().size());
        Set<AddressRange> loopback = new HashSet<>();
        Optional<Group> neighbours = Optional.empty();
        for (int i = 0; i < policies.policies().size(); i++) {
            if (places.of(i) == i) {
                Group group = spd.group(places.at(i).stream().map(policies.policies()::get).toList(), places.priority(i), before);
                groups.add(group.specs);
                byFirst.put(policies.policies().get(i).name(), group);
                loopback.addAll(group.loopback);
                neighbours = neighbours.or(() -> Optional.of(group).filter(Group::neighbours));
            }
        }
        groups.add(spared(loopback, neighbours));
        return new Whole(Collections.unmodifiableList(groups), Collections.unmodifiableMap(byFirst));
    }

    private Group group(List<Policy> alike, int priority, Whole before) {
        List<Optional<Ends>> theirEnds = alike.stream().map(this::ends).toList();
        List<Integer> theirReqid = alike.stream().map(policy -> policy.action() instanceof Protect protect ? reqid(policy, protect) : 0).toList();
        Group known = before.byFirst.get(alike.getFirst().name());
        if (known != null && known.isOf(alike, priority, theirEnds, theirReqid)) {
            return known;
        }
        specs = new ArrayList<>();
        add(alike, priority);
        Set<AddressRange> loopback = LOOPBACK.stream().filter(range -> specs.stream().anyMatch(spec -> meets(spec.selectors(), both(range))))
                .collect(Collectors.toUnmodifiableSet());
        return new Group(alike, priority, theirEnds, theirReqid, List.copyOf(specs), loopback, isAboutNeighbours(alike.getFirst()));
    }

    private Optional<Ends> ends(Policy policy) {
        return policy.action() instanceof Protect protect ? Optional.ofNullable(ends.get(protect.peer())) : Optional.empty();
    }

    /** Of policies for the same traffic the first whose peer can be told of it. */
    private Policy standing(List<Policy> alike) {
        return alike.stream().filter(policy -> policy.action() instanceof Protect protect && ends.containsKey(protect.peer())).findFirst().orElse(alike.getFirst());
    }

    /** Policies for the same traffic: what arrives is told by addresses alone, what leaves by its interface as well. */
    private void add(List<Policy> alike, int priority) {
        add(standing(alike), priority);
        Set<Optional<String>> devices = new HashSet<>(Set.of(standing(alike).match().device()));
        for (Policy policy : alike) {
            if (devices.add(policy.match().device())) {
                int before = specs.size();
                add(standing(alike.stream().filter(other -> other.match().device().equals(policy.match().device())).toList()), priority);
                specs.subList(before, specs.size()).removeIf(spec -> spec.direction() != Direction.OUT);
            }
        }
    }

    private void add(Policy policy, int priority) {
        switch (policy.action()) {
            case Action.Bypass _ -> everywhere(policy, priority, EVERY_PACKET, new PolicySpec.Bypass());
            case Action.Discard _ -> everywhere(policy, priority, EVERY_PACKET, new PolicySpec.Discard());
            case Protect protect -> protect(policy, protect, priority);
        }
    }

    private void everywhere(Policy policy, int priority, Tags tags, Verdict verdict) {
        for (SelectorPair pair : pairs(policy, Optional.empty())) {
            put(new PolicySpec(Direction.OUT, pair, priority, verdict, tags.interfaces().out(), tags.marks().out(), policy.match().device()));
            put(new PolicySpec(Direction.IN, pair.reversed(), priority, verdict, tags.interfaces().in(), tags.marks().in()));
            put(new PolicySpec(Direction.FWD, pair.reversed(), priority, verdict, tags.interfaces().in(), tags.marks().in()));
        }
    }

    private void protect(Policy policy, Protect protect, int priority) {
        // What is told by a mark that nobody has yet is nothing.
        if (!protect.spdEntry().installed() || !protect.spdEntry().held() || protect.marks().areUnique() || protect.interfaceIds().areUnique()) {
            return;
        }
        Tags tags = Tags.of(protect);
        Optional<Ends> known = Optional.ofNullable(ends.get(protect.peer()));
        if (known.isEmpty()) {
            everywhere(policy, priority, tags, new PolicySpec.Discard());
            return;
        }
        boolean tunnel = protect.mode() == Mode.TUNNEL;
        Optional<PolicySpec.Endpoints> out =
                known.filter(_ -> tunnel).map(each -> new PolicySpec.Endpoints(each.local(), each.remote()));
        Optional<PolicySpec.Endpoints> in =
                known.filter(_ -> tunnel).map(each -> new PolicySpec.Endpoints(each.remote(), each.local()));
        int reqid = reqid(policy, protect);
        Verdict outbound = new PolicySpec.Protect(out, protect.protocol(), reqid, OptionalInt.empty());
        Verdict inbound = new PolicySpec.Protect(in, protect.protocol(), reqid, OptionalInt.empty());
        for (SelectorPair pair : pairs(policy, known)) {
            put(new PolicySpec(Direction.OUT, pair, priority, outbound, tags.interfaces().out(), tags.marks().out(), policy.match().device()));
            put(new PolicySpec(Direction.IN, pair.reversed(), priority, inbound, tags.interfaces().in(), tags.marks().in()));
            if (tunnel && protect.spdEntry().forwardsOut()) {
                put(new PolicySpec(Direction.FWD, pair, priority, new PolicySpec.Bypass(), tags.interfaces().out(), tags.marks().out()));
            }
            if (tunnel) {
                put(new PolicySpec(Direction.FWD, pair.reversed(), priority, inbound, tags.interfaces().in(), tags.marks().in()));
            }
        }
    }

    private int reqid(Policy policy, Protect protect) {
        return settings.profile(protect.peer())
                .flatMap(profile -> profile.child(policy.name()))
                .map(ChildProfile::reqid)
                .orElseThrow(() -> new IllegalStateException("policy " + policy.name() + " has no peer " + protect.peer()));
    }

    /** Pairs of selectors, our side first, that some packet fits. */
    private static List<SelectorPair> pairs(Policy policy, Optional<Ends> known) {
        List<SelectorPair> pairs = new ArrayList<>();
        for (TrafficSelector local : selectors(policy.match().local(), known.map(Ends::local))) {
            for (TrafficSelector remote : selectors(policy.match().remote(), known.map(Ends::remote))) {
                if (local.meets(remote)) {
                    pairs.add(new SelectorPair(local, remote));
                }
            }
        }
        return pairs;
    }

    /** A dynamic end is the address that IKE runs at: while that is unknown there is nothing it could select. */
    private static List<TrafficSelector> selectors(Selectors end, Optional<InetAddress> address) {
        return switch (end) {
            case Selectors.Fixed fixed -> fixed.selectors();
            case Selectors.Dynamic dynamic -> address.map(dynamic::at).orElse(List.of());
        };
    }

    private void put(PolicySpec spec) {
        specs.add(spec);
    }

    /**
     * A host that talks to itself needs no policy to allow it: said only where a policy would forbid it. And a protected peer on the same
     * link could not be found to negotiate with, if its advertisements needed an SA; a policy about ICMPv6 that comes first and does not
     * protect means what it says.
     */
    private static List<PolicySpec> spared(Set<AddressRange> loopback, Optional<Group> neighbours) {
        List<SelectorPair> spared = new ArrayList<>(LOOPBACK.stream().filter(loopback::contains).map(BaseSpd::both).toList());
        neighbours.filter(group -> group.alike.getFirst().action() instanceof Protect)
                .ifPresent(_ -> spared.add(new SelectorPair(NEIGHBOUR_DISCOVERY, NEIGHBOUR_DISCOVERY)));
        return spared.stream().flatMap(pair -> Stream.of(Direction.OUT, Direction.IN)
                .map(direction -> new PolicySpec(direction, pair, Priorities.FIRST, new PolicySpec.Bypass(), OptionalInt.empty()))).toList();
    }

    private static SelectorPair both(AddressRange range) {
        TrafficSelector own = TrafficSelector.of(range);
        return new SelectorPair(own, own);
    }

    private boolean isAboutNeighbours(Policy policy) {
        SelectorPair pair = new SelectorPair(NEIGHBOUR_DISCOVERY, NEIGHBOUR_DISCOVERY);
        return pairs(policy, ends(policy)).stream()
                .anyMatch(each -> meets(each, pair) && (policy.action() instanceof Protect || each.source().protocol() == IpProtocols.ICMPV6));
    }

    private static boolean meets(SelectorPair one, SelectorPair other) {
        AddressFamily family = one.source().family();
        return family == other.source().family()
                && one.source().intersect(other.source()).isPresent()
                && one.destination().intersect(other.destination()).isPresent();
    }
}
