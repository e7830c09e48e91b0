package org.xfrmagent.policies.convert;

import java.util.LinkedHashSet;
import java.util.Set;

/** What children are called as policies: names of children are unique in their connection only, those of policies everywhere. */
final class PolicyNames {
    private final Set<String> taken = new LinkedHashSet<>();

    /** The child's own name for the first that has it; the next ones have their connection's before it. */
    String of(String connection, String child) {
        String name = taken.contains(child) ? connection + "-" + child : child;
        for (int more = 2; !taken.add(name); more++) {
            name = connection + "-" + child + "-" + more;
        }
        return name;
    }
}
