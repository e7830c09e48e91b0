/** The client of RADIUS against a server that the test plays. */
@NullMarked
package org.xfrmagent.agent.radius;

import org.jspecify.annotations.NullMarked;
