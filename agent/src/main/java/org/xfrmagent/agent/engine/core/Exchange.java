package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/** What our outstanding request is about, with all that its response needs. */
public sealed interface Exchange {
    /** IKE_SA_INIT; what its response needs is in {@link Phase.Initiating}. */
    record Init() implements Exchange {}

    record Authenticate(Optional<ChildOffer> offer) implements Exchange {}

    record CreateChild(ChildOffer offer) implements Exchange {}

    /** The IKE SA's successor: our half of its key exchange, nonce and SPI. */
    record RekeyIke(ChildOffer.Ephemeral keyExchange, Bytes nonce, long spi) implements Exchange {}

    /** {@code serials} of the children that we delete. */
    record DeleteChildren(List<Integer> serials, String reason) implements Exchange {}

    /** A DELETE whose answer says nothing. */
    record Disown() implements Exchange {}

    record DeleteIke(String reason) implements Exchange {}

    /** An empty INFORMATIONAL: is the peer alive? */
    record Liveness() implements Exchange {}
}
