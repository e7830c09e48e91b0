/**
 * What a session is and how it changes, without any exchange: data, inputs, actions, time. Nothing here does I/O, reads a clock or
 * draws a random number but through {@link org.xfrmagent.agent.engine.core.Moment}.
 */
@NullMarked
package org.xfrmagent.agent.engine.core;

import org.jspecify.annotations.NullMarked;
