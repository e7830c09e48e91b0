/** Published vectors, and what must hold for every row of the algorithm table. */
@NullMarked
package org.xfrmagent.agent.crypto;

import org.jspecify.annotations.NullMarked;
