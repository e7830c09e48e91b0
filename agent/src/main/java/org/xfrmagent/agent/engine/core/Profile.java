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

    /** Whether an IKE SA with {@code other} is one with this: reached at the same addresses, authenticated and protected alike. */
    public boolean isReachedAs(Profile other) {
        return peer.ike() == other.peer.ike()
                && peer.local().equals(other.peer.local())
                && peer.remote().equals(other.peer.remote())
                && peer.proposals().equals(other.peer.proposals())
                && peer.forceEncapsulation() == other.peer.forceEncapsulation();
    }

    public Optional<ChildProfile> child(String policy) {
        return children.stream().filter(child -> child.name().equals(policy)).findFirst();
    }
}
