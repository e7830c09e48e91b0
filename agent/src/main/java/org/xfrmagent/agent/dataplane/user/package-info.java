/**
 * ESP and AH without the kernel's help: a TUN interface takes the traffic in and out, the SAD, the SPD and the codecs live here. It
 * serves machines whose kernel has no ESP, and it reads captured packets with an SA's keys.
 */
@NullMarked
package org.xfrmagent.agent.dataplane.user;

import org.jspecify.annotations.NullMarked;
