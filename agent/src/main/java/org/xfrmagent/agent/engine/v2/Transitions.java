package org.xfrmagent.agent.engine.v2;

import static org.xfrmagent.agent.wire.ExchangeType.CREATE_CHILD_SA;
import static org.xfrmagent.agent.wire.ExchangeType.IKE_AUTH;
import static org.xfrmagent.agent.wire.ExchangeType.INFORMATIONAL;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.PayloadType;

/**
 * What may happen under an IKE SA: a row for each phase, exchange and direction. What no row allows is refused (a request) or
 * dropped (a response). IKE_SA_INIT is not here: it has no IKE SA yet.
 */
final class Transitions {
    /** Reads a message whose payloads satisfied the row. */
    @FunctionalInterface
    interface Handler {
        void handle(Turn turn, Phase phase, Optional<Exchange> exchange, List<Payload> payloads);
    }

    /**
     * @param request whether it is the peer's request; else the response to ours
     * @param story what it means, for logs
     * @param required payloads without which a request is refused with INVALID_SYNTAX
     */
    record Row(
            Class<? extends Phase> phase,
            ExchangeType exchange,
            boolean request,
            String story,
            Set<PayloadType> required,
            Handler handler) {}

    private static final Set<PayloadType> NOTHING = Set.of();

    static final List<Row> TABLE = List.of(
            new Row(Phase.HalfOpen.class, IKE_AUTH, true, "the initiator authenticates itself and asks for the first child",
                    Set.of(PayloadType.ID_INITIATOR),
                    (turn, phase, exchange, payloads) -> IkeAuth.respond(turn, (Phase.HalfOpen) phase, payloads)),
            new Row(Phase.Authenticating.class, IKE_AUTH, false, "the responder authenticates itself and answers about the first child",
                    NOTHING, (turn, phase, exchange, payloads) -> {
                        if (exchange.orElseThrow() instanceof Exchange.Authenticate authenticate) {
                            IkeAuth.conclude(turn, authenticate, payloads);
                        }
                    }),
            new Row(PhaseEap.Asking.class, IKE_AUTH, true, "the user answers by EAP, or shows at last that it has the key of that", NOTHING,
                    (turn, phase, exchange, payloads) -> Eap.respond(turn, (PhaseEap.Asking) phase, payloads)),
            new Row(PhaseEap.Asking.class, INFORMATIONAL, true, "the user gives up, or does not believe us", NOTHING,
                    (turn, phase, exchange, payloads) -> Eap.interrupted(turn, payloads)),
            new Row(PhaseEap.Answering.class, IKE_AUTH, false, "the gateway asks our user by EAP, or shows at last that it has the key of that", NOTHING,
                    (turn, phase, exchange, payloads) -> EapUser.conclude(turn, (PhaseEap.Answering) phase, exchange.orElseThrow(), payloads)),
            new Row(Phase.Established.class, CREATE_CHILD_SA, true, "the peer asks for a child or a fresh one",
                    Set.of(PayloadType.SA, PayloadType.NONCE),
                    (turn, phase, exchange, payloads) -> {
                        if (CreateChild.rekeysIkeSa(payloads)) {
                            RekeyIke.respond(turn, payloads);
                        } else {
                            CreateChild.respond(turn, payloads);
                        }
                    }),
            new Row(Phase.Established.class, CREATE_CHILD_SA, false, "the peer answers about a child", NOTHING,
                    (turn, phase, exchange, payloads) -> {
                        if (exchange.orElseThrow() instanceof Exchange.CreateChild create) {
                            CreateChild.conclude(turn, create, payloads);
                        } else if (exchange.orElseThrow() instanceof Exchange.RekeyIke rekey) {
                            RekeyIke.conclude(turn, rekey, payloads);
                        }
                    }),
            new Row(Phase.Established.class, INFORMATIONAL, true, "the peer deletes, notifies, or asks whether we live", NOTHING,
                    (turn, phase, exchange, payloads) -> Informational.respond(turn, payloads)),
            new Row(Phase.Established.class, INFORMATIONAL, false, "the peer confirms a deletion, a move, or that it lives", NOTHING,
                    (turn, phase, exchange, payloads) -> {
                        if (exchange.orElseThrow() instanceof Exchange.DeleteChildren delete) {
                            Informational.concludeDelete(turn, delete);
                        } else if (exchange.orElseThrow() instanceof Exchange.Redirect redirect) {
                            Redirection.concluded(turn, redirect);
                        } else {
                            Mobike.conclude(turn, exchange.orElseThrow(), payloads);
                        }
                    }),
            new Row(Phase.Closing.class, INFORMATIONAL, true, "the peer deletes what we are deleting, or does not know it yet", NOTHING,
                    (turn, phase, exchange, payloads) -> Informational.respond(turn, payloads)),
            new Row(Phase.Closing.class, CREATE_CHILD_SA, true, "the peer wants a child of an IKE SA that we are deleting", NOTHING,
                    (turn, phase, exchange, payloads) -> {
                        // RFC 7296, section 2.25.2.
                        throw new Refusal(Notify.TEMPORARY_FAILURE, "wants a child of an IKE SA that we are deleting");
                    }),
            new Row(Phase.Closing.class, INFORMATIONAL, false, "the peer confirms that the IKE SA is deleted", NOTHING,
                    (turn, phase, exchange, payloads) -> {
                        if (exchange.orElseThrow() instanceof Exchange.DeleteIke delete) {
                            Ending.down(turn, delete.reason());
                        }
                    }));

    private Transitions() {}

    static Optional<Row> find(Phase phase, int exchange, boolean request) {
        return TABLE.stream()
                .filter(row -> row.phase.isInstance(phase) && row.exchange.number() == exchange && row.request == request)
                .findFirst();
    }
}
