package org.xfrmagent.policies.model;

import java.util.Optional;

/**
 * Packet marks of a protect policy: what tells two policies for the same addresses apart.
 *
 * @param in decrypted packets with this mark only
 * @param out packets to be encrypted with this mark only
 * @param setIn the mark that decrypted packets get
 * @param setOut the mark that encrypted packets get
 */
public record Marks(Optional<Mark> in, Optional<Mark> out, Optional<Mark> setIn, Optional<Mark> setOut) {
    public static final Marks NONE = new Marks(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** One mark in both directions; decrypted packets get it, so that they match. */
    public static Marks both(Mark mark) {
        return new Marks(Optional.of(mark), Optional.of(mark), Optional.of(mark), Optional.empty());
    }

    /** Every packet that another policy's marks let pass, these let pass too. */
    public boolean include(Marks other) {
        return (in.isEmpty() || in.equals(other.in)) && (out.isEmpty() || out.equals(other.out));
    }
}
