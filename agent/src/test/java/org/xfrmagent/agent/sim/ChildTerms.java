package org.xfrmagent.agent.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.ProposalParser;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Afterwards;
import org.xfrmagent.policies.model.Endings;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Lifetimes;
import org.xfrmagent.policies.model.Limit;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Offload;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.RouteChoice;
import org.xfrmagent.policies.model.SadEntry;
import org.xfrmagent.policies.model.SecurityLabel;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.SpdEntry;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;
import org.xfrmagent.policies.model.TunnelHeader;

/**
 * What {@link Policies} say of children: the same of each, but for its networks.
 *
 * @param <P> whoever says it, to go on with
 */
abstract class ChildTerms<P> {
    record Net(String name, String local, String remote, Optional<SecurityLabel> label) {
        Net(String name, String local, String remote) {
            this(name, local, remote, Optional.empty());
        }

        Net labelled(String text) {
            return new Net(name, local, remote, Optional.of(new SecurityLabel(text)));
        }

        /** As the other side has it. */
        Net reversed() {
            return new Net(name, remote, local, label);
        }
    }

    private Optional<Match> match = Optional.empty();
    private List<String> esp = List.of("aes256gcm16");
    private Protocol protocol = Protocol.ESP;
    private Mode mode = Mode.TUNNEL;
    private Start start = Start.BY_PEER;
    private SpdEntry spdEntry = SpdEntry.USUAL;
    private Marks marks = Marks.NONE;
    private InterfaceIds interfaceIds = InterfaceIds.NONE;
    private SadEntry sadEntry = SadEntry.USUAL;
    private Optional<Endings> endings = Optional.empty();
    private Lifetimes lifetimes = new Lifetimes(Limit.NONE, Limit.NONE, Limit.NONE, 0);
    private boolean tunnelFallback;
    private int tfc;
    private OptionalInt reqid = OptionalInt.empty();
    private List<Net> nets;

    ChildTerms(List<Net> nets) {
        this.nets = nets;
    }

    /** Itself. */
    abstract P same();

    final P childLifetime(long soft, long hard) {
        lifetimes = new Lifetimes(new Limit(soft, hard), Limit.NONE, Limit.NONE, 0);
        return same();
    }

    /** Limits of seconds and octets, {soft, hard}. */
    final P childLifetime(Limit seconds, Limit bytes) {
        lifetimes = new Lifetimes(seconds, bytes, Limit.NONE, 0);
        return same();
    }

    /** Children go after so many seconds without a packet. */
    final P idle(long seconds) {
        lifetimes = new Lifetimes(lifetimes.seconds(), lifetimes.bytes(), lifetimes.packets(), seconds);
        return same();
    }

    final P esp(String... proposals) {
        esp = List.of(proposals);
        return same();
    }

    final P ah(String... proposals) {
        protocol = Protocol.AH;
        return esp(proposals);
    }

    final P transport() {
        mode = Mode.TRANSPORT;
        return same();
    }

    final P start(Start how) {
        start = how;
        return same();
    }

    final P packets(long soft, long hard) {
        lifetimes = new Lifetimes(Limit.NONE, Limit.NONE, new Limit(soft, hard), 0);
        return same();
    }

    final P tunnelFallback() {
        tunnelFallback = true;
        return same();
    }

    final P endings(Afterwards closed, Afterwards lost) {
        endings = Optional.of(new Endings(closed, lost));
        return same();
    }

    final P withoutSpdEntry() {
        spdEntry = SpdEntry.NONE;
        return same();
    }

    /** By what else packets are told. */
    final P told(Marks by, InterfaceIds interfaces) {
        marks = by;
        interfaceIds = interfaces;
        return same();
    }

    final P forwardsOut() {
        spdEntry = new SpdEntry(true, true, true);
        return same();
    }

    final P shortSha256() {
        sadEntry = new SadEntry(true, Offload.NO, false);
        return same();
    }

    final P compressed() {
        sadEntry = new SadEntry(false, Offload.NO, true);
        return same();
    }

    final P offload(Offload how) {
        sadEntry = new SadEntry(false, how, false);
        return same();
    }

    final P tfc(int octets) {
        tfc = octets;
        return same();
    }

    final P reqid(int number) {
        reqid = OptionalInt.of(number);
        return same();
    }

    final P nets(Net... all) {
        nets = List.of(all);
        return same();
    }

    /** Whatever the networks are. */
    final P match(List<TrafficSelector> local, List<TrafficSelector> remote) {
        match = Optional.of(new Match(new Selectors.Fixed(local), new Selectors.Fixed(remote)));
        return same();
    }

    /** A child for every pair of networks, with the peer of that name. */
    final List<ChildProfile> children(String peer) {
        List<ChildProfile> children = new ArrayList<>();
        for (Net net : nets) {
            Protect protect = new Protect(
                    peer, mode, tunnelFallback, protocol, proposals(protocol, esp), start, endings.orElse(Endings.of(start)),
                    lifetimes, reqid, marks,
                    interfaceIds, 64, Optional.empty(), RouteChoice.NONE, TunnelHeader.USUAL, tfc, List.of(),
                    spdEntry, sadEntry);
            Match traffic = match.isPresent() ? match.get() : mode == Mode.TRANSPORT
                    ? new Match(new Selectors.Dynamic(List.of(Selectors.Upper.ANY)), new Selectors.Dynamic(List.of(Selectors.Upper.ANY)))
                    : new Match(fixed(net.local()), fixed(net.remote()), Optional.empty(), net.label());
            children.add(new ChildProfile(new Policy(net.name(), traffic, protect), protect, reqid.orElse(children.size() + 1), 1000 + 10 * children.size()));
        }
        return children;
    }

    /** @param range or several, with blanks between */
    private static Selectors fixed(String range) {
        return new Selectors.Fixed(Arrays.stream(range.split(" ", -1)).map(each -> TrafficSelector.of(AddressRange.parse(each))).toList());
    }

    static List<Proposal> proposals(Protocol protocol, List<String> texts) {
        return texts.stream().map(text -> switch (ProposalParser.parse(protocol, text)) {
            case ProposalParser.Accepted parsed -> parsed.proposal();
            case ProposalParser.Refused refused -> throw new AssertionError(refused.toString());
        }).toList();
    }
}
