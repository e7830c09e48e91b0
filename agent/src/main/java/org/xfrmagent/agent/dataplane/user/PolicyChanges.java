package org.xfrmagent.agent.dataplane.user;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.xfrmagent.agent.dataplane.PolicySpec;

/** What a list of operations asks of the SPD, on the whole. */
final class PolicyChanges {
    private final List<PolicySpec> added = new ArrayList<>();
    private final List<PolicySpec> removed = new ArrayList<>();
    /** Of many that come and many that go few are the same: only for these is it worth a look at all. */
    private final Set<PolicySpec> ever = new HashSet<>();

    void add(PolicySpec policy) {
        added.add(policy);
        ever.add(policy);
    }

    /** One added in the same list is gone before it was ever there. */
    void remove(PolicySpec policy, Spd spd) {
        if (!(ever.contains(policy) && added.remove(policy)) && spd.contains(policy)) {
            removed.add(policy);
        }
    }

    Spd.Change change() {
        return new Spd.Change(removed, added);
    }
}
