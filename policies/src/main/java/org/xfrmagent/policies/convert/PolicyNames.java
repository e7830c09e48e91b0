package org.xfrmagent.policies.convert;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.policies.convert.LoadedConversion.Origin;

/** What children are called as policies: names of children are unique in their connection only, those of policies everywhere. */
final class PolicyNames {
    private final Set<String> taken = new LinkedHashSet<>();
    private final Map<Origin, String> given = new HashMap<>();

    PolicyNames() {
        this(Map.of());
    }

    /** @param given names that stay as they are */
    PolicyNames(Map<String, Origin> given) {
        taken.addAll(given.keySet());
        given.forEach((name, origin) -> this.given.put(origin, name));
    }

    /** The child's own name for the first that has it; the next ones have their connection's before it. */
    String of(String connection, String child) {
        return Optional.ofNullable(given.get(new Origin(connection, child))).orElseGet(() -> fresh(connection, child));
    }

    private String fresh(String connection, String child) {
        String name = taken.contains(child) ? connection + "-" + child : child;
        for (int more = 2; !taken.add(name); more++) {
            name = connection + "-" + child + "-" + more;
        }
        return name;
    }
}
