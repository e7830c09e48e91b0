package org.xfrmagent.policies.model;

/**
 * How many initiators may have begun without being authenticated (RFC 7296 section 2.6).
 *
 * @param cookiesFrom from so many on, every newcomer has to show that it receives what we send to its address
 * @param cookiesFromPerAddress the same for those of one address
 * @param perAddress no more of one address; behind a NAT there may be an office
 * @param total no more at all: what bounds memory
 */
public record HalfOpenLimits(int cookiesFrom, int cookiesFromPerAddress, int perAddress, int total) {}
