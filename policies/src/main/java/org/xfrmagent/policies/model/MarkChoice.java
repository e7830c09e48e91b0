package org.xfrmagent.policies.model;

/** What a policy says of a packet mark. */
public sealed interface MarkChoice permits Mark, MarkChoice.Unique, MarkChoice.Same {
    int ALL_BITS = -1;

    /**
     * One that no other child has.
     *
     * @param perDirection another in each direction
     */
    record Unique(boolean perDirection, int mask) implements MarkChoice {}

    /** Of a mark that packets get: the value, and not the mask, by which they are told in that direction. */
    record Same(int mask) implements MarkChoice {}
}
