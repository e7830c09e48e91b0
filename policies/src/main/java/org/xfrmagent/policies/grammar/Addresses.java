package org.xfrmagent.policies.grammar;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Selectors.Upper;

/**
 * The addresses of one end of a policy's traffic.
 *
 * @param parts at least one; those that are dynamic have no others beside them
 */
public record Addresses(List<Located<Part>> parts) {
    static final String DYNAMIC = "dynamic";

    /**
     * {@code 10.0.0.0/8}, {@code 10.0.0.1[tcp/22]}, {@code dynamic}.
     *
     * @param range empty for the word {@value #DYNAMIC}: the address that end's IKE has, whatever that turns out to be
     * @param upper protocol and ports of its own
     */
    public record Part(Optional<AddressRange> range, Optional<Upper> upper) {}

    public Addresses {
        parts = List.copyOf(parts);
    }

    public boolean isDynamic() {
        return parts.stream().allMatch(part -> part.value().range().isEmpty());
    }

    /** Those that are known from the start. */
    public List<Located<AddressRange>> ranges() {
        return parts.stream().flatMap(part -> part.value().range().stream().map(range -> new Located<>(range, part.at()))).toList();
    }

    static Shape<Addresses> shape() {
        return new OneEnd(Lists.oneOrMore(Scalars.placed(Values.endOfTraffic())));
    }

    private record OneEnd(Shape<List<Located<Part>>> parts) implements Shape<Addresses> {
        @Override
        public Optional<Addresses> read(Tree tree, Where where) {
            Optional<Addresses> read = parts.read(tree, where).map(Addresses::new);
            if (read.filter(end -> !end.isDynamic() && end.ranges().size() < end.parts.size()).isPresent()) {
                where.says(tree.at(), "has '" + DYNAMIC + "' beside addresses, expected one or the other");
                return Optional.empty();
            }
            return read;
        }

        @Override
        public String expected() {
            return parts.expected() + ", or '" + DYNAMIC + "'";
        }

        /** Any text may be an address as far as the schema knows, and so may this word. */
        @Override
        public Map<String, Object> schema() {
            return parts.schema();
        }
    }
}
