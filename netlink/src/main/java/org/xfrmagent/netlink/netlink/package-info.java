/** The netlink protocol (RFC 3549, netlink(7)): messages, attributes, acknowledgements, dumps and batches, of any family. */
@NullMarked
package org.xfrmagent.netlink.netlink;

import org.jspecify.annotations.NullMarked;
