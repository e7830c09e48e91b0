package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * A child that the peer asked for and that we shall grant, before it has our SPI.
 *
 * @param prefix the payloads that come before the child's in our response (IDr and AUTH in IKE_AUTH)
 * @param chosen the proposal as agreed; {@code proposalNumber} is the peer's number for it
 * @param peerSpi the SPI of the SA that we shall send on
 * @param sharedSecret of a key exchange for this child alone (PFS)
 * @param publicValue our half of it, to be sent
 * @param terms what else was agreed
 * @param replaces the serial of the child that this one rekeys
 */
public record ChildAnswer(
        ChildProfile profile,
        List<Payload> prefix,
        Proposal chosen,
        int proposalNumber,
        int peerSpi,
        Bytes initiatorNonce,
        Bytes responderNonce,
        Optional<Secret> sharedSecret,
        Optional<Bytes> publicValue,
        List<TrafficSelector> local,
        List<TrafficSelector> remote,
        Terms terms,
        OptionalInt replaces) {
    /**
     * @param mode tunnel if either side wants that
     * @param filled the peer takes packets with TFC padding
     * @param behind another IKE SA with the peer has a child of the policy: we go on sending on that until it goes
     * @param more there are other SAs to be had for other parts of what the peer asked for
     * @param namedLocal our selectors in the peer's words, which differ behind a NAT in transport mode (RFC 7296, section 2.23.1)
     * @param namedRemote the peer's own
     * @param cpi the peer's, if it and our policy want compression
     */
    public record Terms(
            Mode mode, boolean filled, boolean behind, boolean more, List<TrafficSelector> namedLocal, List<TrafficSelector> namedRemote,
            OptionalInt cpi) {}

    /** The same answer once its keys are derived: the shared secret has done its work and is wiped. */
    public ChildAnswer keyed() {
        return new ChildAnswer(
                profile, prefix, chosen, proposalNumber, peerSpi, initiatorNonce, responderNonce, Optional.empty(), publicValue, local, remote,
                terms, replaces);
    }
}
