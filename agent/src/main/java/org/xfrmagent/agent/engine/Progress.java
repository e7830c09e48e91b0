package org.xfrmagent.agent.engine;

import java.util.HashSet;
import java.util.Set;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;

/** The policies whose child a session has, or is on its way to. */
final class Progress {
    private Progress() {}

    static Set<String> policies(Session session) {
        Set<String> policies = new HashSet<>();
        switch (session.phase()) {
            case Phase.Initiating initiating -> initiating.wishes().forEach(wish -> policies.add(wish.policy()));
            case Phase.Authenticating authenticating -> authenticating.wishes().forEach(wish -> policies.add(wish.policy()));
            case Phase.Established _ -> collect(session, policies);
            case PhaseV1.Up up -> {
                collect(session, policies);
                collect(up, policies);
            }
            case PhaseV1 v1 -> v1.wishes().forEach(wish -> policies.add(wish.policy()));
            case Phase.Idle _, Phase.HalfOpen _, Phase.Closing _, Phase.Closed _ -> {}
        }
        return policies;
    }

    private static void collect(Session session, Set<String> policies) {
        for (ChildSa child : session.children()) {
            if (child.state() != ChildSa.State.DELETING) {
                policies.add(child.name());
            }
        }
        session.tasks().forEach(task -> collect(task, policies));
        session.delayed().forEach(later -> collect(later.task(), policies));
        session.jobs().values().forEach(job -> collect(job, policies));
        session.phase().ikeSa().flatMap(sa -> sa.window().outstanding()).ifPresent(request -> {
            switch (request.exchange()) {
                case Exchange.CreateChild(var offer, _) -> policies.add(offer.profile().name());
                case Exchange.Authenticate(var offer) -> offer.ifPresent(child -> policies.add(child.profile().name()));
                case Exchange.Init _, Exchange.DeleteChildren _, Exchange.DeleteIke _, Exchange.Disown _, Exchange.Liveness _,
                        Exchange.RekeyIke _, Exchange.UpdateAddresses _, Exchange.ReturnRoutability _, Exchange.Announce _ -> {}
            }
        });
    }

    /** What quick mode is asking for. */
    private static void collect(PhaseV1.Up up, Set<String> policies) {
        up.quick().forEach(exchange -> {
            if (exchange instanceof PhaseV1.Quick.Asked asked) {
                policies.add(asked.offer().profile().name());
            }
        });
    }

    private static void collect(Task task, Set<String> policies) {
        if (task instanceof Task.CreateChild(Wish wish)) {
            policies.add(wish.policy());
        }
    }

    private static void collect(Awaiting job, Set<String> policies) {
        switch (job) {
            case Awaiting.SpiForOffer(Wish wish, boolean _, var _) -> policies.add(wish.policy());
            case Awaiting.SpiForAnswer(var answer) -> policies.add(answer.profile().name());
            case Awaiting.InstallOfOffer(var child, var _) -> policies.add(child.name());
            case Awaiting.InstallOfAnswer(var _, var child, var _) -> policies.add(child.name());
            case AwaitingV1 v1 -> policies.add(v1.policy());
            case Awaiting.RemovalForAnswer _, Awaiting.Change _, Awaiting.Move _, Awaiting.UsageForLiveness _,
                Awaiting.UsageForLimits _, Awaiting.UsageForKeepalive _, Awaiting.Ways _, Awaiting.Relocation _ -> {}
        }
    }
}
