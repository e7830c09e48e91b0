/** That costs stay what they are, without a clock. */
@NullMarked
package org.xfrmagent.it.bench;

import org.jspecify.annotations.NullMarked;
