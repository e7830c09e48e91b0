package org.xfrmagent.policies.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The XFRM interfaces whose packets a policy is about.
 *
 * @param in of decrypted packets; empty: of none
 * @param out of packets to be encrypted
 */
public record InterfaceIds(Optional<InterfaceId> in, Optional<InterfaceId> out) {
    public static final InterfaceIds NONE = new InterfaceIds(Optional.empty(), Optional.empty());

    /** What a policy says of an interface's id. */
    public sealed interface InterfaceId {
        /** @param id not 0 */
        record Fixed(int id) implements InterfaceId {}

        /**
         * One that no other child has: whoever makes the interface is told it when the child is up.
         *
         * @param perDirection another in each direction
         */
        record Unique(boolean perDirection) implements InterfaceId {}
    }

    /** The ids that a child really has. */
    public record Numbers(OptionalInt in, OptionalInt out) {
        /** Where nobody tells directions apart, or each child from the next. */
        public static final Numbers NONE = new Numbers(OptionalInt.empty(), OptionalInt.empty());
    }

    /** One for both directions. */
    public static InterfaceIds both(InterfaceId id) {
        return new InterfaceIds(Optional.of(id), Optional.of(id));
    }

    /** Whether each child has its own, which nobody knows before it is there. */
    public boolean areUnique() {
        return in.filter(InterfaceId.Unique.class::isInstance).isPresent() || out.filter(InterfaceId.Unique.class::isInstance).isPresent();
    }

    /** @param child a number that no other child has, at least 1 and less than 2^30 */
    public Numbers of(int child) {
        boolean apart = isApart(in) || isApart(out);
        return new Numbers(number(in, 2 * child), number(out, apart ? 2 * child + 1 : 2 * child));
    }

    private static boolean isApart(Optional<InterfaceId> choice) {
        return choice.filter(id -> id instanceof InterfaceId.Unique(boolean perDirection) && perDirection).isPresent();
    }

    private static OptionalInt number(Optional<InterfaceId> choice, int unique) {
        if (choice.isEmpty()) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(switch (choice.get()) {
            case InterfaceId.Fixed(int id) -> id;
            case InterfaceId.Unique _ -> unique;
        });
    }

    /** {@code 5}, {@code 5/6}, {@code unique}. */
    @Override
    public String toString() {
        return in.equals(out) ? text(in) : text(in) + "/" + text(out);
    }

    private static String text(Optional<InterfaceId> choice) {
        return choice.map(id -> switch (id) {
            case InterfaceId.Fixed(int number) -> Integer.toUnsignedString(number);
            case InterfaceId.Unique(boolean perDirection) -> perDirection ? "unique-dir" : "unique";
        }).orElse("none");
    }
}
