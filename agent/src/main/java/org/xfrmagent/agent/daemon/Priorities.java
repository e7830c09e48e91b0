package org.xfrmagent.agent.daemon;

/**
 * The kernel's policy priorities, lower wins, from the order of the policy file: the first match decides.
 *
 * <pre>
 *   FIRST        what is never touched (loopback, neighbour discovery)
 *   FIRST + 1    SAs of number 0                    FIRST + 3    SAs of number 1      …
 *   FIRST + 2    the policy of number 0 itself      FIRST + 4    that of number 1     …
 * </pre>
 *
 * <p>Numbers are those of {@link Numbering}: of files that are read at the start they count the policies.
 *
 * <p>The range is the agent's own: what it left behind is known by it. It lies before the range of strongSwan's policies.
 */
final class Priorities {
    static final int FIRST = 100_000;
    static final int LAST = 199_999;
    static final int MOST_POLICIES = (LAST - FIRST) / 2;

    private Priorities() {}

    /** Of the policy with that number, from 0. The policies of its SAs have one less. */
    static int base(int number) {
        if (number < 0 || number >= MOST_POLICIES) {
            throw new IllegalArgumentException("a policy set has at most " + MOST_POLICIES + " policies");
        }
        return FIRST + 2 * (number + 1);
    }

    static boolean isOurs(int priority) {
        return priority >= FIRST && priority <= LAST;
    }
}
