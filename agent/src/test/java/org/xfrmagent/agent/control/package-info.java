/** The control socket against an agent that is only data, and against the real swanctl. */
@NullMarked
package org.xfrmagent.agent.control;

import org.jspecify.annotations.NullMarked;
