package org.xfrmagent.it.capture;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Reads a pcap file (the classic format, link type Ethernet) into packets.
 *
 * <pre>
 *   file    magic 4 | version 2+2 | zone 4 | accuracy 4 | snap length 4 | link type 4
 *   record  seconds 4 | microseconds 4 | captured length 4 | original length 4 | frame
 * </pre>
 *
 * tcpdump writes both in the byte order of its machine; the magic number tells which.
 */
public final class Pcap {
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;
    private static final int LINK_ETHERNET = 1;
    private static final int ETHER_IPV4 = 0x0800;
    private static final int ETHER_ARP = 0x0806;
    private static final int ETHER_IPV6 = 0x86dd;
    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int FRAGMENT_HEADER = 44;
    private static final int ESP = 50;
    private static final int AH = 51;
    private static final int ICMPV6 = 58;
    private static final int IKE_PORT = 500;
    private static final int NAT_PORT = 4500;

    private final Map<String, Boolean> firstFragmentProtected = new HashMap<>();

    private Pcap() {}

    /** All whole records of a file; a record that tcpdump is still writing is left out. */
    public static List<Packet> read(Bytes file) {
        if (file.length() < FILE_HEADER) {
            return List.of();
        }
        boolean little = switch (file.i32(0)) {
            case 0xd4c3b2a1 -> true;
            case 0xa1b2c3d4 -> false;
            default -> throw new IllegalArgumentException("not a pcap file with microseconds: it begins with " + file.slice(0, 4).toHex());
        };
        int link = number(file, 20, little);
        if (link != LINK_ETHERNET) {
            throw new IllegalArgumentException("link type " + link + ", expected Ethernet (1)");
        }
        Pcap reader = new Pcap();
        List<Packet> packets = new ArrayList<>();
        int at = FILE_HEADER;
        while (at + RECORD_HEADER <= file.length()) {
            long micros = Integer.toUnsignedLong(number(file, at, little)) * 1_000_000 + number(file, at + 4, little);
            int end = at + RECORD_HEADER + number(file, at + 8, little);
            if (end > file.length()) {
                break;
            }
            packets.add(reader.packet(micros, file.slice(at + RECORD_HEADER, end)));
            at = end;
        }
        return packets;
    }

    private static int number(Bytes file, int at, boolean little) {
        return little ? Integer.reverseBytes(file.i32(at)) : file.i32(at);
    }

    private Packet packet(long micros, Bytes frame) {
        try {
            ByteReader reader = frame.reader();
            reader.skip(12);
            int type = reader.u16();
            Bytes rest = reader.rest();
            return switch (type) {
                case ETHER_IPV4 -> ipv4(micros, frame, rest);
                case ETHER_IPV6 -> ipv6(micros, frame, rest);
                case ETHER_ARP -> new Packet(micros, "", "", new Content.Neighbour("ARP"), frame);
                default -> new Packet(micros, "", "", new Content.Clear("ethertype %04x".formatted(type)), frame);
            };
        } catch (ByteReader.Underflow | IndexOutOfBoundsException cut) {
            return new Packet(micros, "", "", new Content.Clear("a packet cut within its headers"), frame);
        }
    }

    private Packet ipv4(long micros, Bytes frame, Bytes ip) {
        int header = (ip.u8(0) & 0x0f) * 4;
        int protocol = ip.u8(9);
        String source = address(ip.slice(12, 16));
        String destination = address(ip.slice(16, 20));
        int fragment = ip.u16(6);
        // The frame may be padded to Ethernet's 60 octets: the IP header knows where the packet ends.
        Bytes body = ip.slice(header, Math.min(ip.length(), Math.max(header, ip.u16(2))));
        String key = source + ' ' + destination + ' ' + protocol + ' ' + ip.u16(4);
        Content content = fragments(key, (fragment & 0x1fff) != 0, (fragment & 0x2000) != 0, () -> transport(protocol, body));
        return new Packet(micros, source, destination, content, frame);
    }

    private Packet ipv6(long micros, Bytes frame, Bytes ip) {
        String source = address(ip.slice(8, 24));
        String destination = address(ip.slice(24, 40));
        int next = ip.u8(6);
        Bytes body = ip.slice(40, Math.min(ip.length(), 40 + ip.u16(4)));
        if (next == 0) { // hop-by-hop options: group membership reports carry them
            next = body.u8(0);
            body = body.from((body.u8(1) + 1) * 8);
        }
        if (next != FRAGMENT_HEADER) {
            return new Packet(micros, source, destination, transport(next, body), frame);
        }
        int protocol = body.u8(0);
        int offset = body.u16(2);
        Bytes rest = body.from(8);
        String key = source + ' ' + destination + ' ' + body.i32(4);
        Content content = fragments(key, (offset & 0xfff8) != 0, (offset & 1) != 0, () -> transport(protocol, rest));
        return new Packet(micros, source, destination, content, frame);
    }

    private Content fragments(String key, boolean later, boolean more, java.util.function.Supplier<Content> whole) {
        if (later) {
            return new Content.Fragment(firstFragmentProtected.getOrDefault(key, false));
        }
        Content content = whole.get();
        if (more) {
            firstFragmentProtected.put(key, content.mayCross());
        }
        return content;
    }

    private static Content transport(int protocol, Bytes body) {
        return switch (protocol) {
            case ESP -> new Content.Esp(body.i32(0), unsigned(body, 4), false, body);
            case AH -> new Content.Ah(body.i32(4), unsigned(body, 8), body);
            case UDP -> udp(body.u16(0), body.u16(2), body.from(8));
            case TCP -> new Content.Clear("TCP %d > %d".formatted(body.u16(0), body.u16(2)));
            case ICMP -> new Content.Clear("ICMP type " + body.u8(0));
            case ICMPV6 -> icmpv6(body.u8(0));
            default -> new Content.Clear("IP protocol " + protocol);
        };
    }

    private static Content udp(int source, int destination, Bytes payload) {
        // Behind a NAT one port is anything, the other is still one of IKE's.
        if (source == NAT_PORT || destination == NAT_PORT) {
            if (payload.length() == 1 && payload.u8(0) == 0xff) {
                return new Content.Keepalive();
            }
            return payload.i32(0) == 0
                    ? new Content.Ike(payload.from(4), true)
                    : new Content.Esp(payload.i32(0), unsigned(payload, 4), true, payload);
        }
        if (source == IKE_PORT || destination == IKE_PORT) {
            return new Content.Ike(payload, false);
        }
        return new Content.Clear("UDP %d > %d".formatted(source, destination));
    }

    private static Content icmpv6(int type) {
        return switch (type) {
            case 130, 131, 132, 143 -> new Content.Neighbour("ICMPv6 group membership");
            case 133, 134, 135, 136, 137 -> new Content.Neighbour("ICMPv6 neighbour discovery");
            default -> new Content.Clear("ICMPv6 type " + type);
        };
    }

    private static long unsigned(Bytes body, int at) {
        return Integer.toUnsignedLong(body.i32(at));
    }

    private static String address(Bytes octets) {
        try {
            return InetAddress.getByAddress(octets.toArray()).getHostAddress();
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
