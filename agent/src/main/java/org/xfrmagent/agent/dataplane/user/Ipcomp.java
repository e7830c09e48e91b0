package org.xfrmagent.agent.dataplane.user;

import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Compresses and decompresses what ESP or AH carries (RFC 3173), with DEFLATE (RFC 2394). It keeps nothing from one packet to the next, so
 * that one serves all SAs. What it needs for that, some 300 KiB, it takes with the first packet.
 *
 * <pre>
 *   0                 1           2         4
 *   | next header (1) | flags (1) | CPI (2) | DEFLATE, without a header of its own ... |
 * </pre>
 */
final class Ipcomp {
    static final int PROTOCOL = 108;
    static final int HEADER = 4;
    /** Shorter ones gain nothing that would be worth the work (RFC 3173, section 2.2); Linux has the same number. */
    static final int SHORTEST = 90;
    /** Of an IP packet. What a peer sends may claim to be any size: nothing beyond is unpacked. */
    private static final int LONGEST = 0xffff;

    private Optional<Deflater> deflating = Optional.empty();
    private Optional<Inflater> inflating = Optional.empty();
    private byte[] unpacked = new byte[0];

    /** What an IPComp packet carries. */
    static final class Payload {
        private final byte[] octets;
        private final int nextHeader;

        private Payload(byte[] octets, int nextHeader) {
            this.octets = octets;
            this.nextHeader = nextHeader;
        }

        byte[] octets() {
            return octets;
        }

        int nextHeader() {
            return nextHeader;
        }
    }

    /** The packet with its header; empty if it would not be shorter than {@code length}, and is to be sent as it is. */
    synchronized Optional<byte[]> compress(int cpi, int nextHeader, byte[] from, int at, int length) {
        if (length < SHORTEST) {
            return Optional.empty();
        }
        Deflater deflater = deflating.orElseGet(() -> new Deflater(Deflater.BEST_SPEED, true));
        deflating = Optional.of(deflater);
        byte[] packed = new byte[length - 1];
        deflater.reset();
        deflater.setInput(from, at, length);
        deflater.finish();
        int octets = deflater.deflate(packed, HEADER, packed.length - HEADER);
        if (!deflater.finished()) {
            return Optional.empty();
        }
        packed[0] = (byte) nextHeader;
        Octets.putU16(packed, 2, cpi);
        return Optional.of(Arrays.copyOf(packed, HEADER + octets));
    }

    /** @return empty if it is not whole, or longer than any IP packet */
    synchronized Optional<Payload> decompress(byte[] packet, int at, int length) {
        if (length <= HEADER) {
            return Optional.empty();
        }
        Inflater inflater = inflating.orElseGet(() -> new Inflater(true));
        if (inflating.isEmpty()) {
            inflating = Optional.of(inflater);
            unpacked = new byte[LONGEST];
        }
        inflater.reset();
        inflater.setInput(packet, at + HEADER, length - HEADER);
        try {
            int octets = inflater.inflate(unpacked);
            return inflater.finished() ? Optional.of(new Payload(Arrays.copyOf(unpacked, octets), Octets.u8(packet, at))) : Optional.empty();
        } catch (DataFormatException broken) {
            return Optional.empty();
        }
    }

    static int cpi(byte[] packet, int at) {
        return Octets.u16(packet, at + 2);
    }
}
