package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Idleness;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.policies.model.Start;

/**
 * What a live session does about policies that changed under it. A child whose policy protects the same traffic in the same way
 * stays as it is, without a packet lost; any other ends, and is negotiated anew if its policy is still there. Of a connection that was
 * loaded, those that the connection did not begin by itself stay even so, as they were agreed, until they end.
 */
public final class Reconfiguring {
    private Reconfiguring() {}

    /** Goes over to {@code settings}; the session's peer is in them, reached as before. */
    public static void apply(Turn turn, Settings settings) {
        Session before = turn.session();
        turn.change(session -> session.withSettings(
                settings, session.profile().map(profile -> settings.profile(profile.name()).orElse(profile))));
        if (turn.session().phase() instanceof Phase.HalfOpen(var sa, var transcript, List<Profile> candidates, long deadline)) {
            List<Profile> left = candidates.stream()
                    .flatMap(candidate -> settings.profile(candidate.name()).filter(candidate::isReachedAs).stream())
                    .toList();
            if (left.isEmpty()) {
                Ending.abandoned(turn, "the peer is no longer in the policies");
                return;
            }
            turn.change(session -> session.withPhase(new Phase.HalfOpen(sa, transcript, left, deadline)));
        }
        turn.session().children().forEach(child -> child(turn, child, stays(before, child)));
    }

    /** Whether something of the session stays although its peer is gone, or is reached otherwise in the settings to come. */
    public static boolean isOutlasted(Session session) {
        return session.phase().isUp() && session.profile().filter(Profile::isLoaded).isPresent()
                && (session.children().isEmpty() || session.children().stream().anyMatch(child -> stays(session, child)));
    }

    /**
     * Whether a child stays as it was agreed, until it ends, although its policy goes or changes. Who loads connections knows it so of
     * charon: all SAs of a child end that has a {@code start_action} of start, and no others.
     *
     * @param before with the settings that the change is from
     */
    private static boolean stays(Session before, ChildSa child) {
        return child.state() != ChildSa.State.DELETING
                && before.profile().filter(Profile::isLoaded).isPresent()
                && before.settings().profile(before.peerName()).flatMap(profile -> profile.child(child.name()))
                        .filter(policy -> policy.protect().start() == Start.AT_START).isEmpty();
    }

    /** The peer is gone, or reached otherwise: the session keeps what it has agreed, but for those children that do not stay. */
    public static void outlast(Turn turn, Settings settings) {
        Session before = turn.session();
        turn.change(session -> session.withSettings(settings, session.profile()));
        before.children().stream().filter(child -> !stays(before, child)).forEach(child ->
                turn.queue(new Task.DeleteChild(child.serial(), "the policy is no longer there")));
    }

    /** Brings a child that was negotiated meanwhile in line with the policies as they are now. */
    static void child(Turn turn, ChildSa child) {
        child(turn, child, turn.session().profile().filter(Profile::isLoaded).isPresent() && child.profile().protect().start() != Start.AT_START);
    }

    private static void child(Turn turn, ChildSa child, boolean stays) {
        if (turn.session().profile().isEmpty() || child.state() == ChildSa.State.DELETING) {
            return;
        }
        Optional<ChildProfile> now = turn.session().profile().get().child(child.name());
        if (now.filter(policy -> policy.protectsAs(child.profile())).isEmpty() && stays) {
            return;
        }
        if (now.isEmpty()) {
            turn.queue(new Task.DeleteChild(child.serial(), "the policy is no longer there"));
        } else if (!now.get().protectsAs(child.profile())) {
            turn.queue(new Task.DeleteChild(child.serial(), "the policy changed"));
            // Its traffic is held by the policy itself until the new one is up.
            if (now.get().protect().start() != Start.BY_PEER || turn.session().initiator()) {
                turn.queue(new Task.CreateChild(new Wish(child.name(), Optional.empty())));
            }
        } else if (!now.get().equals(child.profile())) {
            move(turn, child, now.get());
        }
    }

    private static void move(Turn turn, ChildSa child, ChildProfile now) {
        List<PolicySpec> policies = child.policies().stream()
                .map(policy -> policy.withPriority(now.priority() - 1))
                .toList();
        List<Operation> operations = Installation.move(child.policies(), policies);
        turn.change(session -> session.withChild(child.serial(), other -> other.withProfile(now, policies)));
        if (now.protect().lifetimes().idleSeconds() != child.profile().protect().lifetimes().idleSeconds()) {
            turn.session().child(child.serial()).ifPresent(changed -> Idleness.watch(turn, changed));
        }
        if (!operations.isEmpty()) {
            turn.start(new Job.Apply(operations), new Awaiting.Move(child.name()));
        }
    }
}
