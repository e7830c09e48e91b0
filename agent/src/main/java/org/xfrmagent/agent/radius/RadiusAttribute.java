package org.xfrmagent.agent.radius;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * One attribute (RFC 2865, section 5): type, length, value. Its value is never printed, it may be a key.
 *
 * @param type 1 to 255
 * @param value 1 to 253 octets
 */
record RadiusAttribute(int type, Bytes value) {
    static final int USER_NAME = 1;
    static final int USER_PASSWORD = 2;
    static final int NAS_IP_ADDRESS = 4;
    static final int NAS_PORT = 5;
    static final int SERVICE_TYPE = 6;
    static final int FRAMED_IP_ADDRESS = 8;
    static final int FILTER_ID = 11;
    static final int FRAMED_MTU = 12;
    static final int REPLY_MESSAGE = 18;
    static final int STATE = 24;
    static final int CLASS = 25;
    static final int VENDOR_SPECIFIC = 26;
    static final int SESSION_TIMEOUT = 27;
    static final int CALLED_STATION_ID = 30;
    static final int CALLING_STATION_ID = 31;
    static final int NAS_IDENTIFIER = 32;
    static final int NAS_PORT_TYPE = 61;
    /** RFC 2868. */
    static final int TUNNEL_TYPE = 64;
    static final int EAP_MESSAGE = 79;
    static final int MESSAGE_AUTHENTICATOR = 80;
    static final int NAS_PORT_ID = 87;
    static final int NAS_IPV6_ADDRESS = 95;
    /** RFC 6911, as is the next. */
    static final int FRAMED_IPV6_ADDRESS = 168;
    static final int DNS_SERVER_IPV6_ADDRESS = 169;

    /** Accounting, RFC 2866. */
    static final int ACCT_STATUS_TYPE = 40;
    static final int ACCT_INPUT_OCTETS = 42;
    static final int ACCT_OUTPUT_OCTETS = 43;
    static final int ACCT_SESSION_ID = 44;
    static final int ACCT_AUTHENTIC = 45;
    static final int ACCT_SESSION_TIME = 46;
    static final int ACCT_INPUT_PACKETS = 47;
    static final int ACCT_OUTPUT_PACKETS = 48;
    static final int ACCT_TERMINATE_CAUSE = 49;
    /** RFC 2869: what does not fit 32 bits. */
    static final int ACCT_INPUT_GIGAWORDS = 52;
    static final int ACCT_OUTPUT_GIGAWORDS = 53;
    static final int EVENT_TIMESTAMP = 55;

    /** Microsoft (RFC 2548). */
    static final int VENDOR_MICROSOFT = 311;
    static final int MS_MPPE_SEND_KEY = 16;
    static final int MS_MPPE_RECV_KEY = 17;
    static final int MS_PRIMARY_DNS_SERVER = 28;
    static final int MS_SECONDARY_DNS_SERVER = 29;

    static final int LONGEST = 253;

    RadiusAttribute {
        if (type < 1 || type > 255 || value.isEmpty() || value.length() > LONGEST) {
            throw new IllegalArgumentException("an attribute " + type + " of " + value.length() + " octets");
        }
    }

    static RadiusAttribute number(int type, int value) {
        return new RadiusAttribute(type, new ByteWriter(4).i32(value).toBytes());
    }

    /** As much of {@code value} as fits. */
    static RadiusAttribute text(int type, String value) {
        byte[] octets = value.getBytes(StandardCharsets.UTF_8);
        return new RadiusAttribute(type, Bytes.of(octets, 0, Math.min(octets.length, LONGEST)));
    }

    /** A long value in as many attributes as it needs, in order (RFC 3579, section 3.1). */
    static List<RadiusAttribute> pieces(int type, Bytes value) {
        List<RadiusAttribute> pieces = new ArrayList<>();
        for (int at = 0; at < value.length(); at += LONGEST) {
            pieces.add(new RadiusAttribute(type, value.slice(at, Math.min(at + LONGEST, value.length()))));
        }
        return pieces;
    }

    String text() {
        return new String(value.toArray(), StandardCharsets.UTF_8);
    }

    /** The value of Microsoft's attribute {@code wanted} if this holds it. */
    Optional<Bytes> microsoft(int wanted) {
        if (type != VENDOR_SPECIFIC || value.length() < 4 || value.i32(0) != VENDOR_MICROSOFT) {
            return Optional.empty();
        }
        ByteReader in = value.from(4).reader();
        while (in.remaining() >= 2) {
            int number = in.u8();
            int length = in.u8();
            if (length < 2 || length - 2 > in.remaining()) {
                return Optional.empty();
            }
            Bytes inner = in.bytes(length - 2);
            if (number == wanted) {
                return Optional.of(inner);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return "RadiusAttribute[" + type + ", " + value.length() + " octets]";
    }
}
