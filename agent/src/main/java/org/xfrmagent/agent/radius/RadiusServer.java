package org.xfrmagent.agent.radius;

import java.net.InetSocketAddress;
import org.xfrmagent.agent.bytes.Secret;

/**
 * Somebody who judges users for us.
 *
 * @param authentication where it is asked, port 1812 as a rule
 * @param accounting where it is told who came and went, port 1813 as a rule
 * @param secret that only both ends know
 */
public record RadiusServer(InetSocketAddress authentication, InetSocketAddress accounting, Secret secret) {}
