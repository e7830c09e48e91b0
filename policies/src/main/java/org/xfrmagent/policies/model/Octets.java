package org.xfrmagent.policies.model;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable octet string with content equality, for identities. */
public final class Octets {
    private final byte[] array;

    private Octets(byte[] array) {
        this.array = array;
    }

    /** Copies {@code octets}. */
    public static Octets of(byte... octets) {
        return new Octets(octets.clone());
    }

    public int length() {
        return array.length;
    }

    /** A copy. */
    public byte[] toArray() {
        return array.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Octets that && Arrays.equals(array, that.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }

    /** Hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(array);
    }
}
