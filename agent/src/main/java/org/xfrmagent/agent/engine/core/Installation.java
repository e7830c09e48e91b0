package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.xfrmagent.agent.crypto.DirectionKeys;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Narrowed;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaMarks;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Lifetimes;
import org.xfrmagent.policies.model.Limit;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Offload;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.TrafficSelector;

/** A child as operations on a data plane, there and back. */
public final class Installation {
    /** The id of the ESN transform that means 64-bit sequence numbers (RFC 7296, section 3.3.2). */
    private static final int ESN = 1;

    private static final Algorithm SHA256 = Algorithms.byKeyword("sha256").orElseThrow();
    /** Octets, as drafts of RFC 4868 had it. */
    private static final int SHORT_ICV = 12;

    private Installation() {}

    /** The policies of a child, if it has any: out, in, and in tunnel mode for forwarded packets, for each pair of its selectors. */
    public static List<PolicySpec> policies(
            ChildProfile profile,
            Mode mode,
            InetAddress localAddress,
            InetAddress remoteAddress,
            int outboundSpi,
            List<TrafficSelector> local,
            List<TrafficSelector> remote,
            Tags tags,
            Optional<Cpis> cpis) {
        if (!profile.protect().spdEntry().installed()) {
            return List.of();
        }
        List<PolicySpec> policies = new ArrayList<>();
        int priority = profile.priority() - 1;
        int reqid = tags.reqid().orElse(profile.reqid());
        boolean tunnel = mode == Mode.TUNNEL;
        PolicySpec.Protect outbound = new PolicySpec.Protect(
                tunnel ? Optional.of(new PolicySpec.Endpoints(localAddress, remoteAddress)) : Optional.empty(),
                profile.protect().protocol(),
                reqid,
                OptionalInt.of(outboundSpi)).compressed(cpis.map(both -> new PolicySpec.Compression(OptionalInt.of(both.out()))));
        PolicySpec.Protect inbound = new PolicySpec.Protect(
                tunnel ? Optional.of(new PolicySpec.Endpoints(remoteAddress, localAddress)) : Optional.empty(),
                profile.protect().protocol(),
                reqid,
                OptionalInt.empty()).compressed(cpis.map(_ -> new PolicySpec.Compression(OptionalInt.empty())));
        Optional<InetAddress> device = Optional.of(localAddress).filter(_ -> profile.protect().sadEntry().offload() == Offload.PACKET);
        for (TrafficSelector ours : local) {
            for (TrafficSelector theirs : remote) {
                if (!ours.meets(theirs)) {
                    continue;
                }
                SelectorPair pair = new SelectorPair(ours, theirs);
                OptionalInt ifIdIn = tags.interfaces().in();
                OptionalInt ifIdOut = tags.interfaces().out();
                policies.add(new PolicySpec(Direction.OUT, pair, priority, outbound.with(device), ifIdOut, tags.marks().out(), profile.policy().match().device()));
                policies.add(new PolicySpec(Direction.IN, pair.reversed(), priority, inbound.with(device), ifIdIn, tags.marks().in()));
                if (tunnel) {
                    policies.add(new PolicySpec(Direction.FWD, pair.reversed(), priority, inbound, ifIdIn, tags.marks().in()));
                }
                if (tunnel && profile.protect().spdEntry().forwardsOut()) {
                    policies.add(new PolicySpec(Direction.FWD, pair, priority, new PolicySpec.Bypass(), ifIdOut, tags.marks().out()));
                }
            }
        }
        return List.copyOf(policies);
    }

    /** Those of {@code child} that let traffic leave on it. */
    public static List<PolicySpec> outboundPolicies(ChildSa child) {
        return policies(
                        child.profile(), child.mode(), child.localAddress(), child.remoteAddress(), child.outbound().spi(), child.local(),
                        child.remote(), child.tags(), child.cpis())
                .stream()
                .filter(policy -> policy.direction() == Direction.OUT)
                .toList();
    }

    /**
     * The operations that install {@code child}. The inbound SA comes first: the peer may send as soon as it has our answer.
     *
     * @param in keys of the SA from the peer
     * @param out keys of the SA to the peer
     * @param filled the peer takes packets with TFC padding
     */
    public static List<Operation> install(ChildSa child, SaKeys in, SaKeys out, boolean filled) {
        boolean esn = Selection.of(child.suite(), TransformType.ESN).filter(row -> row.ikev2Id() == ESN).isPresent();
        SaLimits limits = child.limits();
        Optional<SelectorPair> only = child.local().size() == 1 && child.remote().size() == 1
                ? Optional.of(new SelectorPair(child.local().getFirst(), child.remote().getFirst()))
                : Optional.empty();
        Protect protect = child.profile().protect();
        int window = protect.replayWindow();
        int reqid = child.reqid();
        OptionalInt ifIdIn = child.tags().interfaces().in();
        OptionalInt ifIdOut = child.tags().interfaces().out();
        Marks.Numbers marks = child.tags().marks();
        List<Operation> operations = new ArrayList<>();
        add(operations, child.cpis().map(Cpis::in), new SaSpec(
                child.inbound(), child.remoteAddress(), Direction.IN, child.mode(), reqid, in,
                child.encapsulation().map(Installation::reversed), window, esn, limits, Optional.empty(), ifIdIn,
                new SaMarks(protect.marks().inOnSa() ? marks.in() : Optional.empty(), marks.setIn()), protect.tunnelHeader(), 0, protect.sadEntry().offload()));
        add(operations, child.cpis().map(Cpis::out), new SaSpec(
                child.outbound(), child.localAddress(), Direction.OUT, child.mode(), reqid, out, child.encapsulation(), window, esn, limits,
                only, ifIdOut, new SaMarks(marks.out(), marks.setOut()), protect.tunnelHeader(),
                filled && child.mode() == Mode.TUNNEL ? protect.tfcPadding() : 0, protect.sadEntry().offload()));
        for (PolicySpec policy : child.policies()) {
            operations.add(new Operation.AddPolicy(policy));
        }
        return operations;
    }

    /**
     * Installs {@code child} by {@code operations}, under a reqid of its own if it is not for all that the standing policy is for: then what
     * comes by it has to be what it is for (RFC 4301, section 5.2, step 4). A reqid that somebody has configured stands for all.
     *
     * @param held a packet that the policy holds asked for it
     */
    public static Job job(Session session, ChildSa child, boolean held, List<Operation> operations) {
        return child.profile().protect().reqid().isPresent() || isWhole(session, child)
                ? new Job.Apply(operations)
                : new Job.Install(
                        new Narrowed(
                                child.profile().reqid(), child.mode(), Set.copyOf(child.local()), Set.copyOf(child.remote()), child.tags().marks(),
                                child.tags().interfaces()),
                        held, operations);
    }

    /** Whether it is for all that its policy is for, whoever the peer. */
    private static boolean isWhole(Session session, ChildSa child) {
        Match match = child.profile().policy().match();
        boolean oneHost = session.profile().map(profile -> profile.peer().remote().addresses())
                .filter(hosts -> hosts.size() == 1 && hosts.getFirst().callable())
                .isPresent();
        return is(match.local(), child.localAddress(), child.local())
                && is(match.remote(), child.remoteAddress(), child.remote())
                && (oneHost || match.local() instanceof Selectors.Fixed && match.remote() instanceof Selectors.Fixed);
    }

    private static boolean is(Selectors whole, InetAddress address, List<TrafficSelector> agreed) {
        return Set.copyOf(whole.at(address)).equals(Set.copyOf(agreed));
    }

    private static void add(List<Operation> operations, Optional<Integer> cpi, SaSpec plain) {
        SaSpec sa = cpi.map(plain::compressed).orElse(plain);
        sa.compressor().map(Operation.AddSa::new).ifPresent(operations::add);
        operations.add(new Operation.AddSa(sa));
    }

    /** The keys of one direction as a data plane takes them. */
    public static SaKeys keys(ChildSa child, DirectionKeys keys) {
        Optional<Algorithm> cipher = Selection.of(child.suite(), TransformType.ENCR);
        Optional<Algorithm> mac = Selection.of(child.suite(), TransformType.INTEG)
                .map(agreed -> child.profile().protect().sadEntry().shortSha256() && agreed.equals(SHA256) ? agreed.truncatedTo(SHORT_ICV) : agreed);
        if (cipher.isEmpty()) {
            return new SaKeys.MacOnly(mac.orElseThrow(() -> new IllegalStateException("AH without a MAC")), keys.integrity());
        }
        return mac.isPresent()
                ? new SaKeys.CipherAndMac(cipher.get(), keys.encryption(), mac.get(), keys.integrity())
                : new SaKeys.Aead(cipher.get(), keys.encryption());
    }

    private static UdpEncapsulation reversed(UdpEncapsulation outbound) {
        return new UdpEncapsulation(outbound.destinationPort(), outbound.sourcePort());
    }

    /** {@code child} as it is once it goes along {@code path}, in UDP or not. */
    public static ChildSa at(Path path, boolean udp, ChildSa child) {
        List<PolicySpec> policies = child.policies().stream().map(policy -> at(path, policy)).toList();
        return child.moved(
                new SaId(path.local(), child.inbound().protocol(), child.inbound().spi()),
                new SaId(path.remote(), child.outbound().protocol(), child.outbound().spi()),
                encapsulation(path, udp, child.outbound().protocol()),
                policies);
    }

    /** AH does not go in UDP (RFC 3948, section 1). */
    public static Optional<UdpEncapsulation> encapsulation(Path path, boolean udp, Protocol protocol) {
        return udp && protocol == Protocol.ESP
                ? Optional.of(new UdpEncapsulation(path.localPort(), path.remotePort()))
                : Optional.empty();
    }

    private static PolicySpec at(Path path, PolicySpec policy) {
        if (!(policy.verdict() instanceof PolicySpec.Protect whole)) {
            return policy;
        }
        PolicySpec.Protect protect = whole.with(whole.offload().map(_ -> path.local()));
        if (protect.endpoints().isEmpty()) {
            return policy.withVerdict(protect);
        }
        PolicySpec.Endpoints endpoints = policy.direction() == Direction.OUT
                ? new PolicySpec.Endpoints(path.local(), path.remote())
                : new PolicySpec.Endpoints(path.remote(), path.local());
        return policy.withVerdict(protect.between(endpoints));
    }

    /**
     * The operations that bring {@code child} to the addresses of {@code moved}. The inbound SA goes first, so that the outbound one
     * and the policies that name it follow each other closely.
     */
    public static List<Operation> relocate(ChildSa child, ChildSa moved) {
        List<Operation> operations = new ArrayList<>();
        operations.add(new Operation.MoveSa(
                child.inbound(), Direction.IN, moved.remoteAddress(), moved.localAddress(),
                moved.encapsulation().map(Installation::reversed)));
        operations.add(new Operation.MoveSa(
                child.outbound(), Direction.OUT, moved.localAddress(), moved.remoteAddress(), moved.encapsulation()));
        child.cpis().ifPresent(cpis -> {
            operations.add(new Operation.MoveSa(
                    ChildSa.compressor(child.inbound(), cpis.in()), Direction.IN, moved.remoteAddress(), moved.localAddress(), Optional.empty()));
            operations.add(new Operation.MoveSa(
                    ChildSa.compressor(child.outbound(), cpis.out()), Direction.OUT, moved.localAddress(), moved.remoteAddress(), Optional.empty()));
        });
        operations.addAll(move(child.policies(), moved.policies()));
        return operations;
    }

    /** The operations that remove {@code child}: first its policies, so that what they covered holds the traffic again. */
    public static List<Operation> remove(ChildSa child) {
        List<Operation> operations = new ArrayList<>();
        for (PolicySpec policy : child.policies()) {
            operations.add(new Operation.RemovePolicy(policy));
        }
        operations.add(new Operation.RemoveSa(child.outbound()));
        operations.add(new Operation.RemoveSa(child.inbound()));
        child.compressors().stream().map(Operation.RemoveSa::new).forEach(operations::add);
        return operations;
    }

    /** As {@link #remove}, for a child that another has succeeded: packets that were sent on it may still be under way. */
    public static List<Operation> retire(ChildSa child) {
        List<Operation> operations = new ArrayList<>();
        child.policies().forEach(policy -> operations.add(new Operation.RemovePolicy(policy)));
        operations.add(new Operation.RetireSa(child.outbound()));
        operations.add(new Operation.RetireSa(child.inbound()));
        child.compressors().stream().map(Operation.RetireSa::new).forEach(operations::add);
        return operations;
    }

    /**
     * The operations that move the policies of a child to another place in the SPD: the new ones are there before the old ones go.
     * Policies that both have stay untouched.
     */
    public static List<Operation> move(List<PolicySpec> before, List<PolicySpec> after) {
        List<Operation> operations = new ArrayList<>();
        after.stream().filter(policy -> !before.contains(policy)).map(Operation.AddPolicy::new).forEach(operations::add);
        before.stream().filter(policy -> !after.contains(policy)).map(Operation.RemovePolicy::new).forEach(operations::add);
        return operations;
    }

    /** Soft limits come early by up to their jitter, so that not all tunnels rekey at once. */
    public static SaLimits limits(Lifetimes lifetimes, Moment at) {
        double early = at.entropy().nextDouble();
        return new SaLimits(
                soft(lifetimes.seconds(), early),
                lifetimes.seconds().hard(),
                soft(lifetimes.bytes(), early),
                lifetimes.bytes().hard(),
                soft(lifetimes.packets(), early),
                lifetimes.packets().hard());
    }

    private static long soft(Limit limit, double early) {
        return limit.soft() == 0 ? 0 : Math.max(1, Math.round(limit.soft(early)));
    }
}
