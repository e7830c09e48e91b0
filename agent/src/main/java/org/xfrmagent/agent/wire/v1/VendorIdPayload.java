package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Section;

/** Vendor ID, RFC 2408, section 3.16; those that mean something to us are in {@link VendorId}. */
public record VendorIdPayload(Bytes data) implements Payload {
    static VendorIdPayload decode(Section body) {
        return new VendorIdPayload(body.rest("the vendor id", 0, V1Limits.VENDOR_ID_OCTETS));
    }

    @Override
    public int typeNumber() {
        return PayloadType.VENDOR_ID.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(data);
    }
}
