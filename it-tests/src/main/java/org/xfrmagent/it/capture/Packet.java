package org.xfrmagent.it.capture;

import org.xfrmagent.agent.bytes.Bytes;

/**
 * One captured packet.
 *
 * @param micros when, in microseconds since the epoch
 * @param source its IP address as {@link java.net.InetAddress#getHostAddress} spells it, empty for ARP
 * @param destination its IP address, likewise
 * @param frame all captured octets from the link header on
 */
public record Packet(long micros, String source, String destination, Content content, Bytes frame) {
    @Override
    public String toString() {
        String what = switch (content) {
            case Content.Esp esp -> "%s spi=%08x seq=%d".formatted(esp.inUdp() ? "ESP in UDP" : "ESP", esp.spi(), esp.sequence());
            case Content.Ah ah -> "AH spi=%08x seq=%d".formatted(ah.spi(), ah.sequence());
            case Content.Ike ike -> "IKE %s %s%s".formatted(ike.exchange(), ike.isResponse() ? "response" : "request",
                    ike.natPort() ? " on 4500" : "");
            case Content.Keepalive _ -> "NAT keepalive";
            case Content.Fragment fragment -> fragment.ofProtected() ? "fragment of a protected packet" : "fragment";
            case Content.Neighbour neighbour -> neighbour.what();
            case Content.Clear clear -> "CLEAR " + clear.what();
        };
        String where = source.isEmpty() ? "" : source + " > " + destination + ": ";
        return where + what + ", " + frame.length() + " octets";
    }
}
