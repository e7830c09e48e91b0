package org.xfrmagent.agent.engine.core;

import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Fragments of one message. In IKEv2 they are authenticated and decrypted (RFC 7383, section 2.6), and nothing else is ever kept. In
 * IKEv1 nothing authenticates a piece of a message, so fewer octets are kept, and only with the cookies of a session.
 *
 * @param request whether the message is a request of the peer's
 * @param firstPayload the payload type that the first fragment names
 * @param parts by fragment number, from 1
 * @param since when the first of them came, in {@link Moment#millis}
 */
public record Reassembly(boolean request, int messageId, int total, int firstPayload, Map<Integer, Bytes> parts, long since) {
    /** Octets of a whole message, as many as we would take in one datagram. */
    public static final int MAX_OCTETS = 65_535;

    public Reassembly {
        parts = Map.copyOf(parts);
    }

    public int octets() {
        return parts.values().stream().mapToInt(Bytes::length).sum();
    }

    /** The payloads, once the last part is there. */
    public Optional<Bytes> whole() {
        if (parts.size() < total) {
            return Optional.empty();
        }
        Bytes[] inOrder = new Bytes[total];
        for (int i = 0; i < total; i++) {
            Bytes part = parts.get(i + 1);
            if (part == null) {
                return Optional.empty();
            }
            inOrder[i] = part;
        }
        return Optional.of(Bytes.concat(inOrder));
    }
}
