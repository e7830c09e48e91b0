package org.xfrmagent.netlink.netlink;

import java.io.IOException;

/** Octets from the kernel that do not have the layout they should have. */
public final class MalformedMessage extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedMessage(String what) {
        super(what);
    }
}
