package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.Bytes;

/**
 * What shares UDP port 4500 (RFC 3948, section 2): four zero octets, where ESP has its SPI, mark an IKE message; a single 0xff
 * keeps a NAT's mapping alive.
 */
public final class NonEspMarker {
    /** What a datagram on port 4500 is. */
    public enum Kind {
        IKE,
        ESP,
        KEEPALIVE,
        /** Too short for any of them: to be dropped. */
        NOISE
    }

    private static final Bytes MARKER = Bytes.of(new byte[4]);
    private static final Bytes KEEPALIVE = Bytes.of((byte) 0xff);

    /** SPI and sequence number. */
    private static final int ESP_HEADER_LENGTH = 8;

    private NonEspMarker() {}

    public static Kind classify(Bytes datagram) {
        if (datagram.equals(KEEPALIVE)) {
            return Kind.KEEPALIVE;
        }
        if (datagram.length() < ESP_HEADER_LENGTH) {
            return Kind.NOISE;
        }
        return datagram.i32(0) == 0 ? Kind.IKE : Kind.ESP;
    }

    public static Bytes prepend(Bytes message) {
        return Bytes.concat(MARKER, message);
    }

    /**
     * The message behind the marker of a datagram that is {@link Kind#IKE}.
     *
     * @throws Malformed if there is no marker
     */
    public static Bytes strip(Bytes datagram) {
        Section in = Section.of("UDP 4500 datagram", datagram);
        if (in.i32() != 0) {
            throw in.malformed("has no non-ESP marker");
        }
        return in.rest();
    }

    public static Bytes keepalive() {
        return KEEPALIVE;
    }
}
