/** Two daemons' answers to the same question, compared field by field. */
@NullMarked
package org.xfrmagent.it.parity;

import org.jspecify.annotations.NullMarked;
