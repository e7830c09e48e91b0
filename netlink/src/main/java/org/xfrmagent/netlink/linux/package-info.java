/** The Linux system calls the agent needs and the JDK does not offer; the only package that calls native code. */
@NullMarked
package org.xfrmagent.netlink.linux;

import org.jspecify.annotations.NullMarked;
