package org.xfrmagent.policies.model;

/** Whether the agent routes a policy's traffic. */
public enum RouteChoice {
    /** Into the policy's interface; without one, the way that the peer is reached, from an address of ours that the policy covers. */
    AUTO("auto"),
    /** Routes are somebody else's affair. */
    NONE("none");

    private final String word;

    RouteChoice(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
