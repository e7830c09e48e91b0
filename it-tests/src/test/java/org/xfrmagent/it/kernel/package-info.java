/** The lab's kernel, seen from the machine that boots it. */
@NullMarked
package org.xfrmagent.it.kernel;

import org.jspecify.annotations.NullMarked;
