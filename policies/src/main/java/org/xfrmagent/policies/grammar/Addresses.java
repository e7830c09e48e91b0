package org.xfrmagent.policies.grammar;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.policies.model.AddressRange;

/**
 * The addresses of one end of a policy's traffic.
 *
 * @param ranges none for the word {@value #DYNAMIC}: the address that end's IKE has, whatever that turns out to be
 */
public record Addresses(List<Located<AddressRange>> ranges) {
    static final String DYNAMIC = "dynamic";

    public Addresses {
        ranges = List.copyOf(ranges);
    }

    public boolean isDynamic() {
        return ranges.isEmpty();
    }

    static Shape<Addresses> shape() {
        return new OneEnd(Lists.oneOrMore(Scalars.placed(Values.range())));
    }

    private record OneEnd(Shape<List<Located<AddressRange>>> ranges) implements Shape<Addresses> {
        @Override
        public Optional<Addresses> read(Tree tree, Where where) {
            return tree instanceof Tree.Scalar scalar && scalar.text().equals(DYNAMIC)
                    ? Optional.of(new Addresses(List.of()))
                    : ranges.read(tree, where).map(Addresses::new);
        }

        @Override
        public String expected() {
            return ranges.expected() + ", or '" + DYNAMIC + "'";
        }

        /** Any text may be an address as far as the schema knows, and so may this word. */
        @Override
        public Map<String, Object> schema() {
            return ranges.schema();
        }
    }
}
