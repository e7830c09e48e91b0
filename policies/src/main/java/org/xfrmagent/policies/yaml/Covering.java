package org.xfrmagent.policies.yaml;

import java.util.Map;
import java.util.Optional;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Traffic;

/** A policy with the packets it can match at most, and whether these are also the least. */
record Covering(Located<Policy> policy, Flows flows, Marks marks, InterfaceIds interfaceIds) {
    static Covering of(Located<Policy> policy, Map<String, Peer> peers) {
        Optional<Protect> protect = policy.value().action() instanceof Protect it ? Optional.of(it) : Optional.empty();
        return new Covering(policy, Flows.of(policy.value().match(), protect.map(Protect::peer).map(peers::get)),
                protect.map(Protect::marks).orElse(Marks.NONE), protect.map(Protect::interfaceIds).orElse(InterfaceIds.NONE));
    }

    Match match() {
        return policy.value().match();
    }

    private boolean isProtected() {
        return policy.value().action() instanceof Protect;
    }

    /** Whether no packet comes to {@code later}, which this stands before. The cheapest question comes first: most pairs have an answer there. */
    boolean hides(Covering later) {
        return flows.hull().contains(later.flows.hull()) && sees(later)
                && (match().equals(later.match()) && isOfTheSamePeer(later) || holds() && flows.cover(later.flows))
                // The peer may ask for either label.
                && !(isProtected() && later.isProtected() && !match().label().equals(later.match().label()))
                && !standsIn(policy.value(), later.policy.value());
    }

    /** Whether it is always there: one that comes with its SAs leaves all to those behind it until then. */
    private boolean holds() {
        return !(policy.value().action() instanceof Protect protect) || protect.spdEntry().held();
    }

    private boolean sees(Covering later) {
        return marks.include(later.marks)
                && (interfaceIds.equals(InterfaceIds.NONE) || !interfaceIds.areUnique() && interfaceIds.equals(later.interfaceIds));
    }

    /** Whether either may protect the traffic of both: by another interface, or by another peer, where the SAs that came last do. */
    static boolean standsIn(Policy one, Policy other) {
        return one.action() instanceof Protect ours && other.action() instanceof Protect theirs
                && (!ours.peer().equals(theirs.peer()) || !one.match().device().equals(other.match().device()))
                && Traffic.of(one, ours).equals(Traffic.of(other, theirs));
    }

    /** Equal words mean equal packets, except that "own address" depends on whose, and so does an address that is asked for. */
    private boolean isOfTheSamePeer(Covering other) {
        return flows.exact()
                || policy.value().action() instanceof Protect one && other.policy.value().action() instanceof Protect another
                        && one.peer().equals(another.peer());
    }
}
