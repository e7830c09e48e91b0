/** IKEv1's exchanges (RFC 2409): main mode, quick mode, informational. Knows nothing of IKEv2's. */
@NullMarked
package org.xfrmagent.agent.engine.v1;

import org.jspecify.annotations.NullMarked;
