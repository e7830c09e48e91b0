/** Wires the engine to sockets, data plane, clock and control: the one place that holds threads, and what the outside may ask of it. */
@NullMarked
package org.xfrmagent.agent.daemon;

import org.jspecify.annotations.NullMarked;
