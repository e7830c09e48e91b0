package org.xfrmagent.policies.model;

/**
 * IKE fragmentation (RFC 7383).
 *
 * @param enabled whether it is offered and accepted
 * @param size octets of an IP packet above which a message is fragmented
 */
public record Fragmentation(boolean enabled, int size) {}
