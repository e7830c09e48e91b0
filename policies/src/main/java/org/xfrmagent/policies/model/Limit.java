package org.xfrmagent.policies.model;

/**
 * An amount after which an SA is replaced, and a larger one after which it is no longer used.
 *
 * @param soft starts the replacement, 0 = never
 * @param hard ends the SA, 0 = never
 */
public record Limit(long soft, long hard) {
    public static final Limit NONE = new Limit(0, 0);

    public Limit {
        if (soft < 0 || hard < 0 || hard > 0 && soft > hard) {
            throw new IllegalArgumentException("a soft limit of " + soft + " and a hard limit of " + hard + " do not go together");
        }
    }
}
