package org.xfrmagent.netlink.route;

import java.util.Optional;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;

/**
 * Which packets ask which routing table.
 *
 * @param family IPv4 or IPv6
 * @param priority lower comes first
 * @param table the table to ask; 0 if the rule does something else
 * @param mark packets with this mark only
 * @param inverted packets without the mark instead
 */
public record Rule(AddressFamily family, int priority, int table, Optional<Mark> mark, boolean inverted) {
    /** The bits of a packet's mark that {@code mask} selects must equal {@code value}. */
    public record Mark(int value, int mask) {}

    private static final int FRA_PRIORITY = 6;
    private static final int FRA_FWMARK = 10;
    private static final int FRA_TABLE = 15;
    private static final int FRA_FWMASK = 16;
    private static final int FR_ACT_TO_TBL = 1;
    private static final int FIB_RULE_INVERT = 2;

    /** All packets. */
    public static Rule of(AddressFamily family, int priority, int table) {
        return new Rule(family, priority, table, Optional.empty(), false);
    }

    /**
     * <pre>
     * struct fib_rule_hdr { u8 family, dst_len, src_len, tos, table, res1, res2, action; u32 flags; }   12 octets, then attributes
     * </pre>
     */
    StructWriter body(boolean deleting) {
        StructWriter out = new StructWriter(64);
        out.u8(family.number()).zeros(3).u8(table > 255 ? 0 : table).zeros(2).u8(deleting ? 0 : FR_ACT_TO_TBL);
        out.u32(inverted ? FIB_RULE_INVERT : 0);
        mark.ifPresent(wanted -> out.attribute(FRA_FWMARK, wanted.value()).attribute(FRA_FWMASK, wanted.mask()));
        out.attribute(FRA_PRIORITY, priority);
        if (table > 255) {
            out.attribute(FRA_TABLE, table);
        }
        return out;
    }

    static Rule read(StructReader from) throws MalformedMessage {
        AddressFamily family = AddressFamily.of(from.u8());
        int table = from.skip(3).u8();
        boolean asksTable = from.skip(2).u8() == FR_ACT_TO_TBL;
        boolean inverted = (from.u32() & FIB_RULE_INVERT) != 0;
        Attributes attributes = Attributes.read(from);
        Optional<Attribute> value = attributes.find(FRA_FWMARK);
        Optional<Mark> mark = value.isPresent()
                ? Optional.of(new Mark(value.get().content().u32(), attributes.u32(FRA_FWMASK, -1)))
                : Optional.empty();
        int asked = asksTable ? attributes.u32(FRA_TABLE, table) : 0;
        return new Rule(family, attributes.u32(FRA_PRIORITY, 0), asked, mark, inverted);
    }

    @Override
    public String toString() {
        return "rule " + priority + " for table " + table
                + mark.map(wanted -> String.format(" %smark 0x%x/0x%x", inverted ? "not " : "", wanted.value(), wanted.mask())).orElse("");
    }
}
