package org.xfrmagent.agent.wire.v1;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.wire.Section;

/**
 * A transform inside a proposal, RFC 2408, section 3.6.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Transform #  |  Transform-Id |           RESERVED2           |
 * ~                        SA Attributes                          ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param id KEY_IKE (1) in phase 1; the ESP or AH transform in phase 2 (RFC 2407, section 4.4)
 * @param attributes in phase 1 those of {@link OakleyAttribute}, in phase 2 those of {@link IpsecAttribute}
 */
public record TransformPayload(int number, int id, List<DataAttribute> attributes) {
    /** The only transform of phase 1 (RFC 2407, section 4.4.2). */
    public static final int KEY_IKE = 1;

    /** DEFLATE among those of IPComp (RFC 2407, section 4.4.5). */
    public static final int IPCOMP_DEFLATE = 2;

    public TransformPayload {
        attributes = List.copyOf(attributes);
    }

    static TransformPayload decode(Section in) {
        int number = in.u8();
        int id = in.u8();
        in.skip(2);
        return new TransformPayload(number, id, DataAttribute.readAll(in, V1Limits.ATTRIBUTES));
    }

    void write(ByteWriter out) {
        out.u8(number).u8(id).u16(0);
        attributes.forEach(attribute -> attribute.write(out));
    }

    /** The first attribute of a type as a number, if there is one. */
    public OptionalLong number(int type) {
        Optional<DataAttribute> found = attributes.stream().filter(attribute -> attribute.type() == type).findFirst();
        return found.isPresent() ? found.get().number() : OptionalLong.empty();
    }
}
