/** IKEv1 messages as data (RFC 2407, 2408, 2409): a payload table and parsers of their own, which share nothing with IKEv2's. */
@NullMarked
package org.xfrmagent.agent.wire.v1;

import org.jspecify.annotations.NullMarked;
