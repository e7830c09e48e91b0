/** The kernel as a data plane: operations become XFRM messages, XFRM's events become the plane's events. */
@NullMarked
package org.xfrmagent.agent.dataplane.xfrm;

import org.jspecify.annotations.NullMarked;
