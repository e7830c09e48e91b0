/** A small network in one process: hosts with namespaces of their own, links between them, address translation. Knows no IPsec. */
@NullMarked
package org.xfrmagent.it.netns;

import org.jspecify.annotations.NullMarked;
