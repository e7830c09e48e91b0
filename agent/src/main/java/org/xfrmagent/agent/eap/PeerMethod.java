package org.xfrmagent.agent.eap;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/** A method at the user, between a response and the next request. */
sealed interface PeerMethod permits Gtc.Peer, Md5.Peer, Mschapv2Peer, PeerMethod.Outside {
    EapType type();

    /** @throws MalformedEap if {@code data} is not of this method */
    Turn asked(int identifier, Bytes data, String user, EapUsers users, Dice dice);

    /** What EAP-Success is worth now; empty if it comes too early. */
    Optional<Shown> shown();

    /** Why the server is about to refuse us, if it has said so. */
    default Optional<String> complaint() {
        return Optional.empty();
    }

    /** Nobody will need its keys. */
    default void wipe() {}

    /** @param msk empty if the method makes none */
    record Shown(Optional<Secret> msk) {}

    /** What a request brings. */
    sealed interface Turn {
        record Answer(PeerMethod next, Bytes data) implements Turn {}

        record GiveUp(String reason) implements Turn {}

        record Waits(PeerMethod next, EapWork work) implements Turn {}
    }

    /**
     * Somebody else remembers where this method is.
     *
     * @param proof when it has shown who the server is
     */
    record Outside(EapType type, boolean begun, Optional<EapProof> proof) implements PeerMethod {
        @Override
        public Turn asked(int identifier, Bytes data, String user, EapUsers users, Dice dice) {
            return new Turn.Waits(new Outside(type, true, proof), begun ? new EapWork.Next(data) : new EapWork.BeginAsPeer(type, user, data));
        }

        @Override
        public Optional<Shown> shown() {
            return proof.map(shown -> new Shown(shown.msk()));
        }

        @Override
        public void wipe() {
            proof.flatMap(EapProof::msk).ifPresent(Secret::wipe);
        }
    }
}
