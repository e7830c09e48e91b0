package org.xfrmagent.agent.wire;

import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Notify, RFC 7296, section 3.10.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Protocol ID  |   SPI Size    |      Notify Message Type      |
 * ~                Security Parameter Index (SPI)                 ~
 * ~                       Notification Data                       ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param protocolId what the SPI belongs to, {@link ProtocolId#NONE} without one; then ignored on receipt
 * @param spi empty, or as long as the protocol's SPIs are
 * @param type see {@link Notify}; below 16384 an error, else a status
 * @param data as long as {@link Notify} says for the types it bounds; read with {@link NotifyData}
 */
public record NotifyPayload(int protocolId, Bytes spi, int type, Bytes data) implements Payload {
    /** A notification without SPI and data. */
    public static NotifyPayload of(Notify type) {
        return of(type, Bytes.empty());
    }

    /** A notification without SPI. */
    public static NotifyPayload of(Notify type, Bytes data) {
        return new NotifyPayload(ProtocolId.NONE, Bytes.empty(), type.number(), data);
    }

    /** A notification about one SA, as REKEY_SA and CHILD_SA_NOT_FOUND are. */
    public static NotifyPayload about(ProtocolId protocol, Bytes spi, Notify type) {
        return new NotifyPayload(protocol.number(), spi, type.number(), Bytes.empty());
    }

    static NotifyPayload decode(Section body) {
        int protocolId = body.u8();
        int spiSize = body.u8();
        int type = body.u16();
        int expected = ProtocolId.byNumber(protocolId).map(ProtocolId::spiLength).orElse(0);
        if (spiSize != 0 && spiSize != expected) {
            throw body.malformed("an SPI of " + spiSize + " octets for protocol " + protocolId);
        }
        Bytes spi = body.bytes(spiSize);
        Optional<Notify> known = Notify.byNumber(type);
        Bytes data = known.isPresent()
                ? body.rest("the data of " + known.get(), known.get().minLength(), known.get().maxLength())
                : body.rest();
        return new NotifyPayload(protocolId, spi, type, data);
    }

    /** Empty if the type is not one we know: to be ignored if a status, a failure if an error. */
    public Optional<Notify> kind() {
        return Notify.byNumber(type);
    }

    public boolean is(Notify kind) {
        return type == kind.number();
    }

    /** Also true for error types that we do not know (RFC 7296, section 3.10.1). */
    public boolean isError() {
        return Notify.isError(type);
    }

    @Override
    public int typeNumber() {
        return PayloadType.NOTIFY.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(Field.u8("protocol id", protocolId))
                .u8(Field.u8("SPI size", spi.length()))
                .u16(Field.u16("notify type", type))
                .bytes(spi)
                .bytes(data);
    }
}
