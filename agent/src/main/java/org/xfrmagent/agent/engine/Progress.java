package org.xfrmagent.agent.engine;

import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;

/** Whether an established session has a policy's child, or is on its way to one. */
final class Progress {
    private Progress() {}

    static boolean of(Session session, String policy) {
        return session.children().stream().anyMatch(child -> child.name().equals(policy) && child.state() != ChildSa.State.DELETING)
                || session.tasks().stream().anyMatch(task -> task instanceof Task.CreateChild(Wish wish) && wish.policy().equals(policy))
                || session.delayed().stream().anyMatch(later -> later.task() instanceof Task.CreateChild(Wish wish) && wish.policy().equals(policy))
                || session.jobs().values().stream().anyMatch(job -> concerns(job, policy))
                || session.phase() instanceof PhaseV1.Up up && of(up, policy)
                || session.phase().ikeSa().flatMap(sa -> sa.window().outstanding()).filter(request -> switch (request.exchange()) {
                    case Exchange.CreateChild(var offer, _) -> offer.profile().name().equals(policy);
                    case Exchange.Authenticate(var offer) -> offer.filter(child -> child.profile().name().equals(policy)).isPresent();
                    case Exchange.Init _, Exchange.DeleteChildren _, Exchange.DeleteIke _, Exchange.Disown _,
                        Exchange.Liveness _, Exchange.RekeyIke _ -> false;
                }).isPresent();
    }

    /** The same of IKEv1. */
    private static boolean of(PhaseV1.Up up, String policy) {
        return up.quick().stream().anyMatch(exchange -> exchange instanceof PhaseV1.Quick.Asked asked
                && asked.offer().profile().name().equals(policy));
    }

    private static boolean concerns(Awaiting job, String policy) {
        return switch (job) {
            case Awaiting.SpiForOffer(Wish wish, boolean _, var _) -> wish.policy().equals(policy);
            case Awaiting.SpiForAnswer(var answer) -> answer.profile().name().equals(policy);
            case Awaiting.InstallOfOffer(var child, var _) -> child.name().equals(policy);
            case Awaiting.InstallOfAnswer(var _, var child, var _) -> child.name().equals(policy);
            case AwaitingV1 v1 -> v1.policy().equals(policy);
            case Awaiting.RemovalForAnswer _, Awaiting.Change _, Awaiting.Move _, Awaiting.UsageForLiveness _ -> false;
        };
    }
}
