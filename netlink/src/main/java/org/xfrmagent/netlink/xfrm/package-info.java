/** The kernel's IPsec (linux/xfrm.h): security associations, policies and events as records, and the verbs that change them. */
@NullMarked
package org.xfrmagent.netlink.xfrm;

import org.jspecify.annotations.NullMarked;
