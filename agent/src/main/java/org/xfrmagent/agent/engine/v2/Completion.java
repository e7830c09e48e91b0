package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildAnswer;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Idleness;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Moving;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;

/** Goes on with an exchange when the job that it waited for is done. */
public final class Completion {
    private Completion() {}

    public static void completed(Turn turn, Awaiting awaiting, Result result) {
        boolean closed = turn.session().isClosed();
        switch (awaiting) {
            case Awaiting.ChainOfResponder claimed -> {
                if (turn.session().phase() instanceof Phase.Authenticating) {
                    IkeAuth.verified(turn, claimed, objection(result));
                }
            }
            case Awaiting.ChainOfInitiator claimed -> {
                if (turn.session().phase() instanceof Phase.HalfOpen phase) {
                    answering(turn, () -> IkeAuth.verified(turn, phase, claimed, objection(result)));
                }
            }
            case Awaiting.EapOfInitiator(var payloads) -> {
                if (turn.session().phase() instanceof PhaseEap.Asking phase) {
                    answering(turn, () -> Eap.answered(turn, phase, payloads, work(result)));
                }
            }
            case Awaiting.EapOfOurs() -> {
                if (turn.session().phase() instanceof PhaseEap.Answering phase) {
                    EapUser.answered(turn, phase, work(result));
                }
            }
            case Awaiting.LeaseForInitiator lease -> {
                Optional<Phase.Transcript> transcript = turn.session().phase().unproven();
                if (transcript.isPresent()) {
                    answering(turn, () -> LastAnswer.leased(turn, transcript.get(), lease, result));
                } else {
                    Addresses.releaseLate(turn, result);
                }
            }
            case Awaiting.HostAddresses(var addresses) -> Addresses.taken(turn, addresses, result);
            case Awaiting.HostAddressesMoved(var addresses) -> Addresses.moved(turn, addresses, result);
            case Awaiting.AddressesGone() -> {}
            case Awaiting.SpiForOffer offer -> {
                if (!closed) {
                    spiForOffer(turn, offer, result);
                }
            }
            case Awaiting.SpiForAnswer(var answer) -> {
                if (closed) {
                    answer.sharedSecret().ifPresent(turn::wipe);
                } else if (result instanceof Result.SpiAllocated ours) {
                    Children.allocated(turn, answer, ours);
                } else {
                    answer.sharedSecret().ifPresent(turn::wipe);
                    refuseChild(turn, answer, Notify.NO_PROPOSAL_CHOSEN, "no SPI: " + reason(result));
                }
            }
            case Awaiting.InstallOfOffer(var child, boolean deleted) -> installOfOffer(turn, child.installed(result), deleted, result);
            case Awaiting.InstallOfAnswer(var answer, var child, var payloads) ->
                installOfAnswer(turn, answer, child.installed(result), payloads, result);
            case Awaiting.RemovalForAnswer(var payloads) -> {
                if (!succeeded(result)) {
                    turn.emit(new Event.Remark("removing what the peer deleted failed in the data plane: " + reason(result)));
                }
                if (!closed) {
                    Requests.respond(turn, ExchangeType.INFORMATIONAL, payloads);
                }
            }
            case Awaiting.Change(String what) -> {
                if (!succeeded(result)) {
                    turn.emit(new Event.Remark(what + " failed in the data plane: " + reason(result)));
                }
            }
            case Awaiting.Move(String what) -> {
                if (!succeeded(result)) {
                    turn.emit(new Event.Remark("the policies of " + what + " stay at their old place: " + reason(result)));
                }
            }
            case Awaiting.Ways() -> {
                if (!closed && result instanceof Result.WaysFound found) {
                    Ways.found(turn, found);
                }
            }
            case Awaiting.Relocation(var before, boolean tell) -> {
                if (!succeeded(result)) {
                    Moving.refused(turn, before, reason(result));
                }
                if (tell && turn.session().phase() instanceof Phase.Established) {
                    turn.queueFirst(new Task.UpdateAddresses());
                }
            }
            case Awaiting.UsageForKeepalive() -> {
                if (!closed) {
                    Timers.keepalive(turn, result);
                }
            }
            case Awaiting.TokenSignature _ -> throw new IllegalStateException("a step that is taken as a whole");
            case AwaitingV1 _ -> throw new IllegalStateException("a job of IKEv1");
            case Awaiting.UsageForLimits() -> {
                if (!closed && result instanceof Result.UsageRead(var usage)) {
                    Overdue.compare(turn, usage);
                }
            }
            case Awaiting.UsageForIdleness(int serial) -> {
                if (!closed && result instanceof Result.UsageRead(var usage)) {
                    Idleness.seen(turn, serial, usage);
                }
            }
            case Awaiting.UsageForLiveness(long since) -> {
                if (!closed) {
                    liveness(turn, since, result);
                }
            }
        }
    }

    /** The request has waited for this: what is refused now is refused as if at once. */
    private static void answering(Turn turn, Runnable rest) {
        try {
            rest.run();
        } catch (Refusal refusal) {
            Receiving.refuse(turn, ExchangeType.IKE_AUTH, refusal);
        } catch (Malformed malformed) {
            Receiving.refuse(turn, ExchangeType.IKE_AUTH, new Refusal(Notify.INVALID_SYNTAX, String.valueOf(malformed.getMessage())));
        }
    }

    private static EapWork.Result work(Result result) {
        return result instanceof Result.EapAnswered(EapWork.Result answer) ? answer : new EapWork.Result.Refused(reason(result));
    }

    private static Optional<String> objection(Result result) {
        return result instanceof Result.ChainVerified ? Optional.empty() : Optional.of(reason(result));
    }

    private static void spiForOffer(Turn turn, Awaiting.SpiForOffer offer, Result result) {
        if (result instanceof Result.SpiAllocated ours) {
            if (offer.inAuth()) {
                IkeAuth.send(turn, offer.wish(), ours);
            } else {
                CreateChild.prepared(turn, offer.wish(), offer.replaces(), ours);
            }
        } else if (offer.inAuth()) {
            Ending.failed(turn, "the data plane gave no SPI: " + reason(result));
        } else {
            turn.emit(new Event.ChildFailed(offer.wish().policy(), "the data plane gave no SPI: " + reason(result)));
            offer.replaces().ifPresent(serial -> Succession.tryAgain(turn, serial));
        }
    }

    private static void installOfOffer(Turn turn, ChildSa child, boolean deleted, Result result) {
        if (turn.session().isClosed()) {
            removeLate(turn, child, result);
        } else if (deleted) {
            removeLate(turn, child, result);
            turn.emit(new Event.ChildFailed(child.name(), "the peer deleted it at once"));
            child.replaces().ifPresent(serial -> Succession.notSucceeded(turn, serial));
        } else if (succeeded(result)) {
            up(turn, child);
            child.replaces().ifPresent(serial -> Succession.deleteReplaced(turn, serial));
        } else {
            turn.emit(new Event.ChildFailed(child.name(), "the data plane refused it: " + reason(result)));
            turn.queue(new Task.Disown(child.suite().protocol(), child.inbound().spi()));
            child.replaces().ifPresent(serial -> Succession.notSucceeded(turn, serial));
        }
    }

    private static void installOfAnswer(Turn turn, ChildAnswer answer, ChildSa child, List<Payload> payloads, Result result) {
        if (turn.session().isClosed()) {
            removeLate(turn, child, result);
        } else if (succeeded(result)) {
            up(turn, child);
            answer.replaces().ifPresent(serial -> Succession.awaitDeletion(turn, serial));
            if (answer.terms().behind()) {
                turn.queueIn(Constants.BEHIND_MILLIS, new Task.SwitchOver(child.serial()));
            }
            Requests.respond(turn, exchange(answer.prefix()), payloads);
        } else {
            refuseChild(turn, answer, refusal(result), "the data plane refused it: " + reason(result));
        }
    }

    /** A policy that cannot be there means that the peer cannot have these selectors, whatever else it proposes (section 2.9). */
    private static Notify refusal(Result result) {
        return result instanceof Result.Installed(Outcome.Refused(Operation.AddPolicy _, _), _) ? Notify.TS_UNACCEPTABLE : Notify.NO_PROPOSAL_CHOSEN;
    }

    /** Only IKE_AUTH has payloads before the child's. */
    private static ExchangeType exchange(List<Payload> prefix) {
        return prefix.isEmpty() ? ExchangeType.CREATE_CHILD_SA : ExchangeType.IKE_AUTH;
    }

    private static void up(Turn turn, ChildSa child) {
        Optional<ChildSa> old = child.replaces().isPresent() ? turn.session().child(child.replaces().getAsInt()) : Optional.empty();
        turn.change(session -> session.withChild(child));
        turn.emit(old.isPresent() ? new Event.ChildRekeyed(old.get(), child) : new Event.ChildUp(child));
        Idleness.watch(turn, child);
        if (old.isEmpty()) {
            // It was to wait for the end of the old one, which came while it was being installed.
            child.replaces().ifPresent(serial -> Succession.switchOver(turn, serial));
        }
        // The policies may have changed while it was negotiated.
        Reconfiguring.child(turn, child);
        Relocation.follow(turn, child);
    }

    /** The child is not wanted any more when it is installed. */
    private static void removeLate(Turn turn, ChildSa child, Result result) {
        if (succeeded(result)) {
            turn.start(new Job.Apply(Installation.remove(child)), new Awaiting.Change("removing " + child.name()));
        }
    }

    /** The peer asked for a child that we wanted and could not have: the true reason is in our log (R25). */
    private static void refuseChild(Turn turn, ChildAnswer answer, Notify notify, String reason) {
        List<Payload> payloads = new ArrayList<>(answer.prefix());
        payloads.add(NotifyPayload.of(notify));
        Requests.respond(turn, exchange(answer.prefix()), payloads);
        turn.emit(new Event.ChildFailed(answer.profile().name(), reason));
        answer.replaces().ifPresent(serial -> {
            Succession.forgetRival(turn);
            if (!(Pending.of(turn.session()) instanceof Pending.Rekeying(int own) && own == serial)) {
                Succession.tryAgain(turn, serial);
            }
        });
    }

    private static void liveness(Turn turn, long since, Result result) {
        if (turn.session().lastHeard() > since || !(turn.session().phase() instanceof Phase.Established)) {
            return;
        }
        long delay = turn.session().profile().map(profile -> profile.peer().liveness().delay().toMillis()).orElse(0L);
        if (result instanceof Result.UsageRead(var usage)) {
            long latest = usage.values().stream()
                    .mapToLong(Usage::lastUsedSecondsAgo)
                    .filter(seconds -> seconds >= 0)
                    .min()
                    .orElse(Long.MAX_VALUE);
            if (latest < delay / 1000) {
                turn.change(session -> session.heardAt(Math.max(since, turn.now() - latest * 1000)));
                return;
            }
        }
        turn.queue(new Task.Liveness());
    }

    private static boolean succeeded(Result result) {
        return result instanceof Result.Installed(Outcome.Applied _, _);
    }

    private static String reason(Result result) {
        return switch (result) {
            case Result.Failed(String reason) -> reason;
            case Result.Installed(Outcome.Refused(var _, String reason), _) -> reason;
            case Result.Installed _, Result.SpiAllocated _, Result.UsageRead _, Result.WaysFound _, Result.Leased _, Result.Released _,
                Result.ChainVerified _, Result.EapAnswered _, Result.Taken _, Result.Signed _ -> "an unexpected result";
        };
    }
}
