package org.xfrmagent.policies.model;

/**
 * By up to how much a soft limit comes earlier, at random, so that two peers, or many tunnels, do not all start at once.
 */
public sealed interface Jitter {
    /** A part of the limit itself: 0 to 100 percent. */
    record Percent(int percent) implements Jitter {
        public Percent {
            if (percent < 0 || percent > 100) {
                throw new IllegalArgumentException("jitter is 0 to 100 percent, not " + percent);
            }
        }
    }

    /** As much of whatever the limit counts, whatever the limit. */
    record Amount(long most) implements Jitter {
        public Amount {
            if (most < 0) {
                throw new IllegalArgumentException("a jitter of " + most);
            }
        }
    }

    /**
     * When {@code soft} comes.
     *
     * @param soft 0 = never, which it stays
     * @param random from 0 to 1, and never 1
     * @return in the same unit
     */
    default double early(long soft, double random) {
        double most = switch (this) {
            case Percent(int percent) -> soft * (percent / 100.0);
            case Amount(long amount) -> Math.min(amount, soft);
        };
        return soft - most * random;
    }
}
