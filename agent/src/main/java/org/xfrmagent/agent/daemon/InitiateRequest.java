package org.xfrmagent.agent.daemon;

import java.util.Optional;

/**
 * Names a tunnel to bring up.
 *
 * @param peer the peer's name; alone: its IKE SA without a child
 * @param policy the policy's name; alone: its own peer is meant
 */
public record InitiateRequest(Optional<String> peer, Optional<String> policy) {}
