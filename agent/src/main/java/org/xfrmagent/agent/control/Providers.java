package org.xfrmagent.agent.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;

/** Which sessions have which policies' children, gathered once for a whole listing: its cost is that of its length. */
final class Providers {
    /** A child that carries its policy's traffic. */
    record Child(String peer, int serial) {}

    private final Map<String, List<Child>> byPolicy = new HashMap<>();
    private final Set<String> connecting = new HashSet<>();

    static Providers of(List<SessionView> sessions) {
        Providers providers = new Providers();
        sessions.forEach(view -> providers.add(view.session()));
        return providers;
    }

    private void add(Session session) {
        for (ChildSa child : session.children()) {
            if (child.state() != ChildSa.State.DELETING) {
                byPolicy.computeIfAbsent(child.name(), _ -> new ArrayList<>()).add(new Child(session.peerName(), child.serial()));
            }
        }
        switch (session.phase()) {
            case Phase.Initiating _, Phase.HalfOpen _, Phase.Authenticating _, PhaseEap _ -> connecting.add(session.peerName());
            case PhaseV1 phase -> {
                if (!(phase instanceof PhaseV1.Up)) {
                    connecting.add(session.peerName());
                }
            }
            case Phase.Idle _, Phase.Established _, Phase.Closing _, Phase.Closed _ -> {}
        }
    }

    List<Child> of(String policy) {
        return byPolicy.getOrDefault(policy, List.of());
    }

    boolean isConnecting(String peer) {
        return connecting.contains(peer);
    }
}
