package org.xfrmagent.policies.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;

/** What happens to traffic that a policy matches (RFC 4301 section 4.4.1). */
public sealed interface Action {
    /**
     * It goes through SAs with a peer, or not at all.
     *
     * @param peer the peer's name
     * @param tunnelFallback in transport mode: whether a tunnel will do where the peer declines it
     * @param protocol ESP or AH
     * @param proposals the preferred one first
     * @param start what makes the agent negotiate
     * @param endings what follows when the other side ends the SAs
     * @param lifetimes of each pair of SAs
     * @param reqid that ties kernel policies to SAs; empty = the agent chooses
     * @param marks the packet marks the policy is limited to, and those it sets
     * @param interfaceIds the XFRM interfaces the policy is limited to
     * @param replayWindow packets; 0 = no replay protection
     * @param ownInterface the XFRM interface with {@code interfaceIds}, if the agent is to make it
     * @param routes whether the agent routes the traffic
     * @param tunnelHeader what the outer header says of the inner one
     * @param tfcPadding octets to which packets in an ESP tunnel are filled up, so that their sizes tell nothing (RFC 4303 section
     *     2.7); 0 = none, {@link #TFC_MTU} = as large as the path carries
     * @param updown a program and its arguments, run when a child comes up and when it is gone; empty = none
     */
    record Protect(
            String peer,
            Mode mode,
            boolean tunnelFallback,
            Protocol protocol,
            List<Proposal> proposals,
            Start start,
            Endings endings,
            Lifetimes lifetimes,
            OptionalInt reqid,
            Marks marks,
            InterfaceIds interfaceIds,
            int replayWindow,
            Optional<XfrmInterface> ownInterface,
            RouteChoice routes,
            TunnelHeader tunnelHeader,
            int tfcPadding,
            List<String> updown,
            SpdEntry spdEntry,
            SadEntry sadEntry) implements Action {
        /** More than any packet has. */
        public static final int TFC_MTU = 0xffff;

        public Protect {
            proposals = List.copyOf(proposals);
            updown = List.copyOf(updown);
        }

        /** ESP in tunnel mode with {@code peer}, everything else by default. */
        public static Protect with(String peer) {
            return new Protect(peer, Defaults.MODE, Defaults.TUNNEL_FALLBACK, Protocol.ESP, Defaults.childProposals(Protocol.ESP), Defaults.START, Endings.of(Defaults.START),
                    Defaults.CHILD_LIFETIMES, OptionalInt.empty(), Marks.NONE, InterfaceIds.NONE, Defaults.REPLAY_WINDOW,
                    Optional.empty(), RouteChoice.NONE, Defaults.TUNNEL_HEADER, Defaults.TFC_PADDING, List.of(), Defaults.SPD_ENTRY, Defaults.SAD_ENTRY);
        }
    }

    /** It passes unprotected. */
    record Bypass() implements Action {}

    /** It is dropped. */
    record Discard() implements Action {}
}
