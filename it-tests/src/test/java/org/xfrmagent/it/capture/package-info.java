/** The eavesdropper's judgement, on packets made by hand. */
@NullMarked
package org.xfrmagent.it.capture;

import org.jspecify.annotations.NullMarked;
