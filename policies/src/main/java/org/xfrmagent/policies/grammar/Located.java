package org.xfrmagent.policies.grammar;

/** A value and where it was written, for checks that come later. */
public record Located<T>(T value, Position at) {}
