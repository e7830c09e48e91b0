package org.xfrmagent.agent.engine.v1;

import static org.xfrmagent.agent.wire.v1.IsakmpExchange.AGGRESSIVE;
import static org.xfrmagent.agent.wire.v1.IsakmpExchange.IDENTITY_PROTECTION;
import static org.xfrmagent.agent.wire.v1.IsakmpExchange.INFORMATIONAL;
import static org.xfrmagent.agent.wire.v1.IsakmpExchange.QUICK;
import static org.xfrmagent.agent.wire.v1.IsakmpExchange.TRANSACTION;
import static org.xfrmagent.agent.wire.v1.PayloadType.ATTRIBUTES;
import static org.xfrmagent.agent.wire.v1.PayloadType.DELETE;
import static org.xfrmagent.agent.wire.v1.PayloadType.HASH;
import static org.xfrmagent.agent.wire.v1.PayloadType.ID;
import static org.xfrmagent.agent.wire.v1.PayloadType.KE;
import static org.xfrmagent.agent.wire.v1.PayloadType.NONCE;
import static org.xfrmagent.agent.wire.v1.PayloadType.NOTIFICATION;
import static org.xfrmagent.agent.wire.v1.PayloadType.SA;
import static org.xfrmagent.agent.wire.v1.PayloadType.SIGNATURE;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseTransaction;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Sealing.Opened;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.PayloadType;

/**
 * What may happen in which phase: a row for each message that we wait for. What no row allows is dropped (R5): no quick mode and no
 * informational message counts before phase 1 is done, and no message of phase 1 after. A first message is not here: it has no session
 * yet.
 */
final class Transitions {
    /** Reads a message whose payloads satisfied the row. {@code opened}: decrypted if the row says so, else as it came. */
    @FunctionalInterface
    interface Handler {
        void handle(Turn turn, Phase phase, Received received) throws Unauthentic;
    }

    /** {@code exchange}: of phase 2, if its message id is known. */
    record Received(IsakmpHeader header, Opened opened, Bytes datagram, Path path, Optional<Quick> exchange) {}

    /**
     * @param quick for phase 2, how far the exchange must be; {@link Quick} itself stands for a message id that is new
     * @param encrypted whether the message must be
     * @param story what it means, for logs
     * @param required payloads without which it is dropped
     * @param either payloads without any of which it is dropped; empty: it needs none
     */
    record Row(
            Class<? extends PhaseV1> phase,
            IsakmpExchange exchange,
            Class<? extends Quick> quick,
            boolean encrypted,
            String story,
            Set<PayloadType> required,
            Set<PayloadType> either,
            Handler handler) {
        private Row(
                Class<? extends PhaseV1> phase,
                IsakmpExchange exchange,
                Class<? extends Quick> quick,
                boolean encrypted,
                String story,
                Set<PayloadType> required,
                Handler handler) {
            this(phase, exchange, quick, encrypted, story, required, Set.of(), handler);
        }
    }

    /** What authenticates the last messages of phase 1, as the method has it. */
    private static final Set<PayloadType> PROOF = Set.of(HASH, SIGNATURE);

    static final List<Row> TABLE = List.of(
            new Row(PhaseV1.Offered.class, IDENTITY_PROTECTION, Quick.class, false, "the responder chooses a proposal", Set.of(SA),
                    (turn, phase, received) ->
                            MainMode.chosen(turn, (PhaseV1.Offered) phase, received.header, received.opened.chain())),
            new Row(PhaseV1.Chosen.class, IDENTITY_PROTECTION, Quick.class, false, "the initiator exchanges keys", Set.of(KE, NONCE),
                    (turn, phase, received) ->
                            MainMode.keyed(turn, (PhaseV1.Chosen) phase, received.opened.chain(), received.datagram)),
            new Row(PhaseV1.Exchanging.class, IDENTITY_PROTECTION, Quick.class, false, "the responder exchanges keys", Set.of(KE, NONCE),
                    (turn, phase, received) -> MainMode.exchanged(turn, (PhaseV1.Exchanging) phase, received.opened.chain())),
            new Row(PhaseV1.Keyed.class, IDENTITY_PROTECTION, Quick.class, true, "the initiator authenticates itself", Set.of(ID), PROOF,
                    (turn, phase, received) ->
                            MainMode.identified(turn, (PhaseV1.Keyed) phase, received)),
            new Row(PhaseV1.Identifying.class, IDENTITY_PROTECTION, Quick.class, true, "the responder authenticates itself",
                    Set.of(ID), PROOF,
                    (turn, phase, received) -> MainMode.concluded(turn, (PhaseV1.Identifying) phase, received.opened)),
            new Row(PhaseV1.Identifying.class, INFORMATIONAL, Quick.class, true, "the responder does not believe us", Set.of(HASH, NOTIFICATION),
                    (turn, phase, received) -> MainMode.refused(turn, (PhaseV1.Identifying) phase, received)),
            new Row(PhaseV1.Introduced.class, AGGRESSIVE, Quick.class, false, "the responder chooses, exchanges keys and authenticates itself",
                    Set.of(SA, KE, NONCE, ID), PROOF,
                    (turn, phase, received) -> AggressiveMode.concluded(turn, (PhaseV1.Introduced) phase, received)),
            new Row(PhaseV1.Vouched.class, AGGRESSIVE, Quick.class, true, "the initiator authenticates itself", Set.of(), PROOF,
                    (turn, phase, received) -> AggressiveMode.authenticated(turn, (PhaseV1.Vouched) phase, received)),
            // RFC 2409, section 5: "the final message MAY NOT be sent under protection of the ISAKMP SA", which leaves both ways open.
            new Row(PhaseV1.Vouched.class, AGGRESSIVE, Quick.class, false, "the initiator authenticates itself in the clear", Set.of(), PROOF,
                    (turn, phase, received) -> AggressiveMode.authenticated(turn, (PhaseV1.Vouched) phase, received)),
            new Row(PhaseTransaction.Authorizing.class, TRANSACTION, Quick.class, true, "the user shows a password, or hears what we say to it",
                    Set.of(HASH, ATTRIBUTES), (turn, phase, received) -> Xauth.answered(turn, (PhaseTransaction.Authorizing) phase, received)),
            new Row(PhaseTransaction.Authorizing.class, INFORMATIONAL, Quick.class, true, "the user gives up", Set.of(HASH, DELETE),
                    (turn, phase, received) ->
                            Xauth.deleted(turn, ((PhaseTransaction.Authorizing) phase).next(), received, "the user gave up")),
            new Row(PhaseTransaction.Proving.class, TRANSACTION, Quick.class, true, "the gateway asks for our user, or says whether it is let in",
                    Set.of(HASH, ATTRIBUTES), (turn, phase, received) -> XauthUser.told(turn, (PhaseTransaction.Proving) phase, received)),
            new Row(PhaseTransaction.Proving.class, INFORMATIONAL, Quick.class, true, "the gateway does not let our user in", Set.of(HASH, DELETE),
                    (turn, phase, received) ->
                            Xauth.deleted(turn, ((PhaseTransaction.Proving) phase).next(), received, "the gateway ended it before our user was let in")),
            new Row(PhaseTransaction.Configuring.class, TRANSACTION, Quick.class, true, "the gateway gives us an address", Set.of(HASH, ATTRIBUTES),
                    (turn, phase, received) -> ModeConfigClient.told(turn, (PhaseTransaction.Configuring) phase, received)),
            new Row(PhaseTransaction.Configuring.class, INFORMATIONAL, Quick.class, true, "the gateway ends it", Set.of(HASH, DELETE),
                    (turn, phase, received) -> Xauth.deleted(
                            turn, ((PhaseTransaction.Configuring) phase).next(), received, "the gateway ended it before it gave us an address")),
            new Row(PhaseV1.Up.class, TRANSACTION, Quick.Told.class, true, "the peer takes its address", Set.of(HASH, ATTRIBUTES),
                    (turn, phase, received) -> ModeConfig.taken(turn, (Quick.Told) received.exchange.orElseThrow(), received)),
            new Row(PhaseV1.Up.class, TRANSACTION, Quick.class, true, "the peer asks for an address", Set.of(HASH, ATTRIBUTES),
                    (turn, phase, received) -> ModeConfig.asked(turn, received)),
            new Row(PhaseV1.Up.class, QUICK, Quick.class, true, "the peer asks for a child", Set.of(HASH, SA, NONCE),
                    (turn, phase, received) -> QuickModeResponder.respond(turn, received.header, received.opened, received.datagram)),
            new Row(PhaseV1.Up.class, QUICK, Quick.Asked.class, true, "the peer grants a child", Set.of(HASH, SA, NONCE),
                    (turn, phase, received) -> QuickModeInitiator.conclude(
                            turn, (Quick.Asked) received.exchange.orElseThrow(), received)),
            new Row(PhaseV1.Up.class, QUICK, Quick.Answered.class, true, "the peer confirms a child", Set.of(HASH),
                    (turn, phase, received) ->
                            QuickModeResponder.confirmed(turn, (Quick.Answered) received.exchange.orElseThrow(), received)),
            new Row(PhaseV1.Up.class, QUICK, Quick.Committing.class, true, "the peer is ready, says a fourth message", Set.of(HASH, NOTIFICATION),
                    (turn, phase, received) -> Commitment.connected(turn, (Quick.Committing) received.exchange.orElseThrow(), received)),
            new Row(PhaseV1.Up.class, INFORMATIONAL, Quick.Committing.class, true, "the peer is ready", Set.of(HASH, NOTIFICATION),
                    (turn, phase, received) -> Commitment.connected(turn, (Quick.Committing) received.exchange.orElseThrow(), received)),
            new Row(PhaseV1.Up.class, INFORMATIONAL, Quick.class, true, "the peer deletes, notifies, or asks whether we live",
                    Set.of(HASH), (turn, phase, received) -> InformationalV1.receive(turn, received.opened.chain())));

    private Transitions() {}

    static Optional<Row> find(Phase phase, int exchange, Optional<Quick> quick, boolean encrypted) {
        Class<? extends Quick> state = quick.isPresent() ? quick.get().getClass() : Quick.class;
        return TABLE.stream()
                .filter(row -> row.phase.isInstance(phase)
                        && row.exchange.number() == exchange
                        && row.quick == state
                        && row.encrypted == encrypted)
                .findFirst();
    }
}
