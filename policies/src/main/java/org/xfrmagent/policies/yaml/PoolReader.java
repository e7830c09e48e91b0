package org.xfrmagent.policies.yaml;

import java.util.List;
import java.util.Optional;

import org.xfrmagent.policies.grammar.Key;
import org.xfrmagent.policies.grammar.Named;
import org.xfrmagent.policies.grammar.PoolGrammar;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Pool.Attribute;

/** A pool from its keys. */
final class PoolReader {
    private PoolReader() {}

    /** Empty after a problem with its addresses. */
    static Optional<Pool> read(Named named) {
        Section section = named.section();
        Pool.Told told = new Pool.Told(
                all(section, PoolGrammar.DNS), all(section, PoolGrammar.NBNS), all(section, PoolGrammar.DHCP), section.get(PoolGrammar.DOMAIN),
                section.get(PoolGrammar.BANNER), all(section, PoolGrammar.SPLIT), all(section, PoolGrammar.SPLIT_EXCLUDE),
                all(section, PoolGrammar.ATTRIBUTES).stream().flatMap(each -> attribute(each).stream()).toList());
        return section.get(PoolGrammar.ADDRESSES).map(addresses -> new Pool(named.name(), addresses, told));
    }

    private static Optional<Attribute> attribute(Section section) {
        return section.get(PoolGrammar.TYPE).flatMap(type -> section.get(PoolGrammar.VALUE).map(value -> new Attribute(type, value)));
    }

    private static <T> List<T> all(Section section, Key<List<T>> key) {
        return section.get(key).orElse(List.of());
    }
}
