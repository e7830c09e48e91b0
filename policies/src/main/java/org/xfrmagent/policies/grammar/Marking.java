package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Scalars.anyOf;
import static org.xfrmagent.policies.grammar.Scalars.explained;
import static org.xfrmagent.policies.grammar.Scalars.schema;
import static org.xfrmagent.policies.grammar.Scalars.string;

import org.xfrmagent.policies.model.InterfaceIds.InterfaceId;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.MarkChoice;

/** Shapes of what tells packets apart: marks and ids of XFRM interfaces. */
final class Marking {
    private static final String UNIQUE = "unique";
    private static final String PER_DIRECTION = "unique-dir";
    private static final String SAME = "same";
    private static final String NUMBERS = "[0-9xXa-fA-F]+(/[0-9xXa-fA-F]+)?$";

    private Marking() {}

    /** One by which packets are told. */
    static Shape<MarkChoice> matched() {
        return explained("a mark such as 42 or 0x10/0xff", Marking::parseMatched,
                anyOf(schema("type", "integer", "minimum", 0), string("^" + NUMBERS), string("^" + UNIQUE + "(-dir)?(/[0-9xXa-fA-F]+)?$")));
    }

    /** One that packets get. */
    static Shape<MarkChoice> set() {
        return explained("a mark such as 42 or 0x10/0xff, or 'same'", Marking::parseSet,
                anyOf(schema("type", "integer", "minimum", 0), string("^" + NUMBERS), string("^" + SAME + "(/[0-9xXa-fA-F]+)?$")));
    }

    private static MarkChoice parseMatched(String text) {
        String[] parts = parts(text);
        return switch (parts[0]) {
            case UNIQUE -> new MarkChoice.Unique(false, mask(parts));
            case PER_DIRECTION -> new MarkChoice.Unique(true, mask(parts));
            default -> number(text, parts);
        };
    }

    private static MarkChoice parseSet(String text) {
        String[] parts = parts(text);
        return parts[0].equals(SAME) ? new MarkChoice.Same(mask(parts)) : number(text, parts);
    }

    private static String[] parts(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length > 2) {
            throw new IllegalArgumentException("'" + text + "' has more than one '/'");
        }
        return parts;
    }

    private static int mask(String[] parts) {
        return parts.length == 2 ? Values.word32(parts[1]) : MarkChoice.ALL_BITS;
    }

    private static Mark number(String text, String[] parts) {
        int mask = mask(parts);
        int value = Values.word32(parts[0]);
        if ((value & ~mask) != 0) {
            throw new IllegalArgumentException("'" + text + "' has bits outside its mask and would match nothing");
        }
        return new Mark(value, mask);
    }

    /** An XFRM interface id: not 0, which the kernel takes for none. */
    static Shape<InterfaceId> interfaceId() {
        return explained("a number from 1 to 4294967295, 'unique' or 'unique-dir'", text -> switch (text) {
            case UNIQUE -> new InterfaceId.Unique(false);
            case PER_DIRECTION -> new InterfaceId.Unique(true);
            default -> new InterfaceId.Fixed(Values.interfaceNumber(text));
        }, anyOf(schema("type", "integer", "minimum", 1, "maximum", 4294967295L), string("^0x[0-9a-fA-F]{1,8}$"), string("^unique(-dir)?$")));
    }
}
