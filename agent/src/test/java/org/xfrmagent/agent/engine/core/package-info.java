/** What a session is made of, alone. */
@NullMarked
package org.xfrmagent.agent.engine.core;

import org.jspecify.annotations.NullMarked;
