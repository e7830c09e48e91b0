/** What a gateway has to stand: floods of datagrams from addresses that do not exist, and from those that do. */
@NullMarked
package org.xfrmagent.it.flood;

import org.jspecify.annotations.NullMarked;
