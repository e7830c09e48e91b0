package org.xfrmagent.agent.wire;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;

/**
 * Configuration, CP, RFC 7296, section 3.15.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   CFG Type    |                    RESERVED                   |
 * ~                   Configuration Attributes                    ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param cfgType see {@link ConfigType}
 */
public record ConfigurationPayload(int cfgType, List<ConfigAttribute> attributes) implements Payload {
    public ConfigurationPayload {
        attributes = List.copyOf(attributes);
    }

    static ConfigurationPayload decode(Section body) {
        int cfgType = body.u8();
        body.skip(3);
        List<ConfigAttribute> attributes = new ArrayList<>();
        while (!body.atEnd()) {
            if (attributes.size() == Limits.CONFIG_ATTRIBUTES) {
                throw body.malformed("more than " + Limits.CONFIG_ATTRIBUTES + " attributes");
            }
            attributes.add(ConfigAttribute.decode(body));
        }
        return new ConfigurationPayload(cfgType, attributes);
    }

    @Override
    public int typeNumber() {
        return PayloadType.CONFIGURATION.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(Field.u8("CFG type", cfgType)).zeros(3);
        attributes.forEach(attribute -> attribute.write(out));
    }
}
