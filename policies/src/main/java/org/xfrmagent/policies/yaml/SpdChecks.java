package org.xfrmagent.policies.yaml;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.model.Action.Bypass;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.XfrmInterface;

/** What can only be seen with all policies in their order: those that no packet ever reaches, and clashes of ids. */
final class SpdChecks {
    /** So many are compared with all others at less cost than it takes to sort all. */
    private static final int FEW = 100;

    private final List<Located<Policy>> policies;
    private final Map<String, Peer> peers = new HashMap<>();
    private final List<Located<Peer>> located;
    private final Problems problems;
    private long compared;

    SpdChecks(List<Located<Policy>> policies, List<Located<Peer>> peers, Problems problems) {
        this.policies = policies;
        this.located = peers;
        this.problems = problems;
        peers.forEach(peer -> this.peers.put(peer.value().name(), peer.value()));
    }

    /** @param memory of the policies that were accepted last */
    SpdMemory run(SpdMemory memory) {
        IdentityHashMap<Located<Policy>, Integer> places = memory.places();
        List<Covering> entries = policies.stream().map(policy -> Optional.ofNullable(places.get(policy)).map(memory.entries()::get)
                .orElseGet(() -> Covering.of(policy, peers))).toList();
        int[] fresh = IntStream.range(0, entries.size()).filter(i -> !places.containsKey(policies.get(i))).toArray();
        if (fresh.length <= FEW && isInOrder(places)) {
            few(entries, fresh);
        } else {
            all(entries);
        }
        reqids(places);
        interfaces();
        idlePeers();
        icmpFragments(places);
        return new SpdMemory(entries);
    }

    private boolean isInOrder(IdentityHashMap<Located<Policy>, Integer> places) {
        int last = -1;
        for (Located<Policy> policy : policies) {
            int place = places.getOrDefault(policy, last);
            if (place < last) {
                return false;
            }
            last = place;
        }
        return true;
    }

    private void all(List<Covering> entries) {
        Blocks<Integer> earlier = new Blocks<>();
        for (int i = 0; i < entries.size(); i++) {
            Covering entry = entries.get(i);
            earlier.around(entry.flows().hull()).stream().sorted().filter(before -> hides(entries.get(before), entry)).findFirst()
                    .ifPresent(before -> unreachable(entry, entries.get(before)));
            earlier.add(entry.flows().hull(), i);
        }
    }

    /** Compares only those at {@code fresh} with others. */
    private void few(List<Covering> entries, int[] fresh) {
        int seen = 0;
        for (int i = 0; i < entries.size() && fresh.length > 0; i++) {
            Covering entry = entries.get(i);
            boolean isFresh = seen < fresh.length && fresh[seen] == i;
            IntStream before = isFresh ? IntStream.range(0, i) : Arrays.stream(fresh, 0, seen);
            before.filter(each -> hides(entries.get(each), entry)).findFirst().ifPresent(each -> unreachable(entry, entries.get(each)));
            seen += isFresh ? 1 : 0;
        }
    }

    private boolean hides(Covering before, Covering entry) {
        compared++;
        return before.hides(entry);
    }

    /** How many pairs were looked at. */
    long compared() {
        return compared;
    }

    private void unreachable(Covering entry, Covering before) {
        String name = "policy '" + before.policy().value().name() + "' at " + before.policy().at();
        String subject = "policy '" + entry.policy().value().name() + "': ";
        boolean same = before.match().equals(entry.match());
        boolean addresses = before.match().local().equals(entry.match().local()) && before.match().remote().equals(entry.match().remote());
        boolean peers = entry.policy().value().action() instanceof Protect one && before.policy().value().action() instanceof Protect other && !one.peer().equals(other.peer());
        problems.problem(entry.policy().at(), addresses && peers
                ? subject + "has the same traffic (" + entry.match() + ") as " + name + " with another peer, and not in the same way, expected one mode, protocol, "
                        + "reqid and SPD entry for both, and a device for both or neither"
                : same ? subject + "has the same traffic (" + entry.match() + ") as " + name + ", expected one policy for it"
                : subject + "no packet reaches it, because " + name + " matches all its traffic first (" + entry.match() + " is within "
                        + before.match() + "); expected it before that policy");
    }

    /** @param known of which nothing is said twice */
    private void reqids(IdentityHashMap<Located<Policy>, Integer> known) {
        Map<Integer, Located<Policy>> seen = new HashMap<>();
        for (Located<Policy> policy : policies) {
            if (policy.value().action() instanceof Protect protect && protect.reqid().isPresent()) {
                int reqid = protect.reqid().getAsInt();
                Located<Policy> first = seen.putIfAbsent(reqid, policy);
                if (first != null && !Covering.standsIn(first.value(), policy.value())) {
                    problems.problem(policy.at(), "policy '" + policy.value().name() + "': reqid is " + reqid + ", which policy '"
                            + first.value().name() + "' at " + first.at() + " already has, expected another number");
                } else if (!known.containsKey(policy)
                        && (isNarrowedByMany(policy.value(), protect) || first != null && isOfAnotherPeer(first.value(), protect))) {
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
    private void icmpFragments(IdentityHashMap<Located<Policy>, Integer> known) {
        policies.stream()
                .filter(policy -> !known.containsKey(policy) && !(policy.value().action() instanceof Bypass) && namesTypesWithoutEchoReply(policy.value().match().local()))
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
