package org.xfrmagent.agent.engine;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.NumberMap;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;

/** The policies whose child a session has, or is on its way to. */
final class Progress {
    private Progress() {}

    static Set<String> policies(Session session) {
        Set<String> policies = new HashSet<>();
        if (session.outlasts()) {
            return policies;
        }
        switch (session.phase()) {
            case Phase.Initiating initiating -> wished(initiating.wishes(), policies);
            case Phase.Authenticating authenticating -> wished(authenticating.wishes(), policies);
            case PhaseEap.Answering eap -> wished(eap.wishes(), policies);
            case Phase.Established _ -> collect(session, policies);
            case PhaseV1.Up _ -> collect(session, policies);
            case PhaseV1 v1 -> wished(v1.wishes(), policies);
            case Phase.Idle _, Phase.HalfOpen _, PhaseEap.Asking _, Phase.Closing _, Phase.Closed _ -> {}
        }
        return policies;
    }

    /** Whether {@code policy} is one of {@link #policies}: the same answer, at once. */
    static boolean includes(Session session, String policy) {
        if (!isUp(session)) {
            return policies(session).contains(policy);
        }
        if (session.outlasts()) {
            return false;
        }
        Set<String> passing = new HashSet<>();
        underWay(session, passing);
        return passing.contains(policy)
                || session.children().named(policy).stream().anyMatch(child -> stays(session, child))
                || session.tasks().about(policy).stream().anyMatch(Task.CreateChild.class::isInstance)
                || session.delayed().about(policy).stream().anyMatch(Task.CreateChild.class::isInstance);
    }

    /** The policies for which a step may have changed the answer, and perhaps more; none if it may be all. */
    static Optional<Set<String>> touched(Session before, Session after) {
        if (!isUp(before) || !isUp(after)) {
            return Optional.empty();
        }
        Set<String> policies = new HashSet<>();
        NumberMap.Difference<ChildSa> children = after.children().since(before.children());
        children.gone().forEach(child -> policies.add(child.name()));
        children.come().forEach(child -> policies.add(child.name()));
        after.tasks().since(before.tasks()).forEach(task -> collect(task, policies));
        after.delayed().since(before.delayed()).forEach(task -> collect(task, policies));
        underWay(before, policies);
        underWay(after, policies);
        return Optional.of(policies);
    }

    private static boolean isUp(Session session) {
        return session.phase() instanceof Phase.Established || session.phase() instanceof PhaseV1.Up;
    }

    private static boolean stays(Session session, ChildSa child) {
        return child.state() != ChildSa.State.DELETING && session.isCurrent(child);
    }

    private static void wished(List<Wish> wishes, Set<String> policies) {
        wishes.forEach(wish -> policies.add(wish.policy()));
    }

    private static void collect(Session session, Set<String> policies) {
        session.children().stream().filter(child -> stays(session, child)).forEach(child -> policies.add(child.name()));
        session.tasks().forEach(task -> collect(task, policies));
        session.delayed().forEach(later -> collect(later.task(), policies));
        underWay(session, policies);
    }

    /** What is being asked for or installed: never much at once. */
    private static void underWay(Session session, Set<String> policies) {
        session.jobs().values().forEach(job -> collect(job, policies));
        session.phase().ikeSa().flatMap(sa -> sa.window().outstanding()).ifPresent(request -> {
            switch (request.exchange()) {
                case Exchange.CreateChild(var offer, _) -> policies.add(offer.profile().name());
                case Exchange.Authenticate(var offer) -> offer.ifPresent(child -> policies.add(child.profile().name()));
                case Exchange.Init _, Exchange.Converse _, Exchange.ShowKey _, Exchange.DeleteChildren _, Exchange.DeleteIke _, Exchange.Disown _, Exchange.Liveness _,
                        Exchange.RekeyIke _, Exchange.UpdateAddresses _, Exchange.ReturnRoutability _, Exchange.Announce _,
                        Exchange.Redirect _ -> {}
            }
        });
        if (session.phase() instanceof PhaseV1.Up up) {
            collect(up, policies);
        }
    }

    /** What quick mode is asking for. */
    private static void collect(PhaseV1.Up up, Set<String> policies) {
        up.quick().forEach(exchange -> {
            if (exchange instanceof Quick.Asked asked) {
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
            case Awaiting.ChainOfResponder claimed -> claimed.exchange().offer().ifPresent(child -> policies.add(child.profile().name()));
            case Awaiting.TokenSignature _, Awaiting.ChainOfInitiator _, Awaiting.EapOfInitiator _, Awaiting.EapOfOurs _, Awaiting.LeaseForInitiator _, Awaiting.HostAddresses _, Awaiting.HostAddressesMoved _,
                Awaiting.AddressesGone _, Awaiting.RemovalForAnswer _, Awaiting.Change _, Awaiting.Move _, Awaiting.UsageForLiveness _,
                Awaiting.UsageForLimits _, Awaiting.UsageForIdleness _, Awaiting.UsageForKeepalive _, Awaiting.Ways _, Awaiting.Relocation _ -> {}
        }
    }
}
