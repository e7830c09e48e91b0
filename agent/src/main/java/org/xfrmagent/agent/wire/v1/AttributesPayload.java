package org.xfrmagent.agent.wire.v1;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/**
 * Attributes of Mode Config and XAUTH, draft-ietf-ipsec-isakmp-mode-cfg, section 3.2.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |   RESERVED    |           Identifier          |
 * ~                           Attributes                          ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param type 1 request, 2 reply, 3 set, 4 acknowledgement
 */
public record AttributesPayload(int type, int identifier, List<DataAttribute> attributes) implements Payload {
    public AttributesPayload {
        attributes = List.copyOf(attributes);
    }

    static AttributesPayload decode(Section body) {
        int type = body.u8();
        body.skip(1);
        int identifier = body.u16();
        return new AttributesPayload(type, identifier, DataAttribute.readAll(body, Limits.CONFIG_ATTRIBUTES));
    }

    /** The value of the first attribute of a type. */
    public Optional<Bytes> value(int wanted) {
        return attributes.stream().filter(attribute -> attribute.type() == wanted).map(DataAttribute::value).findFirst();
    }

    /** The same as a number. */
    public OptionalLong number(int wanted) {
        return attributes.stream()
                .filter(attribute -> attribute.type() == wanted)
                .findFirst()
                .map(DataAttribute::number)
                .orElseGet(OptionalLong::empty);
    }

    @Override
    public int typeNumber() {
        return PayloadType.ATTRIBUTES.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(type).u8(0).u16(identifier);
        attributes.forEach(attribute -> attribute.write(out));
    }

    /** Types and sizes only: a value may be a password. */
    @Override
    public String toString() {
        return "AttributesPayload[" + type + ", " + attributes.size() + " attributes]";
    }
}
