package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.DirectionKeys;
import org.xfrmagent.agent.crypto.IsakmpKeySchedule;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Cpis;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Idleness;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Tags;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * The pairs of SAs that quick mode makes, and which of them carries a policy's traffic. IKEv1 has no word for rekeying: a quick mode for
 * the selectors of a child is its successor.
 *
 * <pre>
 *   initiator                            responder
 *   HASH(1)  -->                         installs new: sends old, receives old + new
 *                        &lt;--  HASH(2)
 *   installs new: sends new,
 *     receives old + new
 *   HASH(3)  -->                         sends new, receives old + new
 *   D(old), a little later  -->          removes old
 * </pre>
 */
final class Children {
    private Children() {}

    /** The selector pairs of a policy: one for each SA, since quick mode has one IDci and one IDcr (RFC 2409, section 5.5). */
    static List<SelectorPair> pairs(ChildProfile profile, Session session) {
        List<SelectorPair> pairs = new ArrayList<>();
        Path path = session.path();
        List<InetAddress> given = session.phase().inner().ours();
        Selectors ours = profile.policy().match().local();
        for (TrafficSelector local : given.isEmpty() ? ours.at(path.local()) : at(ours, given)) {
            for (TrafficSelector remote : profile.policy().match().remote().at(path.remote())) {
                if (local.meets(remote)) {
                    pairs.add(new SelectorPair(local, remote));
                }
            }
        }
        return pairs;
    }

    /** Addresses that the peer has given us are all that we speak for, if the policy covers them. */
    private static List<TrafficSelector> at(Selectors ours, List<InetAddress> given) {
        List<TrafficSelector> covering = given.stream()
                .map(AddressRange::of)
                .flatMap(alone -> ours.at(given).stream()
                        .filter(selector -> selector.range().contains(alone))
                        .map(selector -> new TrafficSelector(selector.protocol(), selector.startPort(), selector.endPort(), alone)))
                .distinct()
                .toList();
        return covering.isEmpty() ? ours.at(given) : covering;
    }

    static SelectorPair pair(ChildSa child) {
        return new SelectorPair(child.local().getFirst(), child.remote().getFirst());
    }

    /** {@code udp}: what was agreed of ESP in UDP. */
    static ChildSa child(
            Turn turn, ChildProfile profile, Proposal suite, boolean udp, int inboundSpi, int serial, int outboundSpi, SelectorPair pair,
            SaLimits limits, OptionalInt replaces, Optional<Cpis> cpis) {
        InetAddress here = turn.session().path().local();
        InetAddress there = turn.session().path().remote();
        Tags tags = Tags.of(turn.session(), profile.protect(), serial, replaces);
        List<TrafficSelector> local = List.of(pair.source());
        List<TrafficSelector> remote = List.of(pair.destination());
        return new ChildSa(
                serial, profile, suite, profile.protect().mode(), new SaId(here, suite.protocol(), inboundSpi),
                new SaId(there, suite.protocol(), outboundSpi),
                Installation.encapsulation(natTraversalPath(turn), udp, suite.protocol()), local, remote,
                Installation.policies(profile, profile.protect().mode(), here, there, outboundSpi, local, remote, tags, cpis), turn.now(), limits,
                ChildSa.State.INSTALLED, replaces, tags, cpis);
    }

    /** Whoever sees no NAT stays on port 500, where nobody takes ESP (RFC 3948, section 2.1). */
    static Path natTraversalPath(Turn turn) {
        Path path = turn.session().path();
        int port = turn.session().settings().ports().natTraversal();
        return path.localPort() == port ? path : path.withPorts(port, port);
    }

    /** The same without what lets traffic leave on it. */
    static ChildSa inwards(ChildSa child) {
        return child.withPolicies(child.policies().stream().filter(policy -> policy.direction() != Direction.OUT).toList());
    }

    static void install(
            Turn turn, ChildSa child, IsakmpSa sa, Optional<Secret> shared, Bytes initiatorNonce, Bytes responderNonce, Awaiting awaiting) {
        DirectionKeys in = keys(sa, child, child.inbound().spi(), shared, initiatorNonce, responderNonce);
        DirectionKeys out = keys(sa, child, child.outbound().spi(), shared, initiatorNonce, responderNonce);
        List<Operation> operations = Installation.install(child, Installation.keys(child, in), Installation.keys(child, out), true);
        // What we ask for is what the policy says, and perhaps holds: one of its pairs.
        turn.start(Installation.job(turn.session(), child, awaiting instanceof AwaitingV1.InstallOfOffer, operations), awaiting);
    }

    private static DirectionKeys keys(
            IsakmpSa sa, ChildSa child, int spi, Optional<Secret> shared, Bytes initiatorNonce, Bytes responderNonce) {
        Optional<Algorithm> cipher = Selection.of(child.suite(), TransformType.ENCR);
        return IsakmpKeySchedule.childKeys(
                Sealing.prf(sa.suite()), sa.keys().d(), shared, Ipsec.protocol(child.profile()), spi, initiatorNonce, responderNonce,
                cipher, Selection.of(child.suite(), TransformType.INTEG));
    }

    static Bytes octets(int spi) {
        return new ByteWriter(4).i32(spi).toBytes();
    }

    // ---- on the session

    static void add(Turn turn, ChildSa child) {
        turn.change(session -> session.withChild(child));
        Idleness.watch(turn, child);
    }

    static void change(Turn turn, int serial, UnaryOperator<ChildSa> how) {
        turn.change(session -> session.withChild(serial, how));
    }

    /** It carries its traffic both ways now; what it replaces carries none any more. */
    static void up(Turn turn, ChildSa child) {
        Optional<ChildSa> old = child.replaces().isPresent() ? turn.session().child(child.replaces().getAsInt()) : Optional.empty();
        turn.emit(old.isPresent() ? new Event.ChildRekeyed(old.get(), child) : new Event.ChildUp(child));
        old.ifPresent(before -> change(turn, before.serial(), same -> same.withState(ChildSa.State.REKEYED)));
    }

    /** The responder's half: outbound policies follow when the initiator has confirmed. */
    static void switchOver(Turn turn, int serial) {
        Optional<ChildSa> found = turn.session().child(serial).filter(child -> !child.sends());
        if (found.isEmpty()) {
            return;
        }
        List<PolicySpec> outbound = Installation.outboundPolicies(found.get());
        List<PolicySpec> all = new ArrayList<>(found.get().policies());
        all.addAll(outbound);
        change(turn, serial, child -> child.withPolicies(List.copyOf(all)));
        List<Operation> operations = outbound.stream().<Operation>map(Operation.AddPolicy::new).toList();
        turn.start(new Job.Apply(operations), new Awaiting.Change("switching to the fresh SA"));
        turn.session().child(serial).ifPresent(child -> up(turn, child));
    }

    /** Removes a child's SAs and policies. */
    static void remove(Turn turn, ChildSa child, String reason) {
        remove(turn, child, reason, Event.End.OURS);
    }

    static void remove(Turn turn, ChildSa child, String reason, Event.End end) {
        turn.change(session -> session.withoutChild(child.serial()));
        // Told first: who hears it may still ask what the SAs have carried.
        turn.emit(new Event.ChildDown(child, reason, end));
        turn.start(new Job.Apply(Installation.remove(child)), new Awaiting.Change("removing " + child.name()));
        child.replaces().ifPresent(old -> change(
                turn, old,
                before -> before.state() == ChildSa.State.REKEYED || before.state() == ChildSa.State.REKEYING
                        ? before.withState(ChildSa.State.INSTALLED)
                        : before));
    }

    /** The newest child of the policy for these selectors: what a quick mode for them replaces. */
    static OptionalInt replacedBy(Session session, ChildProfile profile, SelectorPair pair) {
        return session.children().named(profile.name()).stream()
                .filter(child -> pair(child).equals(pair))
                .mapToInt(ChildSa::serial)
                .max();
    }
}
