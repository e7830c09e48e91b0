/** The words of the kernel's SPD, for the planes that speak to it: the one that has it encrypt, and the one that has it keep clear text away. */
@NullMarked
package org.xfrmagent.agent.dataplane.kernel;

import org.jspecify.annotations.NullMarked;
