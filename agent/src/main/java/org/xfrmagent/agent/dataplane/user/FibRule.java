package org.xfrmagent.agent.dataplane.user;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;

/**
 * A routing rule with the selectors and actions that steering needs (linux/fib_rules.h). Rules of one priority are asked in the order
 * they were added.
 *
 * @param source a prefix
 * @param destination a prefix
 * @param locallyMade packets of this host only, also those whose source is not chosen yet ({@code iif lo})
 * @param mark packets with exactly this mark only
 */
record FibRule(
        AddressFamily family,
        int priority,
        Optional<AddressRange> source,
        Optional<AddressRange> destination,
        boolean locallyMade,
        OptionalInt mark,
        Action action) {
    /** What the packet meets next. */
    sealed interface Action {
        record Table(int number) implements Action {}

        /** The rules from this priority on. */
        record Goto(int priority) implements Action {}

        /** The next rule: a place to go to. */
        record Nothing() implements Action {}
    }

    private static final int RTM_NEWRULE = 32;
    private static final int RTM_DELRULE = 33;
    private static final int RTM_GETRULE = 34;
    private static final int FRA_DST = 1;
    private static final int FRA_SRC = 2;
    private static final int FRA_IIFNAME = 3;
    private static final int FRA_GOTO = 4;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_FWMARK = 10;
    private static final int FRA_TABLE = 15;
    private static final int FRA_FWMASK = 16;
    private static final int FR_ACT_TO_TBL = 1;
    private static final int FR_ACT_GOTO = 2;
    private static final int FR_ACT_NOP = 3;
    private static final int FIB_RULE_INVERT = 2;
    /** What names a rule beside its priority and its table. */
    private static final Set<Integer> KEPT = Set.of(FRA_DST, FRA_SRC, FRA_IIFNAME, FRA_GOTO, FRA_FWMARK, FRA_FWMASK);

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    static FibRule nothing(AddressFamily family, int priority) {
        return new FibRule(
                family, priority, Optional.empty(), Optional.empty(), false, OptionalInt.empty(), new Action.Nothing());
    }

    static FibRule marked(AddressFamily family, int priority, int mark, Action action) {
        return new FibRule(family, priority, Optional.empty(), Optional.empty(), false, OptionalInt.of(mark), action);
    }

    static FibRule from(AddressRange source, int priority, Action action) {
        return new FibRule(source.family(), priority, Optional.of(source), Optional.empty(), false, OptionalInt.empty(), action);
    }

    static FibRule between(AddressRange source, AddressRange destination, int priority, Action action) {
        return new FibRule(
                source.family(), priority, Optional.of(source), Optional.of(destination), false, OptionalInt.empty(), action);
    }

    static FibRule locallyMade(AddressFamily family, int priority, Action action) {
        return new FibRule(family, priority, Optional.empty(), Optional.empty(), true, OptionalInt.empty(), action);
    }

    /**
     * <pre>
     * struct fib_rule_hdr { u8 family, dst_len, src_len, tos, table, res1, res2, action; u32 flags; }   12 octets, then attributes
     * </pre>
     */
    private StructWriter body() {
        StructWriter out = new StructWriter(96);
        out.u8(family == AddressFamily.IPV4 ? AF_INET : AF_INET6).u8(bits(destination)).u8(bits(source)).zeros(4);
        out.u8(switch (action) {
            case Action.Table table -> FR_ACT_TO_TBL;
            case Action.Goto target -> FR_ACT_GOTO;
            case Action.Nothing nothing -> FR_ACT_NOP;
        });
        out.u32(0);
        destination.filter(range -> bits(destination) > 0).ifPresent(range -> out.attribute(FRA_DST, range.from().getAddress()));
        source.filter(range -> bits(source) > 0).ifPresent(range -> out.attribute(FRA_SRC, range.from().getAddress()));
        if (locallyMade) {
            out.attribute(FRA_IIFNAME, "lo");
        }
        mark.ifPresent(value -> out.attribute(FRA_FWMARK, value).attribute(FRA_FWMASK, -1));
        out.attribute(FRA_PRIORITY, priority);
        switch (action) {
            case Action.Table(int number) -> out.attribute(FRA_TABLE, number);
            case Action.Goto(int target) -> out.attribute(FRA_GOTO, target);
            case Action.Nothing nothing -> {}
        }
        return out;
    }

    private static int bits(Optional<AddressRange> prefix) {
        return prefix.flatMap(AddressRange::prefixLength).orElse(0);
    }

    NetlinkRequest add() {
        return new NetlinkRequest(RTM_NEWRULE, NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE, body(), "add " + this);
    }

    NetlinkRequest delete() {
        return new NetlinkRequest(RTM_DELRULE, 0, body(), "delete " + this);
    }

    /** All rules of a family. */
    static NetlinkRequest dump(AddressFamily family) {
        StructWriter body = new StructWriter(12).u8(family == AddressFamily.IPV4 ? AF_INET : AF_INET6).zeros(11);
        return new NetlinkRequest(RTM_GETRULE, NetlinkRequest.DUMP, body, "list " + family + " rules");
    }

    /** A rule that somebody made, as far as a successor must know it: the attributes are kept as they are. */
    static final class Found {
        private final int family;
        private final int destinationBits;
        private final int sourceBits;
        private final int action;
        private final int flags;
        private final List<Attribute> attributes;
        private final int priority;
        private final OptionalInt table;

        private Found(StructReader from) throws MalformedMessage {
            family = from.u8();
            destinationBits = from.u8();
            sourceBits = from.u8();
            int shortTable = from.skip(1).u8();
            action = from.skip(2).u8();
            flags = from.u32() & FIB_RULE_INVERT;
            Attributes all = Attributes.read(from);
            attributes = all.all().stream().filter(one -> KEPT.contains(one.type())).toList();
            priority = all.u32(FRA_PRIORITY, 0);
            table = action == FR_ACT_TO_TBL ? OptionalInt.of(all.u32(FRA_TABLE, shortTable)) : OptionalInt.empty();
        }

        /** All that makes it this rule and no other. */
        private List<Object> content() {
            Map<Integer, Bytes> named = new TreeMap<>();
            attributes.forEach(attribute -> named.put(attribute.type(), Bytes.of(attribute.bytes())));
            return List.of(family, destinationBits, sourceBits, action, flags, named, priority, table);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Found found && content().equals(found.content());
        }

        @Override
        public int hashCode() {
            return content().hashCode();
        }

        AddressFamily family() {
            return family == AF_INET ? AddressFamily.IPV4 : AddressFamily.IPV6;
        }

        int priority() {
            return priority;
        }

        /** The table it asks, if it asks one. */
        OptionalInt table() {
            return table;
        }

        private StructWriter body(int at) {
            StructWriter body = new StructWriter(96).u8(family).u8(destinationBits).u8(sourceBits).zeros(4).u8(action).u32(flags);
            attributes.forEach(attribute -> body.attribute(attribute.type(), attribute.bytes()));
            table.ifPresent(number -> body.attribute(FRA_TABLE, number));
            return body.attribute(FRA_PRIORITY, at);
        }

        NetlinkRequest deletion() {
            return new NetlinkRequest(RTM_DELRULE, 0, body(priority), "delete leftover rule " + priority);
        }

        /** The same rule at another priority. */
        NetlinkRequest addition(int at) {
            int flags = NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE;
            return new NetlinkRequest(RTM_NEWRULE, flags, body(at), "move leftover rule " + priority + " to " + at);
        }
    }

    /** These rules as the kernel lists them. */
    static List<Found> found(List<FibRule> rules) throws MalformedMessage {
        List<Found> all = new ArrayList<>();
        for (FibRule rule : rules) {
            all.add(new Found(new StructReader(rule.body().toArray())));
        }
        return all;
    }

    static Found read(StructReader from) throws MalformedMessage {
        return new Found(from);
    }

    @Override
    public String toString() {
        return "%s rule %d%s%s%s%s: %s".formatted(
                family,
                priority,
                source.map(range -> " from " + range).orElse(""),
                destination.map(range -> " to " + range).orElse(""),
                locallyMade ? " locally made" : "",
                mark.isPresent() ? " mark 0x%x".formatted(mark.getAsInt()) : "",
                action);
    }
}
