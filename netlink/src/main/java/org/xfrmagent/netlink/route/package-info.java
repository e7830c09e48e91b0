/** As much of rtnetlink(7) as virtual addresses, xfrm interfaces and TUN devices need: links, addresses, routes, rules. */
@NullMarked
package org.xfrmagent.netlink.route;

import org.jspecify.annotations.NullMarked;
