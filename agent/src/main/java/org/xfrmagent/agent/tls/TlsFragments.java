package org.xfrmagent.agent.tls;

import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.eap.MalformedEap;

/**
 * The pieces of a flight of TLS in the data of EAP-TLS (RFC 5216, section 3.1). Each piece but the last is acknowledged by an empty one.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |L M S 0 0 0 0 0|  TLS Message Length, with L                   |
 * |               |  TLS Data ...
 * </pre>
 */
final class TlsFragments {
    static final int LENGTH_INCLUDED = 0x80;
    static final int MORE = 0x40;
    static final int START = 0x20;

    /** Octets of TLS in a piece, as charon has it: with IKE and UDP around it, it fits any link. */
    static final int PIECE_OCTETS = 1024;

    /** Of a whole flight (R6, R7): a chain of certificates is a few thousand. */
    static final int MOST_OCTETS = 64 << 10;

    private Bytes outgoing = Bytes.empty();
    private int sent;
    private ByteWriter incoming = new ByteWriter();
    private int announced;

    /** One piece as it came. */
    record Piece(int flags, int announced, Bytes data) {
        /** @throws MalformedEap if it is none */
        static Piece read(Bytes octets) {
            ByteReader in = octets.reader();
            if (in.atEnd()) {
                throw new MalformedEap("an EAP-TLS message without flags");
            }
            int flags = in.u8();
            if ((flags & LENGTH_INCLUDED) == 0) {
                return new Piece(flags, 0, in.rest());
            }
            if (in.remaining() < 4) {
                throw new MalformedEap("an EAP-TLS message that is to have a length and has " + in.remaining() + " octets");
            }
            long length = in.u32();
            if (length > MOST_OCTETS || length < in.remaining()) {
                throw new MalformedEap("an EAP-TLS message of " + length + " octets, expected what it has or more, and at most " + MOST_OCTETS);
            }
            return new Piece(flags, (int) length, in.rest());
        }

        boolean isStart() {
            return (flags & START) != 0;
        }

        boolean hasMore() {
            return (flags & MORE) != 0;
        }

        /** Nothing but "go on". */
        boolean isAcknowledgement() {
            return (flags & (LENGTH_INCLUDED | MORE | START)) == 0 && data.isEmpty();
        }
    }

    /** The first piece of {@code flight}. */
    Bytes send(Bytes flight) {
        outgoing = flight;
        sent = 0;
        return next();
    }

    boolean hasMoreToSend() {
        return sent < outgoing.length();
    }

    Bytes next() {
        int length = Math.min(PIECE_OCTETS, outgoing.length() - sent);
        boolean first = sent == 0;
        boolean last = sent + length == outgoing.length();
        ByteWriter out = new ByteWriter(length + 5).u8((first && !last ? LENGTH_INCLUDED : 0) | (last ? 0 : MORE));
        if (first && !last) {
            out.i32(outgoing.length());
        }
        out.bytes(outgoing.slice(sent, sent + length));
        sent += length;
        return out.toBytes();
    }

    /**
     * Takes one more piece of the other end's flight.
     *
     * @throws MalformedEap if it does not fit those before it
     */
    void take(Piece piece) {
        if (piece.announced != 0) {
            if (announced != 0 && announced != piece.announced) {
                throw new MalformedEap("an EAP-TLS message of " + piece.announced + " octets, and before of " + announced);
            }
            announced = piece.announced;
        }
        int most = announced == 0 ? MOST_OCTETS : announced;
        if (piece.hasMore() && piece.data.isEmpty() || incoming.length() + piece.data.length() > most) {
            throw new MalformedEap("pieces of an EAP-TLS message with " + (incoming.length() + piece.data.length()) + " octets, expected at most " + most);
        }
        incoming.bytes(piece.data);
    }

    /** All pieces of the flight that is now complete. */
    Bytes taken() {
        if (announced != 0 && incoming.length() != announced) {
            throw new MalformedEap("an EAP-TLS message of " + incoming.length() + " octets, expected the announced " + announced);
        }
        Bytes flight = incoming.toBytes();
        incoming = new ByteWriter();
        announced = 0;
        return flight;
    }
}
