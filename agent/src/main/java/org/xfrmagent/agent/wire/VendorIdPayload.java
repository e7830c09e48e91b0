package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Vendor ID, RFC 7296, section 3.12: a constant by which an implementation recognises its own kind.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ~                        Vendor ID (VID)                        ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public record VendorIdPayload(Bytes vendorId) implements Payload {
    static VendorIdPayload decode(Section body) {
        return new VendorIdPayload(body.rest());
    }

    @Override
    public int typeNumber() {
        return PayloadType.VENDOR_ID.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(vendorId);
    }
}
