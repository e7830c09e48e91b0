package org.xfrmagent.policies.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.model.Action.Bypass;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Traffic;
import org.xfrmagent.policies.model.XfrmInterface;

/** What can only be seen with all policies in their order: those that no packet ever reaches, and clashes of ids. */
final class SpdChecks {
    private final List<Located<Policy>> policies;
    private final Map<String, Peer> peers = new HashMap<>();
    private final List<Located<Peer>> located;
    private final Problems problems;

    SpdChecks(List<Located<Policy>> policies, List<Located<Peer>> peers, Problems problems) {
        this.policies = policies;
        this.located = peers;
        this.problems = problems;
        peers.forEach(peer -> this.peers.put(peer.value().name(), peer.value()));
    }

    /** A policy with the packets it can match at most, and whether these are also the least. */
    private record Entry(Located<Policy> policy, Flows flows, Marks marks, InterfaceIds interfaceIds) {
        Match match() {
            return policy.value().match();
        }

        boolean isProtected() {
            return policy.value().action() instanceof Protect;
        }
    }

    void run() {
        List<Entry> earlier = new ArrayList<>();
        for (Located<Policy> policy : policies) {
            Entry entry = entry(policy);
            for (Entry before : earlier) {
                if (shadows(before, entry)) {
                    unreachable(entry, before);
                    break;
                }
            }
            earlier.add(entry);
        }
        reqids();
        interfaces();
        idlePeers();
        icmpFragments();
    }

    private Entry entry(Located<Policy> policy) {
        Optional<Protect> protect = policy.value().action() instanceof Protect it ? Optional.of(it) : Optional.empty();
        return new Entry(policy, Flows.of(policy.value().match(), protect.map(Protect::peer).map(peers::get)),
                protect.map(Protect::marks).orElse(Marks.NONE), protect.map(Protect::interfaceIds).orElse(InterfaceIds.NONE));
    }

    private static boolean shadows(Entry before, Entry entry) {
        if (before.isProtected() && entry.isProtected() && !before.match().label().equals(entry.match().label())) {
            // The peer may ask for either.
            return false;
        }
        if (standsIn(before.policy.value(), entry.policy.value())) {
            return false;
        }
        boolean sees = before.marks.include(entry.marks)
                && (before.interfaceIds.equals(InterfaceIds.NONE)
                || !before.interfaceIds.areUnique() && before.interfaceIds.equals(entry.interfaceIds));
        return sees && before.flows.hull().contains(entry.flows.hull()) && (before.match().equals(entry.match()) && samePeer(before, entry) || before.flows.cover(entry.flows));
    }

    /** Whether either may protect the traffic of both: by another interface, or by another peer, where the SAs that came last do. */
    private static boolean standsIn(Policy one, Policy other) {
        return one.action() instanceof Protect ours && other.action() instanceof Protect theirs
                && (!ours.peer().equals(theirs.peer()) || !one.match().device().equals(other.match().device()))
                && Traffic.of(one, ours).equals(Traffic.of(other, theirs));
    }

    /** Equal words mean equal packets, except that "own address" depends on whose. */
    private static boolean samePeer(Entry a, Entry b) {
        return a.flows.exact() || b.flows.exact()
                || a.policy.value().action() instanceof Protect one && b.policy.value().action() instanceof Protect other
                        && one.peer().equals(other.peer());
    }

    private void unreachable(Entry entry, Entry before) {
        String name = "policy '" + before.policy.value().name() + "' at " + before.policy.at();
        String subject = "policy '" + entry.policy.value().name() + "': ";
        boolean same = before.match().equals(entry.match());
        boolean addresses = before.match().local().equals(entry.match().local()) && before.match().remote().equals(entry.match().remote());
        boolean peers = entry.policy.value().action() instanceof Protect one && before.policy.value().action() instanceof Protect other && !one.peer().equals(other.peer());
        problems.problem(entry.policy.at(), addresses && peers
                ? subject + "has the same traffic (" + entry.match() + ") as " + name + " with another peer, and not in the same way, expected one mode, protocol, "
                        + "reqid and SPD entry for both, and a device for both or neither"
                : same ? subject + "has the same traffic (" + entry.match() + ") as " + name + ", expected one policy for it"
                : subject + "no packet reaches it, because " + name + " matches all its traffic first (" + entry.match() + " is within "
                        + before.match() + "); expected it before that policy");
    }

    private void reqids() {
        Map<Integer, Located<Policy>> seen = new HashMap<>();
        for (Located<Policy> policy : policies) {
            if (policy.value().action() instanceof Protect protect && protect.reqid().isPresent()) {
                int reqid = protect.reqid().getAsInt();
                Located<Policy> first = seen.putIfAbsent(reqid, policy);
                if (first != null && !standsIn(first.value(), policy.value())) {
                    problems.problem(policy.at(), "policy '" + policy.value().name() + "': reqid is " + reqid + ", which policy '"
                            + first.value().name() + "' at " + first.at() + " already has, expected another number");
                } else if (isNarrowedByMany(policy.value(), protect) || first != null && isOfAnotherPeer(first.value(), protect)) {
                    problems.warning(policy.at(), "policy '" + policy.value().name() + "': reqid is " + reqid + " for whatever peer '" + protect.peer()
                            + "' narrows it to, so that on the kernel's data plane each host may send under the addresses of the others ("
                            + policy.value().match().remote() + "); expected no reqid, so that each part has one of its own");
                }
            }
        }
    }

    private static boolean isOfAnotherPeer(Policy first, Protect protect) {
        return first.action() instanceof Protect other && !other.peer().equals(protect.peer());
    }

    /** Whether several may be its peer, each with a part of it. */
    private boolean isNarrowedByMany(Policy policy, Protect protect) {
        boolean whole = policy.match().remote() instanceof Selectors.Fixed(var all) && all.size() == 1
                && all.getFirst().range().from().equals(all.getFirst().range().to());
        return !whole && Optional.ofNullable(peers.get(protect.peer())).map(Peer::remote)
                .filter(remote -> remote.id().isPattern() || remote.hasEap() || remote.auth() == Auth.XAUTH || remote.auth() == Auth.HYBRID)
                .filter(remote -> remote.addresses().size() > 1 || !remote.addresses().getFirst().callable())
                .isPresent();
    }

    /** Several policies may share an interface, if they mean the same one. */
    private void interfaces() {
        Map<Integer, Located<Policy>> byId = new HashMap<>();
        Map<String, Located<Policy>> byName = new HashMap<>();
        for (Located<Policy> policy : policies) {
            if (policy.value().action() instanceof Protect protect && protect.ownInterface().isPresent()) {
                XfrmInterface own = protect.ownInterface().get();
                same(policy, own, Optional.ofNullable(byId.putIfAbsent(own.id(), policy)));
                same(policy, own, Optional.ofNullable(byName.putIfAbsent(own.name(), policy)));
            }
        }
    }

    private void same(Located<Policy> policy, XfrmInterface own, Optional<Located<Policy>> first) {
        first.filter(before -> before.value().action() instanceof Protect other && !other.ownInterface().equals(Optional.of(own)))
                .ifPresent(before -> problems.problem(policy.at(), "policy '" + policy.value().name() + "': interface is " + own.name()
                        + " with id " + Integer.toUnsignedString(own.id()) + ", which policy '" + before.value().name() + "' at "
                        + before.at() + " describes otherwise, expected the same words or another id and name"));
    }

    private void idlePeers() {
        Set<String> used = new HashSet<>();
        policies.forEach(policy -> {
            if (policy.value().action() instanceof Protect protect) {
                used.add(protect.peer());
            }
        });
        located.stream().filter(peer -> !used.contains(peer.value().name()) && !Source.isLoaded(peer.at())).forEach(peer -> problems.warning(peer.at(),
                "peer '" + peer.value().name() + "': no policy uses it, so nothing is ever negotiated with it"));
    }

    /** The kernel takes a fragment of ICMP for an echo reply, type 0, so that what names other types cannot hold it up there. */
    private void icmpFragments() {
        policies.stream()
                .filter(policy -> !(policy.value().action() instanceof Bypass) && namesTypesWithoutEchoReply(policy.value().match().local()))
                .forEach(policy -> problems.warning(policy.at(), "policy '" + policy.value().name() + "': on the kernel's data plane fragments of "
                        + "ICMP count as type 0 (echo reply), which it does not match (" + policy.value().match()
                        + "), so they pass by it; expected icmp-type 0 in its range, or no icmp-type, if it is to hold them"));
    }

    private static boolean namesTypesWithoutEchoReply(Selectors selectors) {
        Stream<Selectors.Upper> uppers = switch (selectors) {
            case Selectors.Fixed fixed -> fixed.selectors().stream()
                    .map(selector -> new Selectors.Upper(selector.protocol(), selector.startPort(), selector.endPort()));
            case Selectors.Dynamic dynamic -> dynamic.upper().stream();
        };
        return uppers.anyMatch(upper -> upper.protocol() == IpProtocols.ICMP && upper.startPort() > 0);
    }
}
