package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;

/** What others may want to know: the log, the control socket, counters. Never a secret. */
public sealed interface Event {
    /** The session entered a phase; {@code story} says why in one sentence. */
    record Entered(String phase, String story) implements Event {}

    /** The peer is authenticated and the IKE SA is up. {@code initialContact}: it says that it knows of no other (RFC 7296, section 2.4). */
    record IkeUp(boolean initialContact) implements Event {}

    /** An IKE SA that was up is gone; {@code was}: the session as it was until now. */
    record IkeDown(String reason, Session was, End end) implements Event {}

    /**
     * An IKE SA never came up.
     *
     * @param was the session as it was until now
     * @param refused whether one end has refused the other; else nobody answered, or it was not wanted any more
     */
    record IkeFailed(String reason, Session was, boolean refused) implements Event {}

    record ChildUp(ChildSa child) implements Event {}

    /** @param end who has ended it */
    record ChildDown(ChildSa child, String reason, End end) implements Event {}

    /** Nothing has passed through the child for as long as its policy lets it be idle: it is about to be deleted. */
    record ChildIdle(ChildSa child) implements Event {}

    /** Who ends a child. */
    enum End {
        /** We, whoever wanted it. */
        OURS,
        /** The peer has deleted it. */
        CLOSED,
        /** The peer does not answer, or not in a way that makes sense. */
        LOST
    }

    /** A child never came up; the IKE SA may well be up. */
    record ChildFailed(String policy, String reason) implements Event {}

    /** An IKE SA was replaced by its successor; the children went along. {@code was}: the session until now. */
    record IkeRekeyed(Session was) implements Event {}

    /** The ends of the IKE SA are elsewhere from now on, where its session's path says. {@code was}: the session until now; {@code story}: a sentence. */
    record Moved(Session was, String story) implements Event {
        public Path before() {
            return was.path();
        }
    }

    /** A new IKE SA with this peer is wanted, with all children, and then the end of this one. */
    record ReauthenticationDue() implements Event {}

    /** The gateway sends us to another. */
    record Redirected(InetAddress gateway) implements Event {}

    record ChildRekeyed(ChildSa old, ChildSa fresh) implements Event {}

    /** An input was dropped: counted by {@code rule}, logged at a limited rate. */
    record Dropped(Rule rule, String detail) implements Event {}

    /** A peer's request was refused with an error notify. */
    record Refused(String notification, String detail) implements Event {}

    /** A user has shown a password, which was compared. {@code user}: in printable characters. */
    record PasswordShown(String user, boolean right) implements Event {}

    record Retransmitted(int messageId, int attempt) implements Event {}

    /** Something worth a line in the log that changes nothing. */
    record Remark(String text) implements Event {}

    /** Why an input was dropped; a label of the drop counter. */
    enum Rule {
        MALFORMED,
        UNAUTHENTIC,
        UNKNOWN_SPI,
        OUT_OF_WINDOW,
        OUT_OF_PHASE,
        OVERLOADED,
        UNKNOWN_PEER,
        BUG
    }
}
