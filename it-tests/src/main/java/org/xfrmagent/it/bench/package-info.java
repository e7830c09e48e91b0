/** Figures that are printed and never asserted: what things cost, so that a change can be seen to make them dearer. */
@NullMarked
package org.xfrmagent.it.bench;

import org.jspecify.annotations.NullMarked;
