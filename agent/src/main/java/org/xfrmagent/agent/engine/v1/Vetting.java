package org.xfrmagent.agent.engine.v1;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.PhaseV1.Vetting.Closing;
import org.xfrmagent.agent.engine.core.PhaseV1.Vetting.Early;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.ProtocolId;

/**
 * The end of phase 1. Where the peer has signed, it comes when its certificate is found to be its own, which others may have to be asked
 * about; meanwhile nothing counts, and what the peer says again is not heard.
 */
final class Vetting {
    /** Messages that may wait: the peer, which is through with phase 1, asks for a user and a child, and says that it began anew. */
    private static final int EARLY = 4;

    private Vetting() {}

    /** @param certificates to be vetted; empty if what the peer has shown is enough */
    static void begin(Turn turn, PhaseV1.Vetting phase, Optional<List<Bytes>> certificates) {
        if (certificates.isEmpty()) {
            settle(turn, phase);
            return;
        }
        turn.enter(phase, "the signature of " + phase.remote() + " is right, looking at its certificate");
        turn.start(
                new Job.VerifyChain(turn.session().settings().credentials(), phase.profile().peer(), phase.remote(), certificates.get()),
                new AwaitingV1.Vetted());
    }

    /** Keeps a message of phase 2 for later, as far as there is room: it may be anybody's. */
    static void early(Turn turn, PhaseV1.Vetting phase, Path path, Bytes datagram) {
        if (phase.early().size() < EARLY) {
            turn.change(session -> session.withPhase(phase.with(new Early(path, datagram))));
        }
    }

    static void completed(Turn turn, Result result) {
        if (!(turn.session().phase() instanceof PhaseV1.Vetting phase)) {
            return;
        }
        if (!(result instanceof Result.ChainVerified)) {
            refuse(turn, phase, Completion.reason(result));
            return;
        }
        settle(turn, phase);
        for (Early early : phase.early()) {
            if (turn.session().phase() instanceof PhaseV1 next) {
                Receiving.datagram(turn, next, new Input.Datagram(early.path(), early.datagram()));
            }
        }
    }

    private static void settle(Turn turn, PhaseV1.Vetting phase) {
        boolean initiator = phase.sa().initiator();
        if (!initiator) {
            turn.change(session -> session.withProfile(phase.profile()));
        }
        Optional<Answer> last = phase.closing().map(Closing::answer);
        last.ifPresent(answer -> Fragments.send(turn, answer.reply()));
        IsakmpSa sa = phase.closing().map(closing -> phase.sa().withLastBlock(closing.lastBlock())).orElse(phase.sa());
        Phase1.done(turn, sa, phase.local(), phase.remote(), last, phase.initialContact());
        phase.wishes().forEach(wish -> turn.queue(new Task.CreateChild(wish)));
        boolean asksNothing = phase.wishes().isEmpty() && sa.deadPeerDetection() && turn.session().phase() instanceof PhaseV1.Up;
        if (initiator && last.isPresent() && asksNothing) {
            // Only an answer shows that our last message came.
            InformationalV1.probe(turn);
        }
    }

    /** R10: whoever waits for a message of ours is told why none comes, and whoever does not, that there is nothing. */
    private static void refuse(Turn turn, PhaseV1.Vetting phase, String reason) {
        QuickMode.put(turn, Phase1.fresh(turn, phase.sa(), phase.local(), phase.remote(), Optional.empty()));
        if (phase.closing().isPresent()) {
            InformationalV1.notify(turn, ProtocolId.ISAKMP, phase.sa().cookies(), NotifyType.AUTHENTICATION_FAILED);
        } else {
            InformationalV1.deleteIsakmp(turn);
        }
        turn.emit(new Event.Refused(NotifyType.AUTHENTICATION_FAILED.name(), "the certificate of " + phase.remote() + ": " + reason));
        Ending.failed(turn, "the peer says it is " + phase.remote() + ", and its certificate does not show that: " + reason);
    }
}
