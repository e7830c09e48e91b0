package org.xfrmagent.policies.convert;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.policies.convert.LoadedConversion.Origin;

/** What children are called as policies: names of children are unique in their connection only, those of policies everywhere. */
final class PolicyNames {
    private final Map<String, Origin> before;
    private final Map<String, Origin> given = new HashMap<>();

    PolicyNames() {
        this(Map.of());
    }

    /** @param before names that stay as they are, whatever goes: given by this */
    PolicyNames(Map<String, Origin> before) {
        this.before = before;
    }

    /**
     * The child's own name for the first that has it; the next ones have their connection's before it. The name that a child was given
     * comes before the first that is free, since all before that were taken then and still are.
     */
    String of(String connection, String child) {
        Origin origin = new Origin(connection, child);
        String name = child;
        for (int more = 1; !owner(name, origin).equals(origin); more++) {
            name = connection + "-" + child + (more == 1 ? "" : "-" + more);
        }
        return name;
    }

    /** Who has the name; {@code otherwise} from now on, if nobody had it. */
    private Origin owner(String name, Origin otherwise) {
        return Optional.ofNullable(before.get(name)).orElseGet(() -> given.computeIfAbsent(name, _ -> otherwise));
    }
}
