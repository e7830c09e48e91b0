package org.xfrmagent.agent.engine.core;

/**
 * The CPIs of a child whose packets are compressed (RFC 3173, section 3.3): they name its IPComp SAs as SPIs name the others.
 *
 * @param in ours, by which the peer sends
 * @param out the peer's
 */
public record Cpis(int in, int out) {}
