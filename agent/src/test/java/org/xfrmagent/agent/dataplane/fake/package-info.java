/** A data plane that encrypts nothing and remembers everything: for tests of whatever stands above the {@code DataPlane} interface. */
@NullMarked
package org.xfrmagent.agent.dataplane.fake;

import org.jspecify.annotations.NullMarked;
