/** What crossed a wire: recorded with tcpdump, read back as typed packets, judged. Independent of the agent's own parsers. */
@NullMarked
package org.xfrmagent.it.capture;

import org.jspecify.annotations.NullMarked;
