package org.xfrmagent.agent.daemon;

import java.util.HashMap;
import java.util.Map;
import org.xfrmagent.agent.dataplane.NarrowedReqids;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Traffic;

/**
 * Gives each protect policy a reqid that stays with its name and its traffic for the agent's whole life, over any number of reloads:
 * in the kernel the reqid is what ties policies to SAs. Traffic that the policy did not match before must not find the SAs that were
 * made for other traffic, and may stay. One thread at a time.
 */
final class Reqids {
    /** A range of our own, so that what we left in the kernel can be told from what others put there. */
    static final int FIRST = 4_500_001;

    static final int LAST = 4_599_999;

    private record Owner(String name, Match match) {}

    private final Map<Owner, Integer> given = new HashMap<>();
    private final Map<Traffic, Integer> common = new HashMap<>();

    /**
     * The reqid that the policy asks for, or the one that goes with its name.
     *
     * @param shared whether others are for the same traffic: then they have it in common
     */
    int of(Policy policy, Protect protect, boolean shared) {
        return protect.reqid().orElseGet(() -> shared ? common(policy, protect) : own(policy));
    }

    /** Whether it has one already, which those that come to the same traffic then have as well. */
    boolean has(Policy policy) {
        return given.containsKey(new Owner(policy.name(), policy.match()));
    }

    private int own(Policy policy) {
        return given.computeIfAbsent(new Owner(policy.name(), policy.match()), _ -> next());
    }

    private int common(Policy policy, Protect protect) {
        int reqid = common.computeIfAbsent(Traffic.of(policy, protect), _ -> own(policy));
        given.put(new Owner(policy.name(), policy.match()), reqid);
        return reqid;
    }

    private int next() {
        int reqid = FIRST + given.size();
        if (reqid > LAST) {
            throw new IllegalStateException("more than " + (LAST - FIRST + 1) + " protect policies were used since the start");
        }
        return reqid;
    }

    static boolean isOurs(int reqid) {
        return reqid >= FIRST && reqid <= LAST || NarrowedReqids.isOne(reqid);
    }
}
