package org.xfrmagent.agent.crypto;

/**
 * The keys of a pair of child SAs (RFC 7296 section 2.17). "Initiator" is who began the exchange that made the child, which need
 * not be the initiator of the IKE SA.
 */
public record ChildKeys(DirectionKeys initiatorToResponder, DirectionKeys responderToInitiator) {
    public void wipe() {
        initiatorToResponder.wipe();
        responderToInitiator.wipe();
    }
}
