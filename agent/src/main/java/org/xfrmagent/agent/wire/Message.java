package org.xfrmagent.agent.wire;

import java.util.List;
import java.util.Optional;

/**
 * An IKEv2 message as far as it can be read without keys: an SK or SKF payload, if there is one, is the last.
 *
 * @param header next payload and length are those of the datagram if decoded, and set anew when encoded
 */
public record Message(Header header, List<Payload> payloads) {
    public Message {
        payloads = List.copyOf(payloads);
    }

    /** The SK payload, if the message is protected in one piece. */
    public Optional<EncryptedPayload> encrypted() {
        return Payload.first(payloads, EncryptedPayload.class);
    }

    /** The SKF payload, if this is one fragment of a protected message. */
    public Optional<EncryptedFragmentPayload> fragment() {
        return Payload.first(payloads, EncryptedFragmentPayload.class);
    }

    /** As exchange diagrams write it: {@code "HDR, SA, KE, Nonce, N(COOKIE)"}. For people, not for parsing. */
    public String summary() {
        StringBuilder out = new StringBuilder("HDR");
        for (Payload payload : payloads) {
            out.append(", ").append(PayloadType.notationOf(payload.typeNumber()));
            if (payload instanceof NotifyPayload notify) {
                out.append('(').append(Notify.nameOf(notify.type())).append(')');
            }
        }
        return out.toString();
    }
}
