package org.xfrmagent.agent.dataplane.user;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.xfrmagent.agent.dataplane.PolicySpec;

/**
 * The policies of one direction in the order they are asked: the lowest number in front, the newest among equals. Immutable, and in
 * pieces: a change copies the piece that it is in and not ten thousand others.
 */
final class PolicyOrder {
    static final PolicyOrder EMPTY = new PolicyOrder();

    /** A piece that would be longer becomes two. */
    private static final int MOST = 256;

    record Entry(PolicySpec policy, CompiledSelectors selectors) {
        int priority() {
            return policy.priority();
        }
    }

    /** None is empty. */
    private final Entry[][] pieces;

    private PolicyOrder(Entry[]... pieces) {
        this.pieces = pieces;
    }

    /** The first answer. */
    Optional<PolicySpec> first(Function<Entry, Optional<PolicySpec>> question) {
        for (Entry[] piece : pieces) {
            for (Entry entry : piece) {
                Optional<PolicySpec> answer = question.apply(entry);
                if (answer.isPresent()) {
                    return answer;
                }
            }
        }
        return Optional.empty();
    }

    List<PolicySpec> policies() {
        List<PolicySpec> policies = new ArrayList<>();
        for (Entry[] piece : pieces) {
            for (Entry entry : piece) {
                policies.add(entry.policy);
            }
        }
        return policies;
    }

    boolean contains(PolicySpec policy) {
        return !find(policy).equals(Place.NONE);
    }

    PolicyOrder with(PolicySpec policy) {
        Entry entry = new Entry(policy, new CompiledSelectors(policy.selectors()));
        if (pieces.length == 0) {
            return new PolicyOrder(new Entry[] {entry});
        }
        int number = Math.min(piece(policy.priority()), pieces.length - 1);
        Entry[] old = pieces[number];
        int at = first(old, policy.priority());
        Entry[] grown = Arrays.copyOf(old, old.length + 1);
        System.arraycopy(old, at, grown, at + 1, old.length - at);
        grown[at] = entry;
        return grown.length <= MOST
                ? replaced(number, grown)
                : replaced(number, Arrays.copyOf(grown, MOST / 2), Arrays.copyOfRange(grown, MOST / 2, grown.length));
    }

    /** Without the newest equal policy; the same if there is none. */
    PolicyOrder without(PolicySpec policy) {
        Place place = find(policy);
        if (place.equals(Place.NONE)) {
            return this;
        }
        Entry[] old = pieces[place.piece];
        if (old.length == 1) {
            return replaced(place.piece);
        }
        Entry[] rest = Arrays.copyOf(old, old.length - 1);
        System.arraycopy(old, place.index + 1, rest, place.index, rest.length - place.index);
        return replaced(place.piece, rest);
    }

    private PolicyOrder replaced(int number, Entry[]... others) {
        Entry[][] next = new Entry[pieces.length - 1 + others.length][];
        System.arraycopy(pieces, 0, next, 0, number);
        System.arraycopy(others, 0, next, number, others.length);
        System.arraycopy(pieces, number + 1, next, number + others.length, pieces.length - number - 1);
        return new PolicyOrder(next);
    }

    private record Place(int piece, int index) {
        static final Place NONE = new Place(-1, -1);
    }

    private Place find(PolicySpec policy) {
        int priority = policy.priority();
        for (int number = piece(priority); number < pieces.length; number++) {
            Entry[] piece = pieces[number];
            for (int index = first(piece, priority); index < piece.length; index++) {
                if (piece[index].priority() != priority) {
                    return Place.NONE;
                }
                if (piece[index].policy.equals(policy)) {
                    return new Place(number, index);
                }
            }
        }
        return Place.NONE;
    }

    /** The first piece that has one whose number is not lower; one behind the last if there is none. */
    private int piece(int priority) {
        int low = 0;
        int high = pieces.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (pieces[middle][pieces[middle].length - 1].priority() < priority) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The place of the first whose number is not lower. */
    private static int first(Entry[] piece, int priority) {
        int low = 0;
        int high = piece.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (piece[middle].priority() < priority) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
