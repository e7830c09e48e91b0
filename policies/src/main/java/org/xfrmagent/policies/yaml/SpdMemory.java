package org.xfrmagent.policies.yaml;

import java.util.IdentityHashMap;
import java.util.List;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.model.Policy;

/**
 * Policies in whose order none hides another: as long as they come in that order, nobody needs to compare them with each other again.
 *
 * @param entries in the order of the SPD
 */
record SpdMemory(List<Covering> entries) {
    static final SpdMemory NOTHING = new SpdMemory(List.of());

    /** Each by the reading it came of: another reading may have another peer of the same name. */
    IdentityHashMap<Located<Policy>, Integer> places() {
        IdentityHashMap<Located<Policy>, Integer> places = new IdentityHashMap<>(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            places.put(entries.get(i).policy(), i);
        }
        return places;
    }
}
