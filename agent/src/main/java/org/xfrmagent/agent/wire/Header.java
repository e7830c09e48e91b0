package org.xfrmagent.agent.wire;

import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * The IKE header, RFC 7296, section 3.1.
 *
 * <pre>
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                   IKE SA Initiator's SPI (8)                  |
 * |                   IKE SA Responder's SPI (8)                  |
 * |  Next Payload | MjVer | MnVer | Exchange Type |x x R V I x x x|
 * |                          Message ID                           |
 * |                            Length                             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>The x bits are sent as zero and ignored on receipt. A zero initiator SPI is left to the engine: an INVALID_SPI sent
 * outside an IKE SA may have one (section 1.5).
 *
 * @param nextPayload the type of the first payload, 0 for none; the encoder sets it
 * @param version the octet as on the wire: major version in the upper, minor in the lower four bits
 * @param exchange the exchange type's number, which may be unknown to {@link ExchangeType}
 * @param initiator the I bit: the sender is the original initiator of the IKE SA
 * @param response the R bit
 * @param versionFlag the V bit: the sender could speak a higher major version
 * @param messageId 32 bits, unsigned
 * @param length octets of header and payloads; the encoder sets it
 */
public record Header(
        long initiatorSpi,
        long responderSpi,
        int nextPayload,
        int version,
        int exchange,
        boolean initiator,
        boolean response,
        boolean versionFlag,
        int messageId,
        int length) {
    /** Octets. */
    public static final int LENGTH = 28;

    /** The version octet of IKEv2: 2.0. */
    public static final int IKEV2 = 0x20;

    private static final int INITIATOR_BIT = 0x08;
    private static final int VERSION_BIT = 0x10;
    private static final int RESPONSE_BIT = 0x20;

    /** An IKEv2 header for the encoder, which fills in next payload and length. */
    public static Header of(
            long initiatorSpi, long responderSpi, ExchangeType exchange, boolean initiator, boolean response, int messageId) {
        return new Header(
                initiatorSpi, responderSpi, 0, IKEV2, exchange.number(), initiator, response, false, messageId, LENGTH);
    }

    /**
     * Reads the header alone, of any major version, so that a datagram finds its session. The length field must say how long
     * the datagram is.
     *
     * @throws Malformed if it does not, or the datagram is shorter than a header
     */
    public static Header peek(Bytes datagram) {
        return read(Section.of("IKE header", datagram), datagram.length());
    }

    static Header read(Section in, int datagramLength) {
        long initiatorSpi = in.i64();
        long responderSpi = in.i64();
        int nextPayload = in.u8();
        int version = in.u8();
        int exchange = in.u8();
        int flags = in.u8();
        int messageId = in.i32();
        long length = in.u32();
        if (length != datagramLength || length > Limits.MESSAGE_OCTETS) {
            throw in.malformed("the length field says " + length + ", the datagram has " + datagramLength + " octets");
        }
        return new Header(
                initiatorSpi,
                responderSpi,
                nextPayload,
                version,
                exchange,
                (flags & INITIATOR_BIT) != 0,
                (flags & RESPONSE_BIT) != 0,
                (flags & VERSION_BIT) != 0,
                messageId,
                (int) length);
    }

    void write(ByteWriter out) {
        int flags = (initiator ? INITIATOR_BIT : 0) | (versionFlag ? VERSION_BIT : 0) | (response ? RESPONSE_BIT : 0);
        out.i64(initiatorSpi)
                .i64(responderSpi)
                .u8(nextPayload)
                .u8(version)
                .u8(exchange)
                .u8(flags)
                .i32(messageId)
                .i32(length);
    }

    /** This header before a first payload of the given type, in a message of that many octets. */
    public Header sized(int firstPayload, int messageLength) {
        return new Header(
                initiatorSpi,
                responderSpi,
                firstPayload,
                version,
                exchange,
                initiator,
                response,
                versionFlag,
                messageId,
                messageLength);
    }

    public int majorVersion() {
        return version >>> 4;
    }

    public int minorVersion() {
        return version & 0x0f;
    }

    /** Empty if the number is not one we know. */
    public Optional<ExchangeType> exchangeType() {
        return ExchangeType.byNumber(exchange);
    }
}
