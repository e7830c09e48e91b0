package org.xfrmagent.it.capture;

import org.xfrmagent.agent.bytes.Bytes;

/** What an IP packet on the wire is, as far as somebody without keys can tell. */
public sealed interface Content {
    /** {@link Clear}: what a host says of a packet that it cannot deliver. */
    String UNREACHABLE = "ICMP type 3";

    /**
     * ESP (RFC 4303), bare or in UDP (RFC 3948).
     *
     * @param spi the security parameters index
     * @param sequence the 32 low bits of the sequence number, unsigned
     * @param packet from the SPI to the last octet that was captured
     */
    record Esp(int spi, long sequence, boolean inUdp, Bytes packet) implements Content {}

    /** AH (RFC 4302): protected against change, not against reading. */
    record Ah(int spi, long sequence, Bytes packet) implements Content {
        /** What it protects: an IP protocol number; 4 and 41 are a tunnelled packet. */
        public int nextHeader() {
            return packet.u8(0);
        }
    }

    /** An IKE message (RFC 7296), without the non-ESP marker; {@code natPort} is true on port 4500. */
    record Ike(Bytes message, boolean natPort) implements Content {
        /** The exchange type's name (RFC 7296 section 3.1), or its number. */
        public String exchange() {
            int type = message.length() > 18 ? message.u8(18) : -1;
            return switch (type) {
                case 34 -> "IKE_SA_INIT";
                case 35 -> "IKE_AUTH";
                case 36 -> "CREATE_CHILD_SA";
                case 37 -> "INFORMATIONAL";
                default -> "exchange " + type;
            };
        }

        /** The R flag. */
        public boolean isResponse() {
            return message.length() > 19 && (message.u8(19) & 0x20) != 0;
        }
    }

    /** One octet 0xff on port 4500 (RFC 3948 section 2.3). */
    record Keepalive() implements Content {}

    /** A later fragment of an IP packet; {@link Pcap} has judged the first one, and this one the same way. */
    record Fragment(boolean ofProtected) implements Content {}

    /** ARP, IPv6 neighbour and group discovery: how neighbours find each other, never forwarded. */
    record Neighbour(String what) implements Content {}

    /** Anything else, readable by everyone on the wire. */
    record Clear(String what) implements Content {}

    /** Whether somebody on the wire may see it: encrypted, IKE itself, or the neighbours' own small talk. */
    default boolean mayCross() {
        return switch (this) {
            case Esp _, Ike _, Keepalive _, Neighbour _ -> true;
            case Fragment fragment -> fragment.ofProtected();
            case Ah _, Clear _ -> false;
        };
    }
}
