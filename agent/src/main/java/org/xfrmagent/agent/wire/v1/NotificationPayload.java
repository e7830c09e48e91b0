package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Section;

/**
 * Notification, RFC 2408, section 3.14.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |              Domain of Interpretation  (DOI)                  |
 * |  Protocol-ID  |   SPI Size    |      Notify Message Type      |
 * ~                Security Parameter Index (SPI)                 ~
 * ~                       Notification Data                       ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param spi of ISAKMP the two cookies, or nothing
 * @param type see {@link NotifyType}; below 16384 an error, else a status
 */
public record NotificationPayload(int protocolId, Bytes spi, int type, Bytes data) implements Payload {
    /** About an SA of phase 2, or with two cookies about the ISAKMP SA. */
    public static NotificationPayload of(int protocolId, Bytes spi, NotifyType type, Bytes data) {
        return new NotificationPayload(protocolId, spi, type.number(), data);
    }

    static NotificationPayload decode(Section body) {
        Doi.readEither(body);
        int protocolId = body.u8();
        int spiSize = body.u8();
        int type = body.u16();
        if (spiSize > V1Limits.SPI_OCTETS) {
            throw body.malformed("an SPI of " + spiSize + " octets");
        }
        return new NotificationPayload(protocolId, body.bytes(spiSize), type, body.rest());
    }

    public boolean is(NotifyType kind) {
        return type == kind.number();
    }

    /** Also true for error types that we do not know. */
    public boolean isError() {
        return NotifyType.isError(type);
    }

    @Override
    public int typeNumber() {
        return PayloadType.NOTIFICATION.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.i32(Doi.IPSEC).u8(protocolId).u8(spi.length()).u16(type).bytes(spi).bytes(data);
    }
}
