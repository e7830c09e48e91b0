package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * A pair of SAs that protects one policy's traffic, as it is installed. Its keys live in the data plane only.
 *
 * @param serial numbers it for people
 * @param encapsulation the ports of its outbound SA, if it goes in UDP
 * @param policies those installed along with it. The successor that the peer asked for comes without the outbound ones: we go on
 *     sending on the old SA until the peer deletes it (RFC 7296, section 2.8)
 * @param since when it was installed, in {@link Moment#millis}
 * @param limits with which it was installed
 * @param replaces the serial of the child that this one succeeds
 * @param tags by what else its packets are told
 * @param cpis if its packets are compressed
 */
public record ChildSa(
        int serial,
        ChildProfile profile,
        Proposal suite,
        Mode mode,
        SaId inbound,
        SaId outbound,
        Optional<UdpEncapsulation> encapsulation,
        List<TrafficSelector> local,
        List<TrafficSelector> remote,
        List<PolicySpec> policies,
        long since,
        SaLimits limits,
        State state,
        OptionalInt replaces,
        Tags tags,
        Optional<Cpis> cpis) {
    /** So much later than the data plane a child's limits of time are thought to be over: its word may be lost. */
    private static final long GRACE_MILLIS = 10_000;

    public enum State {
        INSTALLED,
        /** We are negotiating its successor. */
        REKEYING,
        /** A successor has taken over; the peer deletes it. */
        REKEYED,
        /** A DELETE for it is on its way, or waits for its turn. */
        DELETING,
        /** It is gone for both sides, and its SAs take what comes late: no session has one, and listings show it. */
        DELETED
    }

    /** Without compression. */
    public ChildSa(
            int serial, ChildProfile profile, Proposal suite, Mode mode, SaId inbound, SaId outbound, Optional<UdpEncapsulation> encapsulation,
            List<TrafficSelector> local, List<TrafficSelector> remote, List<PolicySpec> policies, long since, SaLimits limits, State state,
            OptionalInt replaces, Tags tags) {
        this(serial, profile, suite, mode, inbound, outbound, encapsulation, local, remote, policies, since, limits, state, replaces, tags,
                Optional.empty());
    }

    /** With unique marks of its own. */
    public ChildSa(
            int serial, ChildProfile profile, Proposal suite, Mode mode, SaId inbound, SaId outbound, Optional<UdpEncapsulation> encapsulation,
            List<TrafficSelector> local, List<TrafficSelector> remote, List<PolicySpec> policies, long since, SaLimits limits, State state,
            OptionalInt replaces) {
        this(serial, profile, suite, mode, inbound, outbound, encapsulation, local, remote, policies, since, limits, state, replaces,
                Tags.of(profile.protect(), serial));
    }

    public String name() {
        return profile.name();
    }

    /** What ties its SAs to its policies. */
    public int reqid() {
        return tags.reqid().orElse(profile.reqid());
    }

    /** When it should have been rekeyed, even if the data plane did not say so, in {@link Moment#millis}; else the end of time. */
    public long rekeyAt() {
        if (limits.softSeconds() == 0) {
            return Long.MAX_VALUE;
        }
        long room = limits.hardSeconds() == 0 ? Long.MAX_VALUE : (limits.hardSeconds() - limits.softSeconds()) * 1000 / 2;
        return since + limits.softSeconds() * 1000 + Math.clamp(room, 0, GRACE_MILLIS);
    }

    /** When it should be gone, likewise. */
    public long deleteAt() {
        return limits.hardSeconds() == 0 ? Long.MAX_VALUE : since + limits.hardSeconds() * 1000 + GRACE_MILLIS;
    }

    /** All that it has in the SAD. */
    public List<SaId> sas() {
        return Stream.concat(Stream.of(inbound, outbound), compressors().stream()).toList();
    }

    /** Its IPComp SAs, if it has any: the inbound one first. */
    List<SaId> compressors() {
        return cpis.map(both -> List.of(compressor(inbound, both.in()), compressor(outbound, both.out()))).orElse(List.of());
    }

    /** That beside the SA {@code id}. */
    static SaId compressor(SaId id, int cpi) {
        return new SaId(id.destination(), Protocol.IPCOMP, cpi);
    }

    public boolean udpEncapsulated() {
        return encapsulation.isPresent();
    }

    public InetAddress localAddress() {
        return inbound.destination();
    }

    public InetAddress remoteAddress() {
        return outbound.destination();
    }

    /** The same SAs under a policy that has moved, or whose lifetimes changed. */
    public ChildSa withProfile(ChildProfile next, List<PolicySpec> nextPolicies) {
        return new ChildSa(
                serial, next, suite, mode, inbound, outbound, encapsulation, local, remote, nextPolicies, since, limits, state, replaces, tags, cpis);
    }

    /** Whether traffic leaves on it, as far as no newer policy is in force. */
    public boolean sends() {
        return policies.stream().anyMatch(policy -> policy.direction() == Direction.OUT);
    }

    public boolean succeeds(int other) {
        return replaces.isPresent() && replaces.getAsInt() == other;
    }

    public ChildSa withState(State next) {
        return new ChildSa(
                serial, profile, suite, mode, inbound, outbound, encapsulation, local, remote, policies, since, limits, next, replaces, tags, cpis);
    }

    /** As {@code result} says that it is: it tells the reqid. */
    public ChildSa installed(Result result) {
        return result instanceof Result.Installed(var _, OptionalInt reqid) && reqid.isPresent()
                ? new ChildSa(
                        serial, profile, suite, mode, inbound, outbound, encapsulation, local, remote,
                        policies.stream().map(policy -> policy.withReqid(reqid.getAsInt())).toList(), since, limits, state, replaces,
                        tags.withReqid(reqid.getAsInt()), cpis)
                : this;
    }

    public ChildSa withPolicies(List<PolicySpec> next) {
        return new ChildSa(
                serial, profile, suite, mode, inbound, outbound, encapsulation, local, remote, next, since, limits, state, replaces, tags, cpis);
    }

    /** The same SAs at other outer addresses or ports. */
    public ChildSa moved(SaId nextInbound, SaId nextOutbound, Optional<UdpEncapsulation> nextEncapsulation, List<PolicySpec> nextPolicies) {
        return new ChildSa(
                serial, profile, suite, mode, nextInbound, nextOutbound, nextEncapsulation, local, remote, nextPolicies, since, limits, state,
                replaces, tags, cpis);
    }
}
