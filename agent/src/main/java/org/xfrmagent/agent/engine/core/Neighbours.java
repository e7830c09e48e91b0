package org.xfrmagent.agent.engine.core;

import java.util.List;
import org.xfrmagent.policies.model.Identity;

/**
 * The other sessions with the same peer, as far as one session has to know of them: who may be up beside whom, and which child takes
 * over from which.
 */
public record Neighbours(List<Living> established) {
    public static final Neighbours NONE = new Neighbours(List.of());

    /** @param children those that are up */
    public record Living(Identity local, Identity remote, Path path, ChildSas children) {
        public boolean provides(String policy) {
            return !children.named(policy).isEmpty();
        }
    }

    public Neighbours {
        established = List.copyOf(established);
    }

    /** Those with the same two identities. */
    public List<Living> like(Identity local, Identity remote) {
        return established.stream().filter(other -> other.local().equals(local) && other.remote().equals(remote)).toList();
    }

    /** Whether a child of {@code policy} is up under another IKE SA. */
    public boolean provide(String policy) {
        return established.stream().anyMatch(other -> other.provides(policy));
    }
}
