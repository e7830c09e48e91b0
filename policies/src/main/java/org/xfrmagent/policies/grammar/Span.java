package org.xfrmagent.policies.grammar;

/** Whole numbers from {@code first} to {@code last}. */
public record Span(int first, int last) {}
