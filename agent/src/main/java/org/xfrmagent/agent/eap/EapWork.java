package org.xfrmagent.agent.eap;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/** What a conversation asks of somebody who may wait and who remembers: an engine of TLS, a RADIUS server. */
public sealed interface EapWork {
    /** We are the gateway and begin {@code method} with a user who claims to be {@code identity}; {@link Result.Said} has the first request. */
    record BeginAsServer(EapType method, String identity) implements EapWork {}

    /** We are the user {@code identity}, and the gateway has begun {@code method} with {@code data}. */
    record BeginAsPeer(EapType method, String identity, Bytes data) implements EapWork {}

    /** The other end's next data, for what was begun. */
    record Next(Bytes data) implements EapWork {}

    /**
     * Somebody else is the server: it is to have this response.
     *
     * @param identity what the peer calls itself, for User-Name (RFC 3579, section 3)
     */
    record Relay(EapPacket response, String identity) implements EapWork {}

    /**
     * Is this the password of {@code user}? Nothing of EAP is about it: it is a user of XAUTH who has shown it. Who does the work wipes it.
     */
    record Password(String user, Secret password) implements EapWork {}

    sealed interface Result {
        /** Data of the method for the other end. */
        record Said(Bytes data) implements Result {}

        /** A packet of the server that we relay for. */
        record Relayed(EapPacket.Request request) implements Result {}

        /** @param data the last word to the other end: a peer's only, since a server says EAP-Success */
        record Proven(EapProof proof, Optional<Bytes> data) implements Result {}

        /**
         * It is.
         *
         * @param user as whoever judges it calls it
         * @param grant what it may have
         */
        record LetIn(String user, EapGrant grant) implements Result {}

        /** @param reason a sentence */
        record Refused(String reason) implements Result {}

        /**
         * Whoever judges the user has looked at what it showed, and says no: that counts as a wrong password.
         *
         * @param reason a sentence
         */
        record Rejected(String reason) implements Result {}
    }
}
