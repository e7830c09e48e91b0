@NullMarked
package org.xfrmagent.agent.engine.v2;

import org.jspecify.annotations.NullMarked;
