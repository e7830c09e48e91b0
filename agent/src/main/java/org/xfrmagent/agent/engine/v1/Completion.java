package org.xfrmagent.agent.engine.v1;

import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;

/** Goes on with an exchange when the job that it waited for is done. */
public final class Completion {
    private Completion() {}

    public static void completed(Turn turn, AwaitingV1 awaiting, Result result) {
        boolean up = turn.session().phase() instanceof PhaseV1.Up;
        switch (awaiting) {
            case AwaitingV1.SpiForOffer offer -> {
                if (up) {
                    spiForOffer(turn, offer, result);
                }
            }
            case AwaitingV1.SpiForAnswer(var quick) -> {
                if (!up) {
                    Ending.forget(turn, awaiting);
                } else if (result instanceof Result.SpiAllocated ours) {
                    QuickModeResponder.allocated(turn, quick, ours);
                } else {
                    QuickModeResponder.refuse(turn, quick, "no SPI: " + reason(result));
                }
            }
            case AwaitingV1.InstallOfOffer(int messageId, ChildSa child, boolean deleted) ->
                installOfOffer(turn, messageId, child.installed(result), up && !deleted, result);
            case AwaitingV1.InstallOfAnswer(var quick, ChildSa asked) -> {
                ChildSa child = asked.installed(result);
                if (!up) {
                    removeLate(turn, child, result);
                } else if (succeeded(result)) {
                    QuickModeResponder.answer(turn, quick, child);
                } else {
                    QuickModeResponder.refuse(turn, quick, "the data plane refused it: " + reason(result));
                }
            }
            case AwaitingV1.Lease lease -> ModeConfig.leased(turn, lease, result);
            case AwaitingV1.LeaseToTell() -> ModeConfig.leasedToTell(turn, result);
            case AwaitingV1.Taking(var addresses) -> ModeConfigClient.taken(turn, addresses, result);
            case AwaitingV1.Release() -> {}
            case AwaitingV1.Vetted() -> Vetting.completed(turn, result);
            case AwaitingV1.UserJudged(String user) -> JudgedUser.completed(turn, user, result);
            case AwaitingV1.UsageForLiveness(long since) -> {
                if (up) {
                    liveness(turn, since, result);
                }
            }
        }
    }

    private static void spiForOffer(Turn turn, AwaitingV1.SpiForOffer offer, Result result) {
        if (result instanceof Result.SpiAllocated ours) {
            QuickModeInitiator.prepared(turn, offer.wish(), offer.replaces(), ours);
        } else {
            turn.emit(new Event.ChildFailed(offer.wish().policy(), "the data plane gave no SPI: " + reason(result)));
            QuickModeInitiator.tryAgain(turn, offer.replaces());
        }
    }

    private static void installOfOffer(Turn turn, int messageId, ChildSa child, boolean wanted, Result result) {
        if (!wanted) {
            removeLate(turn, child, result);
            if (turn.session().phase() instanceof PhaseV1.Up up) {
                QuickMode.put(turn, up.without(messageId));
                turn.emit(new Event.ChildFailed(child.name(), "the peer deleted it at once"));
                QuickModeInitiator.tryAgain(turn, child.replaces());
            }
        } else if (succeeded(result)) {
            QuickModeInitiator.installed(turn, messageId, child);
        } else {
            QuickMode.put(turn, QuickMode.up(turn).without(messageId));
            turn.emit(new Event.ChildFailed(child.name(), "the data plane refused it: " + reason(result)));
            turn.queue(new Task.Disown(child.suite().protocol(), child.inbound().spi()));
            QuickModeInitiator.tryAgain(turn, child.replaces());
        }
    }

    /** The child is not wanted any more when it is installed. */
    private static void removeLate(Turn turn, ChildSa child, Result result) {
        if (succeeded(result)) {
            turn.start(new Job.Apply(Installation.remove(child)), new Awaiting.Change("removing " + child.name()));
        }
    }

    /** Packets from the peer are as good as an answer. */
    private static void liveness(Turn turn, long since, Result result) {
        if (turn.session().lastHeard() > since) {
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
        InformationalV1.probe(turn);
    }

    private static boolean succeeded(Result result) {
        return result instanceof Result.Installed(Outcome.Applied _, _);
    }

    static String reason(Result result) {
        return switch (result) {
            case Result.Failed(String reason) -> reason;
            case Result.Installed(Outcome.Refused(var _, String reason), _) -> reason;
            case Result.Installed _, Result.SpiAllocated _, Result.UsageRead _, Result.WaysFound _, Result.Leased _, Result.Released _,
                Result.ChainVerified _, Result.EapAnswered _, Result.Taken _, Result.Signed _ -> "an unexpected result";
        };
    }
}
