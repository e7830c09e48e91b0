package org.xfrmagent.netlink.xfrm;

import org.xfrmagent.netlink.netlink.MalformedMessage;

/** A constant with its number in linux/xfrm.h. */
interface Numbered {
    int number();

    static <E extends Numbered> E of(E[] values, int number, String what) throws MalformedMessage {
        for (E value : values) {
            if (value.number() == number) {
                return value;
            }
        }
        throw new MalformedMessage(what + " " + number + " is unknown");
    }
}
