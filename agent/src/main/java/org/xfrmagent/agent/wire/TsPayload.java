package org.xfrmagent.agent.wire;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Traffic Selector, RFC 7296, section 3.13: TSi or TSr.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Number of TSs |                 RESERVED                      |
 * ~                       &lt;Traffic Selectors&gt;                     ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param selectors address ranges, in the sender's order
 * @param unknown selectors of types that we do not know, such as TS_SECLABEL (RFC 9478): never chosen
 */
public record TsPayload(Role role, List<TsSubstructure> selectors, List<UnknownSelector> unknown) implements Payload {
    /**
     * @param tsType none of {@link TsType}
     * @param second the selector's second octet: a protocol, or reserved
     * @param body what follows the length field
     */
    public record UnknownSelector(int tsType, int second, Bytes body) {}

    public TsPayload {
        selectors = List.copyOf(selectors);
        unknown = List.copyOf(unknown);
    }

    public TsPayload(Role role, List<TsSubstructure> selectors) {
        this(role, selectors, List.of());
    }

    static TsPayload decode(Role role, Section body) {
        int count = body.u8();
        body.skip(3);
        if (count == 0) {
            throw body.malformed("announces no selector");
        }
        List<TsSubstructure> selectors = new ArrayList<>();
        List<UnknownSelector> unknown = new ArrayList<>();
        for (int ordinal = 1; ordinal <= count; ordinal++) {
            int tsType = body.u8();
            int second = body.u8();
            int length = body.u16();
            if (length < TsSubstructure.HEADER_LENGTH) {
                throw body.malformed("selector " + ordinal + " says its length is " + length);
            }
            Section in = body.section("selector", ordinal, length - TsSubstructure.HEADER_LENGTH);
            TsType.byNumber(tsType).ifPresentOrElse(
                    known -> selectors.add(TsSubstructure.decode(known, second, in)),
                    () -> unknown.add(new UnknownSelector(tsType, second, in.rest())));
        }
        body.end();
        return new TsPayload(role, selectors, unknown);
    }

    @Override
    public int typeNumber() {
        return (role == Role.INITIATOR ? PayloadType.TS_INITIATOR : PayloadType.TS_RESPONDER).number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(Field.u8("number of selectors", selectors.size() + unknown.size())).zeros(3);
        selectors.forEach(selector -> selector.write(out));
        for (UnknownSelector selector : unknown) {
            out.u8(Field.u8("selector type", selector.tsType))
                    .u8(Field.u8("IP protocol", selector.second))
                    .u16(Field.u16("selector length", TsSubstructure.HEADER_LENGTH + selector.body.length()))
                    .bytes(selector.body);
        }
    }
}
