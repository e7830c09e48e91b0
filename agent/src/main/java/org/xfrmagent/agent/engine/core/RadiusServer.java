package org.xfrmagent.agent.engine.core;

import java.net.InetSocketAddress;
import org.xfrmagent.agent.bytes.Secret;

/**
 * Somebody who judges users for us (RFC 2865).
 *
 * @param authentication where it is asked, port 1812 as a rule
 * @param accounting where it is told who came and went, port 1813 as a rule
 * @param secret that only both ends know
 */
public record RadiusServer(InetSocketAddress authentication, InetSocketAddress accounting, Secret secret) {}
