package org.xfrmagent.agent.engine;

import org.xfrmagent.agent.engine.core.Moment;

/**
 * Error answers to those who have not shown that they are where they say: so many at once, and then so many a second. Whoever forges
 * addresses cannot make us send more (RFC 7296, section 2.21.1: "an endpoint SHOULD limit the rate").
 */
final class ErrorBudget {
    private static final int AT_ONCE = 200;
    private static final int PER_SECOND = 100;

    private double left = AT_ONCE;
    private long since = Long.MIN_VALUE;

    /** Whether one more may leave now. */
    boolean allows(Moment at) {
        if (since != Long.MIN_VALUE) {
            left = Math.min(AT_ONCE, left + (at.millis() - since) * PER_SECOND / 1000.0);
        }
        since = at.millis();
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }
}
