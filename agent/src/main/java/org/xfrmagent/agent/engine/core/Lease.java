package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;

/** An address of a pool that somebody has. */
public record Lease(String pool, InetAddress address) {}
