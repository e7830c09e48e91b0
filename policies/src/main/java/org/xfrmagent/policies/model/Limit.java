package org.xfrmagent.policies.model;

/**
 * An amount after which an SA is replaced, and a larger one after which it is no longer used.
 *
 * @param soft starts the replacement, 0 = never
 * @param hard ends the SA, 0 = never
 * @param jitter of {@code soft}
 */
public record Limit(long soft, long hard, Jitter jitter) {
    private static final Jitter ON_THE_DOT = new Jitter.Percent(0);

    public static final Limit NONE = new Limit(0, 0);

    public Limit {
        if (soft < 0 || hard < 0 || hard > 0 && soft > hard) {
            throw new IllegalArgumentException("a soft limit of " + soft + " and a hard limit of " + hard + " do not go together");
        }
    }

    /** On the dot. */
    public Limit(long soft, long hard) {
        this(soft, hard, ON_THE_DOT);
    }

    /** The soft limit of one SA, for {@code random} from 0 to 1: 0 = never. */
    public double soft(double random) {
        return jitter.early(soft, random);
    }
}
