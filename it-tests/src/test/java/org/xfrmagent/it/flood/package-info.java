/** A gateway under a flood. */
@NullMarked
package org.xfrmagent.it.flood;

import org.jspecify.annotations.NullMarked;
