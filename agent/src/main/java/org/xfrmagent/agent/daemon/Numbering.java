package org.xfrmagent.agent.daemon;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers of policies in the order of the SPD. Whoever had one keeps it as long as the order allows it, so that a policy more does not
 * push all behind it out of their places in the kernel:
 *
 * <pre>
 *   before     a0  b1  c2                  no room behind b, nor around it: all are given others, and room where it was wanted
 *   + x        a0  b9999  x10000 . . . . . . . . c30001
 *   + y        a0  b9999  x10000  y10001 . . . . c30001
 * </pre>
 */
final class Numbering {
    static final Numbering NONE = new Numbering(Map.of(), new int[0]);

    /** There is no number from here on. */
    private static final int END = Priorities.MOST_POLICIES;

    private static final int NEW = -1;

    private final Map<String, Integer> byName;
    private final int[] numbers;

    private Numbering(Map<String, Integer> byName, int[] numbers) {
        this.byName = byName;
        this.numbers = numbers;
    }

    /** @param names in the order of the SPD, at most {@link Priorities#MOST_POLICIES} */
    static Numbering of(List<String> names, Numbering before) {
        if (names.size() > END) {
            throw new IllegalArgumentException("a policy set has at most " + END + " policies");
        }
        int[] numbers = new int[names.size()];
        int last = NEW;
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = before.byName.getOrDefault(names.get(i), NEW);
            if (numbers[i] <= last) {
                numbers[i] = NEW;
            }
            last = Math.max(last, numbers[i]);
        }
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] == NEW) {
                int end = i;
                while (end < numbers.length && numbers[end] == NEW) {
                    end++;
                }
                number(numbers, i, end);
            }
        }
        Map<String, Integer> byName = new HashMap<>(2 * numbers.length);
        for (int i = 0; i < numbers.length; i++) {
            byName.put(names.get(i), numbers[i]);
        }
        return new Numbering(byName, numbers);
    }

    int number(int index) {
        return numbers[index];
    }

    /** Numbers those from {@code from} to before {@code to}, which have none; where there is no room between their neighbours, with more and more of these. */
    private static void number(int[] numbers, int from, int to) {
        int first = first(numbers, from);
        if (end(numbers, to) - first >= to - from) {
            for (int i = from; i < to; i++) {
                numbers[i] = first + i - from;
            }
            return;
        }
        int left = from;
        int right = to;
        for (int more = 1; left > 0 || right < numbers.length; more *= 2) {
            left = Math.max(0, left - more);
            right = known(numbers, Math.min(numbers.length, right + more));
            if (end(numbers, right) - first(numbers, left) >= 2 * (right - left)) {
                break;
            }
        }
        spread(numbers, left, to, right);
    }

    /** The first place at or behind {@code index} whose neighbour has a number: what is still without is numbered with the rest. */
    private static int known(int[] numbers, int index) {
        int at = index;
        while (at < numbers.length && numbers[at] == NEW) {
            at++;
        }
        return at;
    }

    private static int first(int[] numbers, int index) {
        return index == 0 ? 0 : numbers[index - 1] + 1;
    }

    private static int end(int[] numbers, int index) {
        return index == numbers.length ? END : numbers[index];
    }

    /** Half of the room comes before {@code wanted}, where more will be wanted soon; the rest between all. */
    private static void spread(int[] numbers, int from, int wanted, int to) {
        int first = first(numbers, from);
        int room = end(numbers, to) - first - (to - from);
        int between = (room - room / 2) / (to - from + 1);
        int[] spread = new int[to - from];
        for (int i = 0; i < spread.length; i++) {
            spread[i] = first + i * (1 + between) + (from + i >= wanted ? room / 2 : 0);
        }
        System.arraycopy(spread, 0, numbers, from, spread.length);
    }

    @Override
    public String toString() {
        return Arrays.toString(numbers);
    }
}
