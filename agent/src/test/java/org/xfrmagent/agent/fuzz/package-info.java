/** Targets for long fuzzing runs. */
@NullMarked
package org.xfrmagent.agent.fuzz;

import org.jspecify.annotations.NullMarked;
