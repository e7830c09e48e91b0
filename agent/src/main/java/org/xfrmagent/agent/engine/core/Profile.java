package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.policies.model.Peer;

/** A configured peer with the policies it protects, in the order of the SPD. */
public record Profile(Peer peer, List<ChildProfile> children) {
    public Profile {
        children = List.copyOf(children);
    }

    public String name() {
        return peer.name();
    }

    public Optional<ChildProfile> child(String policy) {
        return children.stream().filter(child -> child.name().equals(policy)).findFirst();
    }
}
