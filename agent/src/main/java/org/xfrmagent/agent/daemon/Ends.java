package org.xfrmagent.agent.daemon;

import java.net.InetAddress;

/** The two addresses between which a peer is reached now. */
record Ends(InetAddress local, InetAddress remote) {}
