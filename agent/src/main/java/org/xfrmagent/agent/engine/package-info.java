/** Sessions behind SPIs: where a datagram, a timer, a kernel event or a user's wish finds the session it concerns. Without I/O. */
@NullMarked
package org.xfrmagent.agent.engine;

import org.jspecify.annotations.NullMarked;
