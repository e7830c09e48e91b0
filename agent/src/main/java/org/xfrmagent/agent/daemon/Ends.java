package org.xfrmagent.agent.daemon;

import java.net.InetAddress;

/** The two addresses between which a peer is reached now; ours has zeroes only while nothing leads there. */
public record Ends(InetAddress local, InetAddress remote) {}
