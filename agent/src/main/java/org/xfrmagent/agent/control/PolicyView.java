package org.xfrmagent.agent.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.control.Troubles.Trouble;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Start;

/** The SPD as vici's {@code list-policy} shows it, and, with more to say, as our own {@code agent-policy}. */
final class PolicyView {
    /** Where charon shows the name of the connection that a pass or drop policy belongs to; ours belong to none. */
    private static final String NO_PEER = "spd";

    private PolicyView() {}

    /** {@code <ike>/<child>{child ike mode local-ts[] remote-ts[]}} */
    static ViciMessage of(Policy policy) {
        String peer = policy.action() instanceof Action.Protect protect ? protect.peer() : NO_PEER;
        return ViciMessage.of(out -> out.section(peer + "/" + policy.name(), entry -> {
            entry.put("child", policy.name()).put("ike", peer).put("mode", mode(policy.action()));
            selectors(entry, policy);
        }));
    }

    static String mode(Action action) {
        return switch (action) {
            case Action.Protect protect -> protect.mode().name();
            case Action.Bypass() -> "PASS";
            case Action.Discard() -> "DROP";
        };
    }

    private static void selectors(ViciMessage.Builder out, Policy policy) {
        out.list("local-ts", ConnView.texts(policy.match().local())).list("remote-ts", ConnView.texts(policy.match().remote()));
    }

    /** How a policy's traffic fares now. */
    enum State {
        IN_FORCE("in force"),
        UP("up"),
        CONNECTING("connecting"),
        DOWN("down"),
        WAITS_FOR_TRAFFIC("waits for traffic"),
        WAITS_FOR_PEER("waits for the peer");

        private final String words;

        State(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /**
     * {@code <policy>{action [peer protocol mode start] state [reason since] children[] local-ts[] remote-ts[]}}: everything about a
     * policy, up or not. {@code children} are the serials of those installed; {@code since} is ISO 8601, when the reason arose.
     */
    static ViciMessage status(Policy policy, List<SessionView> sessions, Troubles troubles) {
        return ViciMessage.of(out -> out.section(policy.name(), entry -> {
            switch (policy.action()) {
                case Action.Bypass() -> entry.put("action", "bypass").put("state", State.IN_FORCE.words());
                case Action.Discard() -> entry.put("action", "discard").put("state", State.IN_FORCE.words());
                case Action.Protect protect -> {
                    State state = state(policy, protect, sessions);
                    entry.put("action", "protect").put("peer", protect.peer()).put("protocol", protect.protocol().name());
                    entry.put("mode", protect.mode().word()).put("start", protect.start().word()).put("state", state.words());
                    if (state != State.UP) {
                        Optional<Trouble> trouble = troubles.of(policy.name(), protect.peer());
                        entry.put("reason", trouble.map(Trouble::reason)).put("since", trouble.map(Trouble::at).map(Instant::toString));
                    }
                    entry.list("children", sessions.stream().flatMap(view -> children(view.session(), policy).stream())
                            .map(child -> Integer.toString(child.serial())).toList());
                }
            }
            selectors(entry, policy);
        }));
    }

    private static State state(Policy policy, Action.Protect protect, List<SessionView> sessions) {
        List<Session> withPeer = sessions.stream().map(SessionView::session)
                .filter(session -> session.peerName().equals(protect.peer()))
                .toList();
        if (withPeer.stream().anyMatch(session -> !children(session, policy).isEmpty())) {
            return State.UP;
        }
        if (withPeer.stream().anyMatch(PolicyView::isConnecting)) {
            return State.CONNECTING;
        }
        return switch (protect.start()) {
            case AT_START -> State.DOWN;
            case ON_TRAFFIC -> State.WAITS_FOR_TRAFFIC;
            case BY_PEER -> State.WAITS_FOR_PEER;
        };
    }

    private static boolean isConnecting(Session session) {
        return switch (session.phase()) {
            case Phase.Initiating _, Phase.HalfOpen _, Phase.Authenticating _ -> true;
            case PhaseV1 phase -> !(phase instanceof PhaseV1.Up);
            case Phase.Idle _, Phase.Established _, Phase.Closing _, Phase.Closed _ -> false;
        };
    }

    private static List<ChildSa> children(Session session, Policy policy) {
        return session.children().stream()
                .filter(child -> child.name().equals(policy.name()) && child.state() != ChildSa.State.DELETING)
                .toList();
    }

    /** Whether the policy holds its traffic until an SA is up: what charon calls a trap. */
    static boolean isTrap(Policy policy) {
        return policy.action() instanceof Action.Protect protect && protect.start() != Start.BY_PEER;
    }
}
