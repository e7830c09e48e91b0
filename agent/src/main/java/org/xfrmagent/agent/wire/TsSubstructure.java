package org.xfrmagent.agent.wire;

import java.util.Arrays;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * One traffic selector, RFC 7296, section 3.13.1: a range of addresses and of ports, both ends included.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   TS Type     |IP Protocol ID |       Selector Length         |
 * |           Start Port          |           End Port            |
 * ~                         Starting Address                      ~
 * ~                         Ending Address                        ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param tsType see {@link TsType}
 * @param protocol IP protocol, 0 for any
 * @param startPort for ICMP the type in the upper, the code in the lower octet; OPAQUE is 65535 to 0, ANY is 0 to 65535
 * @param from 4 or 16 octets
 * @param to as long as {@code from} and not before it
 */
public record TsSubstructure(int tsType, int protocol, int startPort, int endPort, Bytes from, Bytes to) {
    static final int HEADER_LENGTH = 4;
    private static final int LAST_PORT = 0xffff;

    static TsSubstructure decode(TsType type, int protocol, Section in) {
        int startPort = in.u16();
        int endPort = in.u16();
        Bytes from = in.bytes(type.addressLength());
        Bytes to = in.bytes(type.addressLength());
        in.end();
        TsSubstructure selector = new TsSubstructure(type.number(), protocol, startPort, endPort, from, to);
        if (startPort > endPort && !selector.isOpaque()) {
            throw in.malformed("ports run backwards from " + startPort + " to " + endPort);
        }
        if (Arrays.compareUnsigned(from.toArray(), to.toArray()) > 0) {
            throw in.malformed("addresses run backwards from " + from + " to " + to);
        }
        return selector;
    }

    /** Ports that cannot be seen, as in fragments (RFC 4301, section 4.4.1.1). */
    public boolean isOpaque() {
        return startPort == LAST_PORT && endPort == 0;
    }

    void write(ByteWriter out) {
        out.u8(Field.u8("selector type", tsType))
                .u8(Field.u8("IP protocol", protocol))
                .u16(HEADER_LENGTH + 4 + from.length() + to.length())
                .u16(Field.u16("start port", startPort))
                .u16(Field.u16("end port", endPort))
                .bytes(from)
                .bytes(Field.octets("ending address", to, from.length()));
    }
}
