package org.xfrmagent.agent.wire;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * A datagram as it is seen before anything is believed of it: the header's fields where they stand, and the two payloads that a cookie
 * is about (RFC 7296, section 2.6), found without decoding the others. Offsets are those of {@link Header}.
 */
public final class FirstGlance {
    private static final int NEXT_PAYLOAD = 16;
    private static final int VERSION = 17;
    private static final int EXCHANGE = 18;
    private static final int FLAGS = 19;
    private static final int INITIATOR_BIT = 0x08;
    private static final int RESPONSE_BIT = 0x20;
    /** Protocol, SPI size and type of a Notify payload (section 3.10). */
    private static final int NOTIFY_HEADER = 4;

    private final Bytes datagram;

    /** @param datagram at least {@link Header#LENGTH} octets */
    public FirstGlance(Bytes datagram) {
        this.datagram = datagram;
    }

    public int length() {
        return datagram.length();
    }

    public long initiatorSpi() {
        return datagram.i64(0);
    }

    public long responderSpi() {
        return datagram.i64(8);
    }

    public int majorVersion() {
        return datagram.u8(VERSION) >>> 4;
    }

    public int exchange() {
        return datagram.u8(EXCHANGE);
    }

    public boolean isFromInitiator() {
        return (datagram.u8(FLAGS) & INITIATOR_BIT) != 0;
    }

    public boolean isResponse() {
        return (datagram.u8(FLAGS) & RESPONSE_BIT) != 0;
    }

    /** The first nonce, if the payloads before it can be stepped over and its length is one that a nonce may have. */
    public Optional<Bytes> nonce() {
        return find(PayloadType.NONCE)
                .filter(nonce -> nonce.length() >= Limits.NONCE_OCTETS_MIN && nonce.length() <= Limits.NONCE_OCTETS_MAX);
    }

    /** What the first payload is about if it is a COOKIE: section 2.6 wants it to be the first. */
    public Optional<Bytes> cookie() {
        if (datagram.u8(NEXT_PAYLOAD) != PayloadType.NOTIFY.number()) {
            return Optional.empty();
        }
        return find(PayloadType.NOTIFY)
                .filter(notify -> notify.length() > NOTIFY_HEADER && notify.u8(1) == 0 && notify.u16(2) == Notify.COOKIE.number())
                .map(notify -> notify.from(NOTIFY_HEADER));
    }

    private Optional<Bytes> find(PayloadType wanted) {
        int type = datagram.u8(NEXT_PAYLOAD);
        int at = Header.LENGTH;
        for (int count = 0; count < Limits.PAYLOADS && type != PayloadType.NONE; count++) {
            if (datagram.length() - at < Payload.GENERIC_HEADER_LENGTH) {
                return Optional.empty();
            }
            int length = datagram.u16(at + 2);
            if (length < Payload.GENERIC_HEADER_LENGTH || length > datagram.length() - at) {
                return Optional.empty();
            }
            if (type == wanted.number()) {
                return Optional.of(datagram.slice(at + Payload.GENERIC_HEADER_LENGTH, at + length));
            }
            type = datagram.u8(at);
            at += length;
        }
        return Optional.empty();
    }
}
