/** The peers' configurations, before any daemon reads them. */
@NullMarked
package org.xfrmagent.it.peers;

import org.jspecify.annotations.NullMarked;
