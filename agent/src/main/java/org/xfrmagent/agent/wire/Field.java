package org.xfrmagent.agent.wire;

/** Checks that what we are about to write fits its field; too much is a mistake of ours, never of the peer. */
final class Field {
    private Field() {}

    static int u8(String name, int value) {
        return fits(name, value, 0xff);
    }

    static int u16(String name, int value) {
        return fits(name, value, 0xffff);
    }

    private static int fits(String name, int value, int max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(name + " " + value + " does not fit a field of 0 to " + max);
        }
        return value;
    }
}
