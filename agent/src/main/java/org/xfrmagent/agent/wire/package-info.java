/** IKEv2 messages as data: one record per payload, one table per number space, one codec; cryptography happens elsewhere. */
@NullMarked
package org.xfrmagent.agent.wire;

import org.jspecify.annotations.NullMarked;
