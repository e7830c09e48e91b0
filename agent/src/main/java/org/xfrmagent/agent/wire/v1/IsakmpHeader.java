package org.xfrmagent.agent.wire.v1;

import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/**
 * The ISAKMP header, RFC 2408, section 3.1.
 *
 * <pre>
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     Initiator Cookie (8)                      |
 * |                     Responder Cookie (8)                      |
 * |  Next Payload | MjVer | MnVer | Exchange Type |x x x x x A C E|
 * |                          Message ID                           |
 * |                            Length                             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param nextPayload the type of the first payload; the encoder sets it
 * @param exchange the exchange type's number, which may be unknown to {@link IsakmpExchange}
 * @param encrypted the E bit: what follows is encrypted
 * @param commit the C bit: the sender wants us to wait for its CONNECTED
 * @param messageId 0 in phase 1, otherwise unique under one ISAKMP SA
 * @param length octets of header and payloads; the encoder sets it
 */
public record IsakmpHeader(
        long initiatorCookie,
        long responderCookie,
        int nextPayload,
        int exchange,
        boolean encrypted,
        boolean commit,
        int messageId,
        int length) {
    /** Octets. */
    public static final int LENGTH = 28;

    /** The major version that this header announces. */
    public static final int MAJOR_VERSION = 1;

    private static final int VERSION = 0x10;
    private static final int ENCRYPTION_BIT = 0x01;
    private static final int COMMIT_BIT = 0x02;

    /** A header for the encoder, which fills in next payload and length. */
    public static IsakmpHeader of(
            long initiatorCookie, long responderCookie, IsakmpExchange exchange, boolean encrypted, int messageId) {
        return new IsakmpHeader(
                initiatorCookie, responderCookie, 0, exchange.number(), encrypted, false, messageId, LENGTH);
    }

    /**
     * Reads the header alone, so that a datagram finds its session.
     *
     * @throws org.xfrmagent.agent.wire.Malformed if it is not one of version 1, or its length is not the datagram's
     */
    public static IsakmpHeader peek(Bytes datagram) {
        return read(Section.of("ISAKMP header", datagram), datagram.length());
    }

    static IsakmpHeader read(Section in, int datagramLength) {
        long initiatorCookie = in.i64();
        long responderCookie = in.i64();
        int nextPayload = in.u8();
        int version = in.u8();
        int exchange = in.u8();
        int flags = in.u8();
        int messageId = in.i32();
        long length = in.u32();
        if (version >>> 4 != MAJOR_VERSION) {
            throw in.malformed("is of IKE version " + (version >>> 4) + ", expected " + MAJOR_VERSION);
        }
        if (length != datagramLength || length > Limits.MESSAGE_OCTETS) {
            throw in.malformed("the length field says " + length + ", the datagram has " + datagramLength + " octets");
        }
        return new IsakmpHeader(
                initiatorCookie,
                responderCookie,
                nextPayload,
                exchange,
                (flags & ENCRYPTION_BIT) != 0,
                (flags & COMMIT_BIT) != 0,
                messageId,
                (int) length);
    }

    void write(ByteWriter out) {
        int flags = (encrypted ? ENCRYPTION_BIT : 0) | (commit ? COMMIT_BIT : 0);
        out.i64(initiatorCookie)
                .i64(responderCookie)
                .u8(nextPayload)
                .u8(VERSION)
                .u8(exchange)
                .u8(flags)
                .i32(messageId)
                .i32(length);
    }

    /** This header before a first payload of the given type, in a message of that many octets. */
    IsakmpHeader sized(int firstPayload, int messageLength) {
        return new IsakmpHeader(
                initiatorCookie, responderCookie, firstPayload, exchange, encrypted, commit, messageId, messageLength);
    }

    /** The same with the commit bit set. */
    public IsakmpHeader committing() {
        return new IsakmpHeader(initiatorCookie, responderCookie, nextPayload, exchange, encrypted, true, messageId, length);
    }

    /** Empty if the number is not one we know. */
    public Optional<IsakmpExchange> exchangeType() {
        return IsakmpExchange.byNumber(exchange);
    }
}
