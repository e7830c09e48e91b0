package org.xfrmagent.agent.control;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * A vici message as octets. Each element starts with its kind:
 *
 * <pre>
 *   1 SECTION_START  u8 length, name                    ... elements ...   2 SECTION_END
 *   3 KEY_VALUE      u8 length, name, u16 length, value
 *   4 LIST_START     u8 length, name                    ( 5 LIST_ITEM  u16 length, value )*   6 LIST_END
 * </pre>
 *
 * Numbers are in network order. Lists hold items only. The root section has neither start nor end.
 */
final class ViciCodec {
    static final int MAX_NAME = 255;
    static final int MAX_VALUE = 65_535;
    /** Sections within sections: no client of ours needs more than five, and a stack is finite. */
    static final int MAX_DEPTH = 32;

    private static final int SECTION_START = 1;
    private static final int SECTION_END = 2;
    private static final int KEY_VALUE = 3;
    private static final int LIST_START = 4;
    private static final int LIST_ITEM = 5;
    private static final int LIST_END = 6;

    private ViciCodec() {}

    /** @throws IllegalArgumentException for a name or value that is too long to be written */
    static void write(ViciMessage message, ByteWriter out) {
        new Octets(out, Optional.empty()).addAll(message);
    }

    /**
     * Writes a message without making one first: a listing of thousands is mostly that.
     *
     * @throws IllegalArgumentException for a name or value that is too long to be written
     */
    static void write(Consumer<ViciMessage.Builder> fill, ByteWriter out, ListingMemory.Look memory) {
        fill.accept(new Octets(out, Optional.of(memory)));
    }

    private record Octets(ByteWriter out, Optional<ListingMemory.Look> memory) implements ViciMessage.Builder {
        @Override
        public ViciMessage.Builder put(String name, Bytes octets) {
            ViciCodec.name(out.u8(KEY_VALUE), name);
            value(out, name, octets);
            return this;
        }

        @Override
        public ViciMessage.Builder put(String name, String text) {
            ViciCodec.name(out.u8(KEY_VALUE), name);
            value(out, name, text);
            return this;
        }

        @Override
        public ViciMessage.Builder put(String name, long number) {
            ViciCodec.name(out.u8(KEY_VALUE), name);
            return number(number);
        }

        @Override
        public ViciMessage.Builder put(ViciMessage.Key key, long number) {
            out.bytes(key.start());
            return number(number);
        }

        private ViciMessage.Builder number(long number) {
            int length = out.length();
            out.u16(0).decimal(number);
            out.setU16(length, out.length() - length - 2);
            return this;
        }

        @Override
        public ViciMessage.Builder list(String name, Collection<String> items) {
            ViciCodec.name(out.u8(LIST_START), name);
            items.forEach(item -> value(out.u8(LIST_ITEM), name, item));
            out.u8(LIST_END);
            return this;
        }

        @Override
        public ViciMessage.Builder section(String name, Consumer<ViciMessage.Builder> fill) {
            ViciCodec.name(out.u8(SECTION_START), name);
            fill.accept(this);
            out.u8(SECTION_END);
            return this;
        }

        @Override
        public ViciMessage.Builder framed(ViciMessage.Framed section) {
            Optional<ListingMemory.Frame> known = memory.flatMap(look -> look.find(section.of()));
            if (known.isPresent()) {
                out.bytes(known.get().before());
                section.between(this);
                out.bytes(known.get().after());
                return this;
            }
            int start = out.length();
            ViciCodec.name(out.u8(SECTION_START), section.name());
            section.before(this);
            int split = out.length();
            section.between(this);
            int end = out.length();
            section.after(this);
            out.u8(SECTION_END);
            memory.ifPresent(look -> look.learn(section.of(), new ListingMemory.Frame(out.copyWithout(start, split, end), split - start)));
            return this;
        }

        @Override
        public ViciMessage.Builder add(ViciMessage.Element element) {
            switch (element) {
                case ViciMessage.Value(String name, Bytes octets) -> put(name, octets);
                case ViciMessage.Items(String name, List<Bytes> items) -> {
                    ViciCodec.name(out.u8(LIST_START), name);
                    items.forEach(item -> value(out.u8(LIST_ITEM), name, item));
                    out.u8(LIST_END);
                }
                case ViciMessage.Section(String name, ViciMessage content) -> section(name, inside -> inside.addAll(content));
            }
            return this;
        }
    }

    /** What stands in front of the value of that name. */
    static Bytes start(String name) {
        ByteWriter out = new ByteWriter().u8(KEY_VALUE);
        name(out, name);
        return out.toBytes();
    }

    static void name(ByteWriter out, String name) {
        int length = out.length();
        out.u8(0).text(name);
        int octets = out.length() - length - 1;
        if (octets > MAX_NAME) {
            throw new IllegalArgumentException("the name '" + name + "' has " + octets + " octets, at most " + MAX_NAME + " fit");
        }
        out.setU8(length, octets);
    }

    private static void value(ByteWriter out, String name, Bytes octets) {
        out.u16(fitting(name, octets.length())).bytes(octets);
    }

    private static void value(ByteWriter out, String name, String text) {
        int length = out.length();
        out.u16(0).text(text);
        out.setU16(length, fitting(name, out.length() - length - 2));
    }

    private static int fitting(String name, int octets) {
        if (octets > MAX_VALUE) {
            throw new IllegalArgumentException("'" + name + "' has " + octets + " octets, at most " + MAX_VALUE + " fit");
        }
        return octets;
    }

    /** Names are told again, in answers and events, so they must be what they were: what is no UTF-8 has no such text. */
    static String name(ByteReader in) throws MalformedVici {
        Bytes octets = take(in, take(in, 1).u8(0));
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets.toArray())).toString();
        } catch (CharacterCodingException other) {
            throw new MalformedVici("a name is not UTF-8");
        }
    }

    /** Reads all that is left as one message. */
    static ViciMessage read(ByteReader in) throws MalformedVici {
        return section(in, 0);
    }

    private static ViciMessage section(ByteReader in, int depth) throws MalformedVici {
        List<ViciMessage.Element> elements = new ArrayList<>();
        while (!in.atEnd()) {
            int kind = in.u8();
            switch (kind) {
                case KEY_VALUE -> elements.add(new ViciMessage.Value(name(in), value(in)));
                case LIST_START -> elements.add(new ViciMessage.Items(name(in), items(in)));
                case SECTION_START -> {
                    if (depth == MAX_DEPTH) {
                        throw new MalformedVici("sections are nested more than " + MAX_DEPTH + " deep");
                    }
                    elements.add(new ViciMessage.Section(name(in), section(in, depth + 1)));
                }
                case SECTION_END -> {
                    if (depth == 0) {
                        throw new MalformedVici("a section ends that never began");
                    }
                    return new ViciMessage(elements);
                }
                case LIST_ITEM, LIST_END -> throw new MalformedVici("a list item or list end stands outside a list");
                default -> throw new MalformedVici("there is no element of kind " + kind);
            }
        }
        if (depth > 0) {
            throw new MalformedVici("the message ends within a section");
        }
        return new ViciMessage(elements);
    }

    private static List<Bytes> items(ByteReader in) throws MalformedVici {
        List<Bytes> items = new ArrayList<>();
        while (true) {
            int kind = take(in, 1).u8(0);
            switch (kind) {
                case LIST_ITEM -> items.add(value(in));
                case LIST_END -> {
                    return items;
                }
                default -> throw new MalformedVici("a list holds an element of kind " + kind);
            }
        }
    }

    private static Bytes value(ByteReader in) throws MalformedVici {
        return take(in, take(in, 2).u16(0));
    }

    private static Bytes take(ByteReader in, int count) throws MalformedVici {
        if (in.remaining() < count) {
            throw new MalformedVici("an element needs " + count + " more octets, " + in.remaining() + " are left");
        }
        return in.bytes(count);
    }
}
