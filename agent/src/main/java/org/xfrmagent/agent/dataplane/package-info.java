/**
 * What the agent asks of whatever encrypts: the kernel's XFRM, the userspace path, or a fake that only remembers. Operations,
 * outcomes and events are data, so that they can be recorded, compared and printed.
 */
@NullMarked
package org.xfrmagent.agent.dataplane;

import org.jspecify.annotations.NullMarked;
