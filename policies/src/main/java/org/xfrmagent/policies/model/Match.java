package org.xfrmagent.policies.model;

/**
 * The traffic a policy is about, seen from here: packets sent have a source in {@code local} and a destination in {@code remote},
 * packets received the reverse.
 */
public record Match(Selectors local, Selectors remote) {
    /** {@code 10.1.0.0/16 === 10.2.0.0/16} */
    @Override
    public String toString() {
        return local + " === " + remote;
    }
}
