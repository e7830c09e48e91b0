package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import org.xfrmagent.policies.algorithm.Protocol;

/** A request of ours that waits for its turn: only one may be outstanding. */
public sealed interface Task {
    record CreateChild(Input.Wish wish) implements Task {}

    /** Replaces a child by a fresh one (RFC 7296, section 2.8). */
    record RekeyChild(int serial) implements Task {}

    /** Replaces the IKE SA itself. */
    record RekeyIke() implements Task {}

    /** Makes a new IKE SA with all children, then deletes this one (RFC 7296, section 2.8.3). */
    record Reauthenticate() implements Task {}

    /** Lets a child send that waits for its predecessor under another IKE SA to go: it has waited long enough. */
    record SwitchOver(int serial) implements Task {}

    record DeleteChild(int serial, String reason) implements Task {}

    /** Deletes a child through which nothing has passed for too long. */
    record EndIfIdle(int serial) implements Task {}

    /** Deletes all children of a policy, also one that is under way when this is said. */
    record DeletePolicy(String policy, String reason) implements Task {}

    /** Tells the peer to remove a child that it thinks we have. */
    record Disown(Protocol protocol, int inboundSpi) implements Task {}

    /** {@code succeeded}: another IKE SA has taken its children over. */
    record DeleteIke(String reason, boolean succeeded) implements Task {
        /** Nothing takes over from it. */
        public DeleteIke(String reason) {
            this(reason, false);
        }
    }

    record Liveness() implements Task {}

    /** Tells the peer that we have moved (RFC 4555). */
    record UpdateAddresses() implements Task {}

    /** Asks for proof that the peer is where it says it has moved to. */
    record ReturnRoutability() implements Task {}

    /** Tells the peer our further addresses. */
    record Announce(List<InetAddress> addresses) implements Task {
        public Announce {
            addresses = List.copyOf(addresses);
        }
    }

    /** Sends the peer to another gateway (RFC 5685). */
    record Redirect(String gateway) implements Task {}

    /** What it is about, by which it is found among many: a policy's name, a child's serial, or else its class. */
    default Object topic() {
        return switch (this) {
            case CreateChild(Input.Wish wish) -> wish.policy();
            case DeletePolicy(String policy, _) -> policy;
            case RekeyChild(int serial) -> serial;
            case SwitchOver(int serial) -> serial;
            case EndIfIdle(int serial) -> serial;
            case DeleteChild(int serial, _) -> serial;
            case RekeyIke _, Reauthenticate _, Disown _, DeleteIke _, Liveness _, UpdateAddresses _, ReturnRoutability _, Announce _, Redirect _ ->
                getClass();
        };
    }

    /** A task for later. */
    record Delayed(Task task, long at) {}
}
