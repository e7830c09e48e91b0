package org.xfrmagent.agent.eap;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * One packet of RFC 3748, section 4.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Code      |  Identifier   |            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |  Type-Data ...        requests and responses only
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>A type of a vendor stands behind type 254 as three octets of vendor and four of type (section 5.7). No {@code toString} shows what a
 * packet carries, which may be a password.
 */
public sealed interface EapPacket {
    int REQUEST = 1;
    int RESPONSE = 2;
    int SUCCESS = 3;
    int FAILURE = 4;

    /** Code, identifier and length. */
    int HEADER_OCTETS = 4;

    /** In octets; the length field would allow no more. */
    int LONGEST = 0xffff;

    /** 0 to 255; a response has its request's. */
    int identifier();

    Bytes encode();

    /** From the server. */
    record Request(int identifier, EapType type, Bytes data) implements EapPacket {
        @Override
        public Bytes encode() {
            return Layout.typed(REQUEST, identifier, type, data);
        }

        @Override
        public String toString() {
            return "Request[" + identifier + ", " + type + ", " + data.length() + " octets]";
        }
    }

    /** From the peer; {@link Nak} has the responses that refuse a type. */
    record Response(int identifier, EapType type, Bytes data) implements EapPacket {
        @Override
        public Bytes encode() {
            return Layout.typed(RESPONSE, identifier, type, data);
        }

        @Override
        public String toString() {
            return "Response[" + identifier + ", " + type + ", " + data.length() + " octets]";
        }
    }

    /**
     * The peer does not want the type of the request (RFC 3748, section 5.3).
     *
     * @param expanded as the answer to a type of a vendor, in types of eight octets
     * @param wanted the best first; empty if it knows no other
     */
    record Nak(int identifier, boolean expanded, List<EapType> wanted) implements EapPacket {
        public Nak {
            wanted = List.copyOf(wanted);
        }

        @Override
        public Bytes encode() {
            return Layout.nak(this);
        }
    }

    record Success(int identifier) implements EapPacket {
        @Override
        public Bytes encode() {
            return Layout.bare(SUCCESS, identifier);
        }
    }

    record Failure(int identifier) implements EapPacket {
        @Override
        public Bytes encode() {
            return Layout.bare(FAILURE, identifier);
        }
    }

    /**
     * Reads exactly one packet.
     *
     * @throws MalformedEap if {@code octets} are anything else
     */
    static EapPacket decode(Bytes octets) {
        return Layout.decode(octets);
    }

    /** How the records lie in octets. */
    final class Layout {
        private static final int EXPANDED_OCTETS = 8;
        private static final int MOST_WANTED = 64;

        private Layout() {}

        private static Bytes bare(int code, int identifier) {
            return header(code, identifier, HEADER_OCTETS).toBytes();
        }

        private static Bytes typed(int code, int identifier, EapType type, Bytes data) {
            boolean expanded = type.vendor() != 0;
            int length = HEADER_OCTETS + (expanded ? EXPANDED_OCTETS : 1) + data.length();
            ByteWriter out = header(code, identifier, length);
            if (expanded) {
                expanded(out, type);
            } else {
                out.u8((int) type.number());
            }
            return out.bytes(data).toBytes();
        }

        private static Bytes nak(Nak nak) {
            List<EapType> wanted = nak.wanted().isEmpty() ? List.of(EapType.NONE) : nak.wanted();
            if (nak.expanded()) {
                ByteWriter out = header(RESPONSE, nak.identifier(), HEADER_OCTETS + EXPANDED_OCTETS * (1 + wanted.size()));
                expanded(out, EapType.NAK);
                wanted.forEach(type -> expanded(out, type));
                return out.toBytes();
            }
            ByteWriter out = header(RESPONSE, nak.identifier(), HEADER_OCTETS + 1 + wanted.size()).u8((int) EapType.NAK.number());
            wanted.forEach(type -> out.u8((int) (type.vendor() == 0 ? type : EapType.EXPANDED).number()));
            return out.toBytes();
        }

        private static ByteWriter header(int code, int identifier, int length) {
            if (identifier < 0 || identifier > 0xff || length > LONGEST) {
                throw new IllegalArgumentException("an EAP packet of " + length + " octets with identifier " + identifier);
            }
            return new ByteWriter(length).u8(code).u8(identifier).u16(length);
        }

        private static void expanded(ByteWriter out, EapType type) {
            out.u8((int) EapType.EXPANDED.number()).u8(type.vendor() >>> 16).u16(type.vendor() & 0xffff).i32((int) type.number());
        }

        private static EapPacket decode(Bytes octets) {
            if (octets.length() < HEADER_OCTETS) {
                throw new MalformedEap("an EAP packet of " + octets.length() + " octets, expected at least " + HEADER_OCTETS);
            }
            ByteReader in = octets.reader();
            int code = in.u8();
            int identifier = in.u8();
            int length = in.u16();
            if (length != octets.length()) {
                throw new MalformedEap("the EAP length is " + length + ", there are " + octets.length() + " octets");
            }
            return switch (code) {
                case REQUEST, RESPONSE -> typed(code == REQUEST, identifier, in);
                case SUCCESS -> bare(new Success(identifier), in);
                case FAILURE -> bare(new Failure(identifier), in);
                default -> throw new MalformedEap("EAP code " + code + ", expected 1 to 4");
            };
        }

        private static EapPacket bare(EapPacket packet, ByteReader in) {
            if (!in.atEnd()) {
                throw new MalformedEap("an EAP success or failure has " + in.remaining() + " octets of data, expected none");
            }
            return packet;
        }

        private static EapPacket typed(boolean request, int identifier, ByteReader in) {
            if (in.atEnd()) {
                throw new MalformedEap("an EAP request or response without a type");
            }
            int number = in.u8();
            boolean expanded = number == EapType.EXPANDED.number();
            EapType type = expanded ? expanded(in) : new EapType(0, number);
            if (type.equals(EapType.NONE) || expanded && type.equals(EapType.EXPANDED)) {
                throw new MalformedEap("EAP type " + type.number() + " in a request or response");
            }
            if (!type.equals(EapType.NAK)) {
                return request ? new Request(identifier, type, in.rest()) : new Response(identifier, type, in.rest());
            }
            if (request) {
                throw new MalformedEap("an EAP request of type Nak, which is for responses only");
            }
            return new Nak(identifier, expanded, wanted(expanded, in));
        }

        private static EapType expanded(ByteReader in) {
            if (in.remaining() < EXPANDED_OCTETS - 1) {
                throw new MalformedEap("an expanded EAP type of " + (in.remaining() + 1) + " octets, expected " + EXPANDED_OCTETS);
            }
            int vendor = in.u8() << 16 | in.u16();
            long number = in.u32();
            if (vendor == 0 && number > 0xff) {
                throw new MalformedEap("EAP type " + number + " of vendor 0, expected 0 to 255");
            }
            return new EapType(vendor, number);
        }

        private static List<EapType> wanted(boolean expanded, ByteReader in) {
            int size = expanded ? EXPANDED_OCTETS : 1;
            if (in.atEnd() || in.remaining() % size != 0 || in.remaining() / size > MOST_WANTED) {
                throw new MalformedEap("an EAP Nak with " + in.remaining() + " octets of types, expected 1 to " + MOST_WANTED + " types of " + size);
            }
            List<EapType> wanted = new ArrayList<>();
            while (!in.atEnd()) {
                int number = in.u8();
                if (expanded && number != EapType.EXPANDED.number()) {
                    throw new MalformedEap("EAP type " + number + " in an expanded Nak, expected " + EapType.EXPANDED.number());
                }
                EapType type = expanded ? expanded(in) : new EapType(0, number);
                if (!type.equals(EapType.NONE)) {
                    wanted.add(type);
                }
            }
            return wanted;
        }
    }
}
