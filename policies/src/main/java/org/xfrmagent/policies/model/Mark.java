package org.xfrmagent.policies.model;

/** A packet mark that a policy or SA is limited to: {@code (mark of the packet & mask) == value}. */
public record Mark(int value, int mask) implements MarkChoice {}
