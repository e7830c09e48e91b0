/**
 * IKE daemons as the tests see them: the agent, and others that it has to get on with. A new one is a class that implements
 * {@link org.xfrmagent.it.peers.Peer}: it turns a {@link org.xfrmagent.it.peers.Tunnel} into its own configuration.
 */
@NullMarked
package org.xfrmagent.it.peers;

import org.jspecify.annotations.NullMarked;
