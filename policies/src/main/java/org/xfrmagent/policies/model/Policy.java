package org.xfrmagent.policies.model;

/** An entry of the SPD (RFC 4301 section 4.4.1); of all that match a packet, the first in {@link PolicySet#policies()} decides. */
public record Policy(String name, Match match, Action action) {}
