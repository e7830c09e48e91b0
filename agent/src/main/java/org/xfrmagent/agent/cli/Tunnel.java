package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.control.ViciClient;
import org.xfrmagent.agent.control.ViciMessage;
import org.xfrmagent.policies.algorithm.NearestWord;

/** What the NAME of {@code up} and {@code down} means to the agent. */
sealed interface Tunnel {
    /** A protect policy. */
    record OfPolicy(String policy, String peer) implements Tunnel {}

    /** A peer with its protect policies, in the order of the SPD. */
    record OfPeer(String peer, List<String> policies) implements Tunnel {
        public OfPeer {
            policies = List.copyOf(policies);
        }
    }

    /**
     * Asks the agent what has that name, a policy before a peer.
     *
     * @param peerOnly whether only a peer is meant
     * @throws CommandFailed when nothing has that name, or nothing that could be up or down
     */
    static Tunnel named(String name, boolean peerOnly, ViciClient client) throws IOException {
        List<String> known = new ArrayList<>();
        List<String> ofPeer = new ArrayList<>();
        for (ViciMessage listed : client.list("agent-policies", ViciMessage.EMPTY, "agent-policy")) {
            for (ViciMessage.Section policy : listed.sections()) {
                String action = policy.content().text("action").orElse("");
                String peer = policy.content().text("peer").orElse("");
                if (policy.name().equals(name) && !peerOnly) {
                    if (peer.isEmpty()) {
                        throw new CommandFailed("policy '" + name + "' is a " + action + ": it has no tunnel that could be up or down");
                    }
                    return new OfPolicy(name, peer);
                }
                if (peer.equals(name)) {
                    ofPeer.add(policy.name());
                }
                if (!peer.isEmpty() && !peerOnly) {
                    known.add(policy.name());
                }
            }
        }
        List<String> peers = client.ask("agent-peers").texts("peers");
        if (peers.contains(name)) {
            return new OfPeer(name, ofPeer);
        }
        known.addAll(peers);
        throw new CommandFailed("the agent has no " + (peerOnly ? "peer" : "policy or peer") + " '" + name + "'" + NearestWord.hint(name, known));
    }
}
