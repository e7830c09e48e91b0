package org.xfrmagent.netlink.netlink;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The attributes of a message or of a nested attribute, in their order. */
public final class Attributes {
    /** Above the type's 14 bits: NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
    private static final int TYPE = 0x3fff;

    private static final int HEADER = 4;

    private final List<Attribute> all;

    private Attributes(List<Attribute> all) {
        this.all = all;
    }

    /**
     * Reads attributes to the end. An attribute shorter than its header or longer than what is left is malformed; each takes at
     * least its header, so this always ends.
     */
    public static Attributes read(StructReader from) throws MalformedMessage {
        List<Attribute> all = new ArrayList<>();
        while (from.remaining() >= HEADER) {
            int length = from.u16();
            int type = from.u16() & TYPE;
            if (length < HEADER || length - HEADER > from.remaining()) {
                throw new MalformedMessage("attribute " + type + " of " + length + " octets where " + (from.remaining() + HEADER)
                        + " are left");
            }
            int size = length - HEADER;
            Attribute attribute = new Attribute(type, from.bytes(size));
            all.add(attribute);
            from.skip(Math.min(-size & 3, from.remaining()));
        }
        return new Attributes(all);
    }

    public List<Attribute> all() {
        return Collections.unmodifiableList(all);
    }

    /** The first attribute of {@code type}. */
    public Optional<Attribute> find(int type) {
        for (Attribute attribute : all) {
            if (attribute.type() == type) {
                return Optional.of(attribute);
            }
        }
        return Optional.empty();
    }

    /** The value of a 32-bit attribute, or {@code otherwise} if it is absent. */
    public int u32(int type, int otherwise) throws MalformedMessage {
        Optional<Attribute> found = find(type);
        return found.isPresent() ? found.get().content().u32() : otherwise;
    }

    /** The text of a string attribute, or an empty one if it is absent. */
    public String text(int type) throws MalformedMessage {
        Optional<Attribute> found = find(type);
        return found.isPresent() ? found.get().text() : "";
    }

    /** The attributes inside attribute {@code type}; none if it is absent. */
    public Attributes nested(int type) throws MalformedMessage {
        Optional<Attribute> found = find(type);
        return found.isPresent() ? read(found.get().content()) : new Attributes(List.of());
    }
}
