package org.xfrmagent.agent.control;

import java.net.InetAddress;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.control.Troubles.Trouble;
import org.xfrmagent.agent.daemon.Ends;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.SecurityLabel;
import org.xfrmagent.policies.model.Selectors;

/** The SPD as vici's {@code list-policy} shows it, and, with more to say, as our own {@code agent-policy}. */
final class PolicyView {
    private PolicyView() {}

    /** {@code <ike>/<child>{child ike mode [label] local-ts[] remote-ts[]}} */
    static ViciMessage of(Policy policy, Optional<Ends> ends, Wording wording) {
        String connection = connection(policy, wording);
        String child = wording.child(policy.name());
        return ViciMessage.of(out -> out.section(connection + "/" + child, entry -> {
            entry.put("child", child).put("ike", connection).put("mode", mode(policy.action())).put("label", label(policy));
            entry.list("local-ts", selectors(policy.match().local(), ends.map(Ends::local), wording));
            entry.list("remote-ts", selectors(policy.match().remote(), ends.map(Ends::remote), wording));
        }));
    }

    /** What traffic is held for now: an address of IKE's is that address, once it is known. */
    private static List<String> selectors(Selectors end, Optional<InetAddress> address, Wording wording) {
        return address.filter(each -> !each.isAnyLocalAddress()).map(each -> wording.selectors(end.at(each))).orElseGet(() -> wording.selectors(end));
    }

    /** The peer's name, or that of the connection that a bypass or discard was loaded with. */
    static String connection(Policy policy, Wording wording) {
        return policy.action() instanceof Action.Protect protect ? protect.peer() : wording.connection(policy.name());
    }

    /** In hexadecimal digits, as the octets are that go over the wire: swanctl makes text of them. */
    static Optional<String> label(Policy policy) {
        return policy.match().label().map(SecurityLabel::octets).map(HexFormat.of()::formatHex);
    }

    static String mode(Action action) {
        return switch (action) {
            case Action.Protect protect -> protect.mode().name();
            case Action.Bypass() -> "PASS";
            case Action.Discard() -> "DROP";
        };
    }

    /** How a policy's traffic fares now. */
    enum State {
        IN_FORCE("in force"),
        UP("up"),
        CONNECTING("connecting"),
        DOWN("down"),
        WAITS_FOR_TRAFFIC("waits for traffic"),
        WAITS_FOR_PEER("waits for the peer"),
        STANDS_BY("stands by");

        private final String words;

        State(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /**
     * {@code <policy>{action [peer protocol mode start] [device] state [reason since] children[] [label] local-ts[] remote-ts[]}}: everything about a
     * policy, up or not. {@code children} are the serials of those installed; {@code since} is ISO 8601, when the reason arose.
     *
     * @param absent the network interfaces that policies name and that are not there
     */
    static ViciMessage status(Policy policy, Providers providers, Troubles troubles, Set<String> absent) {
        return ViciMessage.of(out -> out.section(policy.name(), entry -> {
            switch (policy.action()) {
                case Action.Bypass() -> put(entry.put("action", "bypass"), policy, State.IN_FORCE, absent);
                case Action.Discard() -> put(entry.put("action", "discard"), policy, State.IN_FORCE, absent);
                case Action.Protect protect -> {
                    entry.put("action", "protect").put("peer", protect.peer()).put("protocol", protect.protocol().name());
                    entry.put("mode", protect.mode().word()).put("start", protect.start().word());
                    State state = put(entry, policy, state(policy, protect, providers), absent);
                    if (state != State.UP && state != State.STANDS_BY) {
                        Optional<Trouble> trouble = troubles.of(policy.name(), protect.peer());
                        entry.put("reason", trouble.map(Trouble::reason)).put("since", trouble.map(Trouble::at).map(Instant::toString));
                    }
                    entry.list("children", providers.of(policy.name()).stream()
                            .map(child -> Integer.toString(child.serial())).toList());
                }
            }
            entry.put("label", label(policy));
            entry.list("local-ts", Wording.OURS.selectors(policy.match().local())).list("remote-ts", Wording.OURS.selectors(policy.match().remote()));
        }));
    }

    /** The state that it really has: {@code state}, or another because its network interface is not there. */
    private static State put(ViciMessage.Builder entry, Policy policy, State state, Set<String> absent) {
        Optional<String> missing = policy.match().device().filter(absent::contains);
        State real = missing.isPresent() ? State.STANDS_BY : state;
        entry.put("device", policy.match().device()).put("state", real.words());
        entry.put("reason", missing.map(name -> "there is no network interface " + name));
        return real;
    }

    private static State state(Policy policy, Action.Protect protect, Providers providers) {
        if (providers.of(policy.name()).stream().anyMatch(child -> child.peer().equals(protect.peer()))) {
            return State.UP;
        }
        if (providers.isConnecting(protect.peer())) {
            return State.CONNECTING;
        }
        return switch (protect.start()) {
            case AT_START -> State.DOWN;
            case ON_TRAFFIC -> State.WAITS_FOR_TRAFFIC;
            case BY_PEER -> State.WAITS_FOR_PEER;
        };
    }
}
