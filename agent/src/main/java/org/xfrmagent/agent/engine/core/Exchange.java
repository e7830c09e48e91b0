package org.xfrmagent.agent.engine.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/** What our outstanding request is about, with all that its response needs. */
public sealed interface Exchange {
    /** IKE_SA_INIT; what its response needs is in {@link Phase.Initiating}. */
    record Init() implements Exchange {}

    record Authenticate(Optional<ChildOffer> offer) implements Exchange {}

    /** A response of EAP. */
    record Converse() implements Exchange {}

    /** Our AUTH, after EAP. */
    record ShowKey() implements Exchange {}

    record CreateChild(ChildOffer offer, Meanwhile meanwhile) implements Exchange {}

    /**
     * What the peer asked about the same child while our request was on its way.
     *
     * @param rivalNonce the lower nonce of the exchange in which the peer rekeyed the child that we are rekeying (RFC 7296,
     *     section 2.8.1)
     * @param deleted SPIs that the peer deleted and that we had not heard of: the very child may be among them, when its DELETE
     *     overtakes the answer that grants it
     */
    record Meanwhile(Optional<Bytes> rivalNonce, List<Bytes> deleted) {
        /** One of them can be the child in question; a peer that names so many others means nothing by it. */
        private static final int MOST_DELETED = 256;

        public static final Meanwhile NOTHING = new Meanwhile(Optional.empty(), List.of());

        public Meanwhile rival(Bytes lowerNonce) {
            return new Meanwhile(Optional.of(lowerNonce), deleted);
        }

        public Meanwhile withoutRival() {
            return new Meanwhile(Optional.empty(), deleted);
        }

        public Meanwhile deletion(Bytes spi) {
            if (deleted.size() == MOST_DELETED || deleted.contains(spi)) {
                return this;
            }
            List<Bytes> all = new ArrayList<>(deleted);
            all.add(spi);
            return new Meanwhile(rivalNonce, List.copyOf(all));
        }
    }

    /**
     * The IKE SA's successor: our half of its key exchange, nonce and SPI.
     *
     * @param rival the successor that the peer asked for at the same time (section 2.8.2)
     */
    record RekeyIke(ChildOffer.Ephemeral keyExchange, Bytes nonce, long spi, Optional<Rival> rival) implements Exchange {
        public RekeyIke against(Rival other) {
            return new RekeyIke(keyExchange, nonce, spi, Optional.of(other));
        }
    }

    /** An IKE SA that waits to be chosen; {@code lowerNonce}: of the exchange that made it. */
    record Rival(IkeSa sa, Bytes lowerNonce) {}

    /** {@code serials} of the children that we delete. */
    record DeleteChildren(List<Integer> serials, String reason) implements Exchange {}

    /** A DELETE whose answer says nothing. */
    record Disown() implements Exchange {}

    record DeleteIke(String reason) implements Exchange {}

    /** We have moved to {@code path} (RFC 4555, section 3.5). */
    record UpdateAddresses(Path path) implements Exchange {}

    /** Is the peer really at {@code path}? Only there one can read {@code cookie} (RFC 4555, section 3.7). */
    record ReturnRoutability(Path path, Bytes cookie) implements Exchange {}

    /** Our further addresses (RFC 4555, section 3.6). */
    record Announce() implements Exchange {}

    /** The peer is to go to another gateway (RFC 5685, section 5). */
    record Redirect(String gateway) implements Exchange {}

    /** An empty INFORMATIONAL: is the peer alive? */
    record Liveness() implements Exchange {}
}
