package org.xfrmagent.agent.dataplane.user;

import java.util.Optional;

/**
 * Where things are in an IPv4 or IPv6 packet. Lengths and offsets are octets from the packet's first.
 *
 * @param totalLength of the packet; what follows in the buffer is no part of it
 * @param upperLayer where the upper-layer header begins, behind options or extension headers
 * @param protocol what begins there, or {@link PacketSelectors#OPAQUE} in a later IPv6 fragment that begins with an extension header
 * @param protocolAt where the octet is that says so
 * @param fragment whether it is a fragment at all
 * @param laterFragment whether it is not the first fragment, so that no upper-layer header is there
 */
record IpHeader(
        boolean ipv6, int totalLength, int upperLayer, int protocol, int protocolAt, boolean fragment, boolean laterFragment) {
    static final int HOP_BY_HOP = 0;
    static final int ROUTING = 43;
    static final int FRAGMENT = 44;
    static final int DESTINATION_OPTIONS = 60;

    static final int V4_LENGTH = 20;
    static final int V6_LENGTH = 40;
    /** More extension headers than any sender has a reason for. */
    private static final int MOST_EXTENSIONS = 16;

    /** Empty for what is no whole IP packet. */
    static Optional<IpHeader> parse(byte[] packet, int offset, int length) {
        if (length < 1 || offset < 0 || length > packet.length - offset) {
            return Optional.empty();
        }
        return switch (packet[offset] >> 4 & 0xf) {
            case 4 -> v4(packet, offset, length);
            case 6 -> v6(packet, offset, length);
            default -> Optional.empty();
        };
    }

    private static Optional<IpHeader> v4(byte[] packet, int offset, int length) {
        if (length < V4_LENGTH) {
            return Optional.empty();
        }
        int header = (packet[offset] & 0xf) * 4;
        int total = Octets.u16(packet, offset + 2);
        if (header < V4_LENGTH || total < header || total > length) {
            return Optional.empty();
        }
        int fragment = Octets.u16(packet, offset + 6);
        boolean later = (fragment & 0x1fff) != 0;
        boolean any = (fragment & 0x3fff) != 0;
        return Optional.of(new IpHeader(false, total, header, Octets.u8(packet, offset + 9), 9, any, later));
    }

    private static Optional<IpHeader> v6(byte[] packet, int offset, int length) {
        if (length < V6_LENGTH) {
            return Optional.empty();
        }
        int total = V6_LENGTH + Octets.u16(packet, offset + 4);
        if (total > length) {
            return Optional.empty();
        }
        int protocolAt = 6;
        int at = V6_LENGTH;
        boolean fragment = false;
        for (int count = 0; count <= MOST_EXTENSIONS; count++) {
            int next = Octets.u8(packet, offset + protocolAt);
            if (next != HOP_BY_HOP && next != ROUTING && next != DESTINATION_OPTIONS && next != FRAGMENT) {
                return Optional.of(new IpHeader(true, total, at, next, protocolAt, fragment, false));
            }
            if (total - at < 8) {
                return Optional.empty();
            }
            if (next == FRAGMENT) {
                fragment = true;
                if ((Octets.u16(packet, offset + at + 2) & 0xfff8) != 0) {
                    int first = Octets.u8(packet, offset + at);
                    boolean hidden = first == HOP_BY_HOP || first == ROUTING || first == DESTINATION_OPTIONS;
                    return Optional.of(new IpHeader(true, total, at + 8, hidden ? PacketSelectors.OPAQUE : first, at, true, true));
                }
            }
            int size = next == FRAGMENT ? 8 : (Octets.u8(packet, offset + at + 1) + 1) * 8;
            if (total - at < size) {
                return Optional.empty();
            }
            protocolAt = at;
            at += size;
        }
        return Optional.empty();
    }
}
