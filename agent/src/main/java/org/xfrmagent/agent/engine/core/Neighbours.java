package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.policies.model.Identity;

/**
 * The other sessions with the same peer, as far as one session has to know of them: who may be up beside whom, and which child takes
 * over from which.
 *
 * @param given the address that the peer has given us under another ISAKMP SA
 */
public record Neighbours(List<Living> established, Optional<InetAddress> given) {
    public static final Neighbours NONE = new Neighbours(List.of(), Optional.empty());

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
