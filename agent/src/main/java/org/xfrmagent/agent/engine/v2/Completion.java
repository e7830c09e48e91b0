package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;

/** Goes on with an exchange when the job that it waited for is done. */
public final class Completion {
    private Completion() {}

    public static void completed(Turn turn, Awaiting awaiting, Result result) {
        boolean closed = turn.session().isClosed();
        switch (awaiting) {
            case Awaiting.SpiForOffer offer -> {
                if (!closed) {
                    spiForOffer(turn, offer, result);
                }
            }
            case Awaiting.SpiForAnswer(var answer) -> {
                if (closed) {
                    answer.sharedSecret().ifPresent(turn::wipe);
                } else if (result instanceof Result.SpiAllocated(int spi, int serial)) {
                    Children.allocated(turn, answer, spi, serial);
                } else {
                    answer.sharedSecret().ifPresent(turn::wipe);
                    refuseChild(turn, answer.prefix(), answer.profile().name(), "no SPI: " + reason(result));
                }
            }
            case Awaiting.InstallOfOffer(var child, var replaces) -> installOfOffer(turn, child, replaces, result);
            case Awaiting.InstallOfAnswer(var answer, var child, var payloads) ->
                installOfAnswer(turn, answer.prefix(), child, payloads, answer.replaces(), result);
            case Awaiting.Removal(String what) -> {
                if (!succeeded(result)) {
                    turn.emit(new Event.Remark("removing " + what + " from the data plane failed: " + reason(result)));
                }
            }
            case Awaiting.Move(String what) -> {
                if (!succeeded(result)) {
                    turn.emit(new Event.Remark("the policies of " + what + " stay at their old place: " + reason(result)));
                }
            }
            case Awaiting.UsageForLiveness(long since) -> {
                if (!closed) {
                    liveness(turn, since, result);
                }
            }
        }
    }

    private static void spiForOffer(Turn turn, Awaiting.SpiForOffer offer, Result result) {
        if (result instanceof Result.SpiAllocated(int spi, int serial)) {
            if (offer.inAuth()) {
                IkeAuth.send(turn, offer.wish(), spi, serial);
            } else {
                CreateChild.send(turn, offer.wish(), offer.replaces(), spi, serial, java.util.Optional.empty());
            }
        } else if (offer.inAuth()) {
            Ending.failed(turn, "the data plane gave no SPI: " + reason(result));
        } else {
            turn.emit(new Event.ChildFailed(offer.wish().policy(), "the data plane gave no SPI: " + reason(result)));
        }
    }

    private static void installOfOffer(Turn turn, ChildSa child, OptionalInt replaces, Result result) {
        if (turn.session().isClosed()) {
            removeLate(turn, child, result);
        } else if (succeeded(result)) {
            up(turn, child, replaces);
            // We asked for the successor, so we delete what it replaces (RFC 7296, section 2.8).
            replaces.ifPresent(serial -> turn.queue(new Task.DeleteChild(serial, "replaced by a fresh one")));
        } else {
            turn.emit(new Event.ChildFailed(child.name(), "the data plane refused it: " + reason(result)));
            turn.queue(new Task.Disown(child.suite().protocol(), child.inbound().spi()));
        }
    }

    private static void installOfAnswer(
            Turn turn, List<Payload> prefix, ChildSa child, List<Payload> payloads, OptionalInt replaces, Result result) {
        if (turn.session().isClosed()) {
            removeLate(turn, child, result);
        } else if (succeeded(result)) {
            up(turn, child, replaces);
            replaces.ifPresent(serial -> CreateChild.setState(turn, serial, ChildSa.State.REKEYED));
            Requests.respond(turn, exchange(prefix), payloads);
        } else {
            refuseChild(turn, prefix, child.name(), "the data plane refused it: " + reason(result));
        }
    }

    /** Only IKE_AUTH has payloads before the child's. */
    private static ExchangeType exchange(List<Payload> prefix) {
        return prefix.isEmpty() ? ExchangeType.CREATE_CHILD_SA : ExchangeType.IKE_AUTH;
    }

    private static void up(Turn turn, ChildSa child, OptionalInt replaces) {
        turn.change(session -> {
            List<ChildSa> children = new ArrayList<>(session.children());
            children.add(child);
            return session.withChildren(children);
        });
        if (replaces.isPresent() && turn.session().child(replaces.getAsInt()).isPresent()) {
            turn.emit(new Event.ChildRekeyed(turn.session().child(replaces.getAsInt()).orElseThrow(), child));
        } else {
            turn.emit(new Event.ChildUp(child));
        }
        // The policies may have changed while it was negotiated.
        Reconfiguring.child(turn, child);
    }

    /** The session ended while the child was being installed. */
    private static void removeLate(Turn turn, ChildSa child, Result result) {
        if (succeeded(result)) {
            turn.start(new Job.Apply(Installation.remove(child)), new Awaiting.Removal(child.name()));
        }
    }

    /** The peer asked for a child that we wanted and could not have: NO_PROPOSAL_CHOSEN, and the true reason in our log (R25). */
    private static void refuseChild(Turn turn, List<Payload> prefix, String policy, String reason) {
        List<Payload> answer = new ArrayList<>(prefix);
        answer.add(NotifyPayload.of(Notify.NO_PROPOSAL_CHOSEN));
        Requests.respond(turn, exchange(prefix), answer);
        turn.emit(new Event.ChildFailed(policy, reason));
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
        return result instanceof Result.Installed(Outcome.Applied _);
    }

    private static String reason(Result result) {
        return switch (result) {
            case Result.Failed(String reason) -> reason;
            case Result.Installed(Outcome.Refused(var _, String reason)) -> reason;
            case Result.Installed _, Result.SpiAllocated _, Result.UsageRead _ -> "an unexpected result";
        };
    }
}
