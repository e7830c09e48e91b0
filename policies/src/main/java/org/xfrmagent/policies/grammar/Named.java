package org.xfrmagent.policies.grammar;

/**
 * A thing that is a key of a mapping, such as a peer.
 *
 * @param at where the name is
 */
public record Named(String name, Position at, Section section) {}
