package org.xfrmagent.agent.wire.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.wire.Section;

/** Proposals in an SA and transforms in a proposal: payloads with the usual generic header, all of one type. */
final class Nested {
    private Nested() {}

    /** Reads {@code in} to its end; {@code type} is what the first octet says when another one follows, else it is 0. */
    static <T> List<T> read(Section in, String name, int type, int limit, Function<Section, T> decoder) {
        List<T> list = new ArrayList<>();
        int next;
        do {
            int ordinal = list.size() + 1;
            if (ordinal > limit) {
                throw in.malformed("more than " + limit + " " + name + "s");
            }
            next = in.u8();
            if (next != PayloadType.NONE && next != type) {
                throw in.malformed(name + " " + ordinal + " is followed by payload " + next + ", expected 0 (none) or " + type);
            }
            in.skip(1);
            int length = in.u16();
            if (length < Payload.GENERIC_HEADER_LENGTH) {
                throw in.malformed(name + " " + ordinal + " says its length is " + length);
            }
            list.add(decoder.apply(in.section(name, ordinal, length - Payload.GENERIC_HEADER_LENGTH)));
        } while (next == type);
        in.end();
        return List.copyOf(list);
    }

    static <T> void write(ByteWriter out, int type, List<T> list, BiConsumer<T, ByteWriter> encoder) {
        for (int i = 0; i < list.size(); i++) {
            int start = out.length();
            out.u8(i + 1 < list.size() ? type : PayloadType.NONE).u8(0).u16(0);
            encoder.accept(list.get(i), out);
            out.setU16(start + 2, out.length() - start);
        }
    }
}
