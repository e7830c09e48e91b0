/** Whole endpoints under virtual time: a network that delays, loses, doubles, reorders and translates, and data planes that remember. */
@NullMarked
package org.xfrmagent.agent.sim;

import org.jspecify.annotations.NullMarked;
