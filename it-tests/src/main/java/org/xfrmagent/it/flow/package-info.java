/** Traffic that can be accounted for: which packets arrived, which did not. */
@NullMarked
package org.xfrmagent.it.flow;

import org.jspecify.annotations.NullMarked;
