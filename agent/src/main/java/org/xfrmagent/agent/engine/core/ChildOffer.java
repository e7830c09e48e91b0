package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.KeyPair;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * A child that we proposed.
 *
 * @param spi our inbound SPI
 * @param nonce ours; in IKE_AUTH that of IKE_SA_INIT
 * @param keyExchange with its group; absent without PFS and in IKE_AUTH
 * @param local the traffic selectors that we offered for our side
 * @param replaces the serial of the child that this one rekeys
 * @param cpi our inbound CPI, if we offered compression
 */
public record ChildOffer(
        ChildProfile profile,
        int spi,
        int serial,
        List<Proposal> proposals,
        Bytes nonce,
        Optional<Ephemeral> keyExchange,
        List<TrafficSelector> local,
        List<TrafficSelector> remote,
        Input.Wish wish,
        OptionalInt replaces,
        OptionalInt cpi) {
    public record Ephemeral(Algorithm group, KeyPair pair) {}
}
