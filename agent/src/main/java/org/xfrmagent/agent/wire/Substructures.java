package org.xfrmagent.agent.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.xfrmagent.agent.bytes.ByteWriter;

/**
 * The list format that proposals and transforms share (RFC 7296, sections 3.3.1 and 3.3.2): each says whether another follows.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Last Substruc |   RESERVED    |     Substructure Length       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
final class Substructures {
    private static final int LAST = 0;
    private static final int HEADER_LENGTH = 4;

    private Substructures() {}

    /** Reads {@code in} to its end; {@code more} is what the first octet says when another one follows. */
    static <T> List<T> read(Section in, String name, int more, int limit, Function<Section, T> decoder) {
        List<T> list = new ArrayList<>();
        int mark;
        do {
            int ordinal = list.size() + 1;
            if (ordinal > limit) {
                throw in.malformed("more than " + limit + " " + name + "s");
            }
            mark = in.u8();
            if (mark != LAST && mark != more) {
                throw in.malformed(name + " " + ordinal + " begins with " + mark + ", expected " + LAST + " (last) or " + more + " (more)");
            }
            in.skip(1);
            int length = in.u16();
            if (length < HEADER_LENGTH) {
                throw in.malformed(name + " " + ordinal + " says its length is " + length);
            }
            list.add(decoder.apply(in.section(name, ordinal, length - HEADER_LENGTH)));
        } while (mark == more);
        in.end();
        return List.copyOf(list);
    }

    static <T> void write(ByteWriter out, int more, List<T> list, BiConsumer<T, ByteWriter> encoder) {
        for (int i = 0; i < list.size(); i++) {
            int start = out.length();
            out.u8(i + 1 < list.size() ? more : LAST).u8(0).u16(0);
            encoder.accept(list.get(i), out);
            out.setU16(start + 2, Field.u16("substructure length", out.length() - start));
        }
    }
}
