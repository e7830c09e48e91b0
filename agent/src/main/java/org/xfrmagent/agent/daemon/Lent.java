package org.xfrmagent.agent.daemon;

import java.net.InetAddress;

/**
 * An address of a pool that somebody has, or had last and would get again.
 *
 * @param owner the user's name, or the identity
 * @param online whether a session has it now
 */
public record Lent(String pool, InetAddress address, String owner, boolean online) {}
