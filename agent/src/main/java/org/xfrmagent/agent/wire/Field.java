package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.Bytes;

/** Checks that what we are about to write fits its field; too much is a mistake of ours, never of the peer. */
final class Field {
    private Field() {}

    static int u8(String name, int value) {
        return fits(name, value, 0xff);
    }

    static int u16(String name, int value) {
        return fits(name, value, 0xffff);
    }

    /** The octets themselves, if they are as many as the field has. */
    static Bytes octets(String name, Bytes octets, int length) {
        if (octets.length() != length) {
            throw new IllegalArgumentException(name + " has " + octets.length() + " octets, its field " + length);
        }
        return octets;
    }

    private static int fits(String name, int value, int max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(name + " " + value + " does not fit a field of 0 to " + max);
        }
        return value;
    }
}
