package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * The phases between phase 1 and phase 2, of transaction exchanges (draft-ietf-ipsec-isakmp-mode-cfg-05, section 3): the machines are
 * authenticated, and there are no children before the user is as well (XAUTH, draft-beaulieu-ike-xauth-02) and has its address.
 *
 * <pre>
 *   gateway   Authorizing                 -> Up
 *   user      Proving     -> Configuring  -> Up        each only where the policies want it
 * </pre>
 */
public sealed interface PhaseTransaction extends PhaseV1 {
    /** What it becomes. */
    Up next();

    /** Whether the peer knows of no other SA with us. */
    boolean initialContact();

    /** When it is too late, in {@link Moment#millis}. */
    long deadline();

    /** Our message that the peer has still to answer. */
    Optional<Sent> waitingForAnswer();

    /** The same phase with that message sent again. */
    PhaseTransaction saidAgain(Sent again);

    /**
     * Phase 1 is done, and the user at the other end has still to show a password (XAUTH): nothing else is allowed meanwhile.
     *
     * @param refused wrong passwords so far
     */
    record Authorizing(Up next, boolean initialContact, Asked asked, int refused, long deadline) implements PhaseTransaction {
        /**
         * What the user was asked or told last.
         *
         * @param iv of the answer
         * @param verdict that it is known, as whom; or that it is not; empty while it is asked for a password; or that somebody else looks at it
         */
        public record Asked(int messageId, int identifier, Bytes iv, Sent sent, Optional<Verdict> verdict) {}

        public sealed interface Verdict {
            /** @param granted addresses that it is to have */
            record Welcome(String user, List<InetAddress> granted) implements Verdict {
                public Welcome {
                    granted = List.copyOf(granted);
                }
            }

            /** @param reason a sentence */
            record Refused(String reason) implements Verdict {}

            /** A RADIUS server is asked whether it is right: what was asked is answered, and there is nothing to say yet. */
            record Pending() implements Verdict {}
        }

        @Override
        public Optional<Sent> waitingForAnswer() {
            return isPending() ? Optional.empty() : Optional.of(asked.sent());
        }

        public boolean isPending() {
            return asked.verdict().filter(Verdict.Pending.class::isInstance).isPresent();
        }

        /** The user has shown a password, and somebody else looks at it. */
        public Authorizing pending() {
            return new Authorizing(
                    next, initialContact, new Asked(asked.messageId(), asked.identifier(), asked.iv(), asked.sent(), Optional.of(new Verdict.Pending())), refused, deadline);
        }

        @Override
        public Authorizing saidAgain(Sent again) {
            Asked same = new Asked(asked.messageId(), asked.identifier(), asked.iv(), again, asked.verdict());
            return new Authorizing(next, initialContact, same, refused, deadline);
        }
    }

    /**
     * Phase 1 is done, and we are a user whom the gateway has still to ask for its password, and to let in (XAUTH).
     *
     * @param said our last answer
     * @param last our last message of phase 1, until something shows that it came
     */
    record Proving(Up next, boolean initialContact, Optional<Answer> said, Optional<Sent> last, long deadline) implements PhaseTransaction {
        @Override
        public Optional<Sent> waitingForAnswer() {
            return last;
        }

        @Override
        public Proving saidAgain(Sent again) {
            return new Proving(next, initialContact, said, Optional.of(again), deadline);
        }
    }

    /** Both sides are authenticated, and we have no address yet to speak for inside the tunnel (Mode Config). */
    record Configuring(Up next, boolean initialContact, Stage stage, long deadline) implements PhaseTransaction {
        public sealed interface Stage {
            /** The peer is to tell us unasked. {@code last}: our last message of phase 1, if nothing else shows that it came. */
            record Awaited(Optional<Sent> last) implements Stage {}

            /**
             * We have asked.
             *
             * @param last our last message of phase 1, as above
             * @param iv of the answer
             */
            record Asked(int messageId, int identifier, Bytes iv, Sent sent, Optional<Bytes> last) implements Stage {}

            /** This host is made to have it. */
            record Taking(InnerAddresses.Given given) implements Stage {}
        }

        public Configuring with(Stage now) {
            return new Configuring(next, initialContact, now, deadline);
        }

        @Override
        public Optional<Sent> waitingForAnswer() {
            return switch (stage) {
                case Stage.Awaited(var last) -> last;
                case Stage.Asked asked -> Optional.of(asked.sent());
                case Stage.Taking _ -> Optional.empty();
            };
        }

        @Override
        public Configuring saidAgain(Sent again) {
            return with(switch (stage) {
                case Stage.Awaited _ -> new Stage.Awaited(Optional.of(again));
                case Stage.Asked(int id, int identifier, Bytes iv, _, var last) -> new Stage.Asked(id, identifier, iv, again, last);
                case Stage.Taking taking -> taking;
            });
        }
    }
}
