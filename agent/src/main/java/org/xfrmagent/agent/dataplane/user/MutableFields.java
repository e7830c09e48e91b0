package org.xfrmagent.agent.dataplane.user;

import java.util.Arrays;
import java.util.Set;

/**
 * Brings an IP header into the form that AH authenticates: what routers may change becomes zero, what they change foreseeably gets
 * the value it has at the destination (RFC 4302, section 3.3.3.1 and appendix A).
 */
final class MutableFields {
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    private static final int LOOSE_SOURCE_ROUTE = 131;
    private static final int STRICT_SOURCE_ROUTE = 137;
    /** RFC 4302, appendix A1: security, extended security, commercial security, router alert, sender directed multi-destination. */
    private static final Set<Integer> IMMUTABLE_V4 = Set.of(130, 133, 134, 148, 149);

    /** "Option data may change en route" (RFC 8200, section 4.2). */
    private static final int MAY_CHANGE = 0x20;

    private MutableFields() {}

    /**
     * @param header an IP packet from index 0, in an array of its own; changed in place
     * @param length octets before the AH header
     * @return false if it holds something whose value at the destination cannot be told
     */
    static boolean clear(byte[] header, int length) {
        return (header[0] >> 4 & 0xf) == 4 ? clearV4(header, length) : clearV6(header, length);
    }

    private static boolean clearV4(byte[] header, int length) {
        header[1] = 0; // DSCP and ECN
        Octets.putU16(header, 6, 0); // flags and fragment offset: AH applies to whole packets only
        header[8] = 0; // TTL
        Octets.putU16(header, 10, 0); // checksum
        int at = IpHeader.V4_LENGTH;
        while (at < length) {
            int type = Octets.u8(header, at);
            if (type == END_OF_OPTIONS) {
                break;
            }
            if (type == NO_OPERATION) {
                at++;
                continue;
            }
            int size = at + 1 < length ? Octets.u8(header, at + 1) : 0;
            if (size < 2 || size > length - at) {
                return false;
            }
            if ((type == LOOSE_SOURCE_ROUTE || type == STRICT_SOURCE_ROUTE) && size >= 7) {
                // The last hop of the route is the destination; a route that is all travelled has put it there already.
                if (Octets.u8(header, at + 2) <= size - 3) {
                    System.arraycopy(header, at + size - 4, header, 16, 4);
                }
                Arrays.fill(header, at, at + size, (byte) 0);
            } else if (!IMMUTABLE_V4.contains(type)) {
                // The whole option, its type and length too (RFC 4302, section 3.3.3.1.1.2).
                Arrays.fill(header, at, at + size, (byte) 0);
            }
            at += size;
        }
        return true;
    }

    private static boolean clearV6(byte[] header, int length) {
        Octets.putI32(header, 0, 6 << 28); // traffic class and flow label
        header[7] = 0; // hop limit
        int next = Octets.u8(header, 6);
        int at = IpHeader.V6_LENGTH;
        while (at < length) {
            if (length - at < 8) {
                return false;
            }
            int size = next == IpHeader.FRAGMENT ? 8 : (Octets.u8(header, at + 1) + 1) * 8;
            if (size > length - at) {
                return false;
            }
            boolean sound = switch (next) {
                case IpHeader.HOP_BY_HOP, IpHeader.DESTINATION_OPTIONS -> clearOptions(header, at + 2, at + size);
                // With segments left, the addresses are still to be exchanged on the way (type 0 is forbidden by RFC 5095 anyway).
                case IpHeader.ROUTING -> header[at + 3] == 0;
                default -> false;
            };
            if (!sound) {
                return false;
            }
            next = Octets.u8(header, at);
            at += size;
        }
        return true;
    }

    private static boolean clearOptions(byte[] header, int from, int end) {
        int at = from;
        while (at < end) {
            int type = Octets.u8(header, at);
            if (type == 0) {
                at++; // Pad1
                continue;
            }
            if (end - at < 2) {
                return false;
            }
            int size = Octets.u8(header, at + 1);
            if (size > end - at - 2) {
                return false;
            }
            if ((type & MAY_CHANGE) != 0) {
                Arrays.fill(header, at + 2, at + 2 + size, (byte) 0);
            }
            at += 2 + size;
        }
        return true;
    }
}
