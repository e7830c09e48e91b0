@NullMarked
package org.xfrmagent.agent.engine.v1;

import org.jspecify.annotations.NullMarked;
