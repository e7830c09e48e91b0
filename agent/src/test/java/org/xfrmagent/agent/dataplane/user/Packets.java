package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.xfrmagent.policies.model.Ip;

/** Small packets to test with. */
final class Packets {
    private static final byte[] TEXT = "what is said inside".getBytes(StandardCharsets.US_ASCII);

    private Packets() {}

    private static byte[] ip(String from, String to, int protocol, byte[] upper) {
        InetAddress source = Ip.parse(from).orElseThrow();
        InetAddress destination = Ip.parse(to).orElseThrow();
        int front = OuterHeader.length(source);
        byte[] packet = new byte[front + upper.length];
        OuterHeader.write(packet, source, destination, protocol, packet.length, 0, false, 77);
        System.arraycopy(upper, 0, packet, front, upper.length);
        return packet;
    }

    static byte[] udp(String from, String to, int sourcePort, int destinationPort) {
        byte[] upper = new byte[8 + TEXT.length];
        Octets.putU16(upper, 0, sourcePort);
        Octets.putU16(upper, 2, destinationPort);
        Octets.putU16(upper, 4, upper.length);
        System.arraycopy(TEXT, 0, upper, 8, TEXT.length);
        return ip(from, to, 17, upper);
    }

    static byte[] tcp(String from, String to, int sourcePort, int destinationPort) {
        byte[] upper = new byte[20];
        Octets.putU16(upper, 0, sourcePort);
        Octets.putU16(upper, 2, destinationPort);
        upper[12] = 0x50;
        return ip(from, to, 6, upper);
    }

    static byte[] icmp(String from, String to, int type, int code) {
        return ip(from, to, 1, new byte[] {(byte) type, (byte) code, 0, 0, 0, 1, 0, 1});
    }

    /** The same packet as if it were the second fragment of something. */
    static byte[] laterFragment(byte[] packet) {
        byte[] fragment = packet.clone();
        Octets.putU16(fragment, 6, 185);
        OuterHeader.checksumV4(fragment, 20);
        return fragment;
    }

    /** An IPv6 packet with these headers between the fixed one and the upper layer: pairs of number and content. */
    static byte[] extended(int upperProtocol, byte[] upper, int firstExtension, byte[]... extensions) {
        int length = upper.length;
        for (byte[] extension : extensions) {
            length += extension.length;
        }
        byte[] packet = ip("fd01::1", "fd02::1", firstExtension, new byte[length]);
        int at = IpHeader.V6_LENGTH;
        for (byte[] extension : extensions) {
            System.arraycopy(extension, 0, packet, at, extension.length);
            at += extension.length;
        }
        System.arraycopy(upper, 0, packet, at, upper.length);
        if (extensions.length == 0) {
            packet[6] = (byte) upperProtocol;
        }
        return packet;
    }
}
