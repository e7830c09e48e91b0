package org.xfrmagent.agent.control;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.xfrmagent.agent.daemon.AgentEvent;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Profile;

/** Why each configured tunnel was last down: the reason outlives the session that told it. Holds one reason per configured name. */
final class Troubles {
    private final Map<String, Trouble> policies = new ConcurrentHashMap<>();
    private final Map<String, Trouble> peers = new ConcurrentHashMap<>();

    /** {@code reason} is a sentence. */
    record Trouble(Instant at, String reason) {}

    void note(AgentEvent happened) {
        Optional<String> peer = happened.session().profile().map(Profile::name);
        switch (happened.event()) {
            case Event.ChildUp(ChildSa child) -> policies.remove(child.name());
            case Event.ChildFailed(String policy, String reason) -> policies.put(policy, new Trouble(happened.at(), reason));
            case Event.ChildDown(ChildSa child, String reason, _) -> policies.put(child.name(), new Trouble(happened.at(), reason));
            case Event.IkeUp _ -> peer.ifPresent(peers::remove);
            case Event.IkeFailed(String reason, _, _) -> peer.ifPresent(name -> peers.put(name, new Trouble(happened.at(), reason)));
            case Event.IkeDown(String reason, _, _) -> peer.ifPresent(name -> peers.put(name, new Trouble(happened.at(), reason)));
            case Event.Entered _, Event.IkeRekeyed _, Event.ChildRekeyed _, Event.Dropped _, Event.Refused _, Event.Retransmitted _,
                    Event.ReauthenticationDue _, Event.Redirected _, Event.Moved _, Event.Remark _, Event.PasswordShown _, Event.ChildIdle _ -> {}
        }
    }

    /** The latest reason, of the policy itself or of its peer. */
    Optional<Trouble> of(String policy, String peer) {
        return Stream.of(Optional.ofNullable(policies.get(policy)), Optional.ofNullable(peers.get(peer)))
                .flatMap(Optional::stream)
                .max((one, other) -> one.at().compareTo(other.at()));
    }
}
