@NullMarked
package org.xfrmagent.agent.wire.v1;

import org.jspecify.annotations.NullMarked;
