/** The exchanges of IKEv2 (RFC 7296): one file each, with the verbs initiate, respond and conclude. Knows nothing of IKEv1. */
@NullMarked
package org.xfrmagent.agent.engine.v2;

import org.jspecify.annotations.NullMarked;
