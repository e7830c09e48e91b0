/** The record of what was run with whom. */
@NullMarked
package org.xfrmagent.it.interop;

import org.jspecify.annotations.NullMarked;
