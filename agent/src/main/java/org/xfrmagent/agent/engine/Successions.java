package org.xfrmagent.agent.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Defaults;

/**
 * IKE SAs that are made from scratch to follow others (RFC 7296, section 2.8.3), as long as both are there. The old one goes when the
 * new one has whatever became of the children: one that the peer refuses now is not kept alive by an authentication that is over.
 */
final class Successions {
    private final Map<Long, Long> oldByFresh = new HashMap<>();

    void begin(long fresh, long old) {
        oldByFresh.put(fresh, old);
    }

    boolean isSucceeded(long old) {
        return oldByFresh.containsValue(old);
    }

    /** The session that {@code fresh} follows. */
    Optional<Long> old(long fresh) {
        return Optional.ofNullable(oldByFresh.get(fresh));
    }

    void end(long fresh) {
        oldByFresh.remove(fresh);
    }

    /** One of the two is gone. */
    void forget(long session) {
        oldByFresh.entrySet().removeIf(pair -> pair.getKey() == session || pair.getValue() == session);
    }

    /** Where the peer is now, on the ports of a first message. */
    static Path path(Session old, Profile profile, Settings.Ports ports) {
        int configured = profile.peer().remote().port();
        int remote = configured == Defaults.PORT ? ports.ike() : configured;
        boolean marked = remote == ports.natTraversal() || profile.peer().local().port() == ports.natTraversal();
        return marked ? old.path().withPorts(ports.natTraversal(), ports.natTraversal()) : old.path().withPorts(ports.ike(), remote);
    }

    /** Whether every policy that {@code old} has children of is served by {@code fresh}, or cannot be now. */
    static boolean complete(Session old, Session fresh) {
        return fresh.phase() instanceof Phase.Established
                // They are made in their order: the last tells soonest that it is too early.
                && old.children().reversed().stream()
                        .map(ChildSa::name)
                        .allMatch(policy -> !fresh.children().named(policy).isEmpty() || !Progress.includes(fresh, policy));
    }

    /** A session whose child of a policy sends from now on: another's is gone, for which it waited. */
    record Freed(Session session, String policy) {}

    /** Those that a step from {@code before} to {@code next} has freed, among all sessions with the peer. */
    static List<Freed> freed(Session before, Session next, Supplier<List<Session>> ofPeer) {
        if (before.children().size() <= next.children().size()) {
            return List.of();
        }
        return next.children().since(before.children()).gone().stream()
                .map(ChildSa::name)
                .distinct()
                .filter(policy -> next.children().named(policy).isEmpty())
                .flatMap(policy -> ofPeer.get().stream()
                        .filter(other -> other.id() != next.id() && !other.children().named(policy).stream().allMatch(ChildSa::sends))
                        .map(other -> new Freed(other, policy)))
                .toList();
    }
}
