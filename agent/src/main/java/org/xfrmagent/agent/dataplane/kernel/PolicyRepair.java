package org.xfrmagent.agent.dataplane.kernel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xfrmagent.netlink.xfrm.XfrmChange;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;

/**
 * What makes the kernel's SPD what it should be again. Policies in places that are not ours are other programs' and stay.
 *
 * @param changes what closes first: a bypass must not be there before what precedes it
 * @param sentences what was found
 */
public record PolicyRepair(List<XfrmChange> changes, List<String> sentences) {
    /** @param wanted every policy that is ours, by its place */
    public static PolicyRepair of(Map<XfrmPolicy.Id, XfrmPolicy> wanted, List<XfrmPolicy> found) {
        Map<XfrmPolicy.Id, XfrmPolicy> there = new HashMap<>();
        found.forEach(policy -> there.put(policy.id(), policy));
        List<XfrmPolicy> lacking = new ArrayList<>();
        int missing = 0;
        for (XfrmPolicy policy : wanted.values()) {
            XfrmPolicy now = there.get(policy.id());
            if (now == null || !isSame(policy, now)) {
                lacking.add(policy);
                missing += now == null ? 1 : 0;
            }
        }
        lacking.sort(Comparator.comparing(PolicyRepair::isOpen).thenComparing(XfrmPolicy::priority, Integer::compareUnsigned));
        List<String> sentences = new ArrayList<>();
        if (missing > 0) {
            sentences.add("somebody removed " + counted(missing) + " from the kernel: put back");
        }
        if (lacking.size() > missing) {
            sentences.add("somebody replaced " + counted(lacking.size() - missing) + " in the kernel: ours are in force again");
        }
        return new PolicyRepair(lacking.stream().<XfrmChange>map(XfrmChange.UpdatePolicy::new).toList(), List.copyOf(sentences));
    }

    private static String counted(int policies) {
        return policies == 1 ? "a policy" : policies + " policies";
    }

    private static boolean isOpen(XfrmPolicy policy) {
        return policy.action() == XfrmPolicy.Action.ALLOW && policy.templates().isEmpty();
    }

    /** In all that decides what happens to a packet; the rest the kernel fills in. */
    private static boolean isSame(XfrmPolicy wanted, XfrmPolicy now) {
        return wanted.action() == now.action() && wanted.priority() == now.priority() && wanted.templates().equals(now.templates());
    }
}
