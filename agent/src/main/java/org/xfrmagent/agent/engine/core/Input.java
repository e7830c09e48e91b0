package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.SelectorPair;

/** All that can happen to a session. */
public sealed interface Input {
    /** A datagram for this session's SPIs, without the non-ESP marker. Nothing about it is trusted yet. */
    record Datagram(Path path, Bytes bytes) implements Input {}

    /** Time has passed; due timers are found by {@link Timers}. */
    record Tick() implements Input {}

    /** The user, the policy set or the endpoint wants something. */
    record Command(Order order) implements Input {}

    /** A job is done. */
    record Completed(long ticket, Result result) implements Input {}

    /** The data plane says something about one of this session's children. */
    record Kernel(DataPlaneEvent event) implements Input {}

    /** This host's addresses, links or routes have changed. */
    record NetworkChanged() implements Input {}

    sealed interface Order {
        /** Starts the IKE SA if it is not up, and the children named. */
        record Initiate(List<Wish> children) implements Order {}

        /** Deletes the IKE SA and all its children. */
        record Terminate(String reason) implements Order {}

        /** Ends the IKE SA that is being deleted, without the peer's word. */
        record GiveUp(String reason) implements Order {}

        /** Deletes the children of one policy. */
        record TerminateChild(String policy, String reason) implements Order {}

        /** Deletes one child. */
        record DeleteChild(int serial, String reason) implements Order {}

        /** Replaces the child with this serial by a fresh one; the IKE SA itself if none is named. */
        record Rekey(OptionalInt child) implements Order {}

        /** Has a new IKE SA made from scratch, with all children, and then ends this one (RFC 7296, section 2.8.3). */
        record Reauthenticate() implements Order {}

        /** The IKE SA is superseded: ends it in so many milliseconds, when what supersedes it carries the traffic. */
        record Retire(String reason, long millis) implements Order {}

        /** The new IKE SA that was to follow could not be made: tries again later. */
        record ReauthenticateLater() implements Order {}

        /** The children of {@code policy} under another IKE SA are gone: one that waits for that sends from now on. */
        record SwitchOver(String policy) implements Order {}

        /** Sends the peer, which has called us, to another gateway (RFC 5685): an address or a host name. */
        record Redirect(String gateway) implements Order {}

        /** The configuration changed: the session goes on with its profile as it is now. */
        record Reconfigure(Settings settings) implements Order {}
    }

    /**
     * A child that somebody wants.
     *
     * @param packet the packet that asked for it, our side first: it leads TSi and TSr (RFC 7296, section 2.9)
     * @param alone only that packet's pair of selectors is asked for: the peer has a child for each (SINGLE_PAIR_REQUIRED)
     */
    record Wish(String policy, Optional<SelectorPair> packet, boolean alone) {
        public Wish(String policy, Optional<SelectorPair> packet) {
            this(policy, packet, false);
        }
    }
}
