/**
 * RADIUS as its client (RFC 2865), for EAP that a server elsewhere judges (RFC 3579), and for accounting (RFC 2866). It waits on the network, so only jobs of
 * the daemon come here.
 */
@NullMarked
package org.xfrmagent.agent.radius;

import org.jspecify.annotations.NullMarked;
