package org.xfrmagent.policies.model;

import java.util.Optional;

/**
 * Packet marks of a protect policy: what tells two policies for the same addresses apart.
 *
 * @param in decrypted packets with this mark only
 * @param out packets to be encrypted with this mark only
 * @param setIn the mark that decrypted packets get
 * @param setOut the mark that encrypted packets get
 * @param inOnSa whether {@code in} is wanted of encrypted packets already, to be told by it before they are decrypted
 */
public record Marks(
        Optional<MarkChoice> in, Optional<MarkChoice> out, Optional<MarkChoice> setIn, Optional<MarkChoice> setOut, boolean inOnSa) {
    public static final Marks NONE = new Marks(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false);

    /** The marks that a child really has. */
    public record Numbers(Optional<Mark> in, Optional<Mark> out, Optional<Mark> setIn, Optional<Mark> setOut) {}

    /** One mark in both directions; decrypted packets get it, so that they match. */
    public static Marks both(MarkChoice mark) {
        return new Marks(Optional.of(mark), Optional.of(mark), Optional.of(mark), Optional.empty(), false);
    }

    /** Whether each child has its own, which nobody knows before it is there. */
    public boolean areUnique() {
        return in.filter(MarkChoice.Unique.class::isInstance).isPresent() || out.filter(MarkChoice.Unique.class::isInstance).isPresent();
    }

    /** Every packet that another policy's marks let pass, these let pass too. */
    public boolean include(Marks other) {
        return !areUnique() && (in.isEmpty() || in.equals(other.in)) && (out.isEmpty() || out.equals(other.out));
    }

    /** @param child a number that no other child has, at least 1 and less than 2^30 */
    public Numbers of(int child) {
        boolean apart = isApart(in) || isApart(out);
        Optional<Mark> inwards = in.map(choice -> number(choice, 2 * child, Optional.empty()));
        Optional<Mark> outwards = out.map(choice -> number(choice, apart ? 2 * child + 1 : 2 * child, Optional.empty()));
        return new Numbers(
                inwards, outwards,
                setIn.map(choice -> number(choice, 2 * child, inwards)),
                setOut.map(choice -> number(choice, apart ? 2 * child + 1 : 2 * child, outwards)));
    }

    private static boolean isApart(Optional<MarkChoice> choice) {
        return choice.filter(mark -> mark instanceof MarkChoice.Unique(boolean perDirection, _) && perDirection).isPresent();
    }

    private static Mark number(MarkChoice choice, int unique, Optional<Mark> matched) {
        return switch (choice) {
            case Mark mark -> mark;
            case MarkChoice.Unique(_, int mask) -> new Mark(unique & mask, mask);
            case MarkChoice.Same(int mask) -> new Mark(matched.map(Mark::value).orElse(0) & mask, mask);
        };
    }
}
