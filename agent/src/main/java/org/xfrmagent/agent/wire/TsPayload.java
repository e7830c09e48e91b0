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
 * @param labels TS_SECLABEL (RFC 9478, section 2.1), whatever they mean: one of them holds beside the address ranges
 * @param unknown selectors of types that we do not know: never chosen
 */
public record TsPayload(Role role, List<TsSubstructure> selectors, List<Bytes> labels, List<UnknownSelector> unknown) implements Payload {
    /** TS Type, RESERVED, Selector Length, and the label. */
    public static final int TS_SECLABEL = 10;

    /**
     * @param tsType none of {@link TsType}, and not {@link #TS_SECLABEL}
     * @param second the selector's second octet: a protocol, or reserved
     * @param body what follows the length field
     */
    public record UnknownSelector(int tsType, int second, Bytes body) {}

    public TsPayload {
        selectors = List.copyOf(selectors);
        labels = List.copyOf(labels);
        unknown = List.copyOf(unknown);
    }

    public TsPayload(Role role, List<TsSubstructure> selectors) {
        this(role, selectors, List.of(), List.of());
    }

    static TsPayload decode(Role role, Section body) {
        int count = body.u8();
        body.skip(3);
        if (count == 0) {
            throw body.malformed("announces no selector");
        }
        List<TsSubstructure> selectors = new ArrayList<>();
        List<Bytes> labels = new ArrayList<>();
        List<UnknownSelector> unknown = new ArrayList<>();
        for (int ordinal = 1; ordinal <= count; ordinal++) {
            int tsType = body.u8();
            int second = body.u8();
            int length = body.u16();
            if (length < TsSubstructure.HEADER_LENGTH) {
                throw body.malformed("selector " + ordinal + " says its length is " + length);
            }
            Section in = body.section("selector", ordinal, length - TsSubstructure.HEADER_LENGTH);
            if (tsType == TS_SECLABEL) {
                labels.add(in.rest());
            } else {
                TsType.byNumber(tsType).ifPresentOrElse(
                        known -> selectors.add(TsSubstructure.decode(known, second, in)),
                        () -> unknown.add(new UnknownSelector(tsType, second, in.rest())));
            }
        }
        body.end();
        return new TsPayload(role, selectors, labels, unknown);
    }

    @Override
    public int typeNumber() {
        return (role == Role.INITIATOR ? PayloadType.TS_INITIATOR : PayloadType.TS_RESPONDER).number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(Field.u8("number of selectors", selectors.size() + labels.size() + unknown.size())).zeros(3);
        selectors.forEach(selector -> selector.write(out));
        labels.forEach(label -> write(out, TS_SECLABEL, 0, label));
        unknown.forEach(selector -> write(out, selector.tsType, selector.second, selector.body));
    }

    private static void write(ByteWriter out, int type, int second, Bytes body) {
        out.u8(Field.u8("selector type", type))
                .u8(Field.u8("IP protocol", second))
                .u16(Field.u16("selector length", TsSubstructure.HEADER_LENGTH + body.length()))
                .bytes(body);
    }
}
