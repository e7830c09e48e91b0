package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Policies in the order of the SPD have numbers in that order, and as few as possible get another when one comes or goes. */
class NumberingTest {
    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "p" + i).toList();
    }

    @Test
    void whatIsThereAtTheStartIsCounted() {
        assertThat(Numbering.of(names(4), Numbering.NONE)).hasToString("[0, 1, 2, 3]");
        Numbering full = Numbering.of(names(Priorities.MOST_POLICIES), Numbering.NONE);
        assertThat(full.number(Priorities.MOST_POLICIES - 1)).isEqualTo(Priorities.MOST_POLICIES - 1);
        assertThatThrownBy(() -> Numbering.of(names(Priorities.MOST_POLICIES + 1), full)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whoComesLastOrGoesMovesNobody() {
        Numbering four = Numbering.of(names(4), Numbering.NONE);
        assertThat(Numbering.of(names(6), four)).hasToString("[0, 1, 2, 3, 4, 5]");
        assertThat(Numbering.of(List.of("p1", "p3"), four)).hasToString("[1, 3]");
        assertThat(Numbering.of(List.of("p1", "new", "p3"), four)).as("in the room of who went").hasToString("[1, 2, 3]");
    }

    /** As connections are loaded whose children have networks of two widths: each time some come in the middle, and some at the end. */
    @Test
    void inTheMiddleAThousandTimesMovesFew() {
        List<String> narrow = new ArrayList<>();
        List<String> wide = new ArrayList<>();
        Numbering now = Numbering.NONE;
        int moved = 0;
        for (int i = 0; i < 1_000; i++) {
            for (int child = 0; child < 5; child++) {
                narrow.add("narrow" + i + "-" + child);
                wide.add("wide" + i + "-" + child);
            }
            List<String> all = new ArrayList<>(narrow);
            all.addAll(wide);
            Numbering next = Numbering.of(all, now);
            moved += moved(all, next);
            now = next;
        }
        assertThat(moved).as("of 10,000 in the end").isLessThan(20_000);
    }

    private final Map<String, Integer> last = new HashMap<>();

    private int moved(List<String> names, Numbering next) {
        int moved = 0;
        for (int i = 0; i < names.size(); i++) {
            Integer old = last.put(names.get(i), next.number(i));
            moved += old != null && old != next.number(i) ? 1 : 0;
            assertThat(i == 0 || next.number(i) > next.number(i - 1)).isTrue();
        }
        return moved;
    }

    @Test
    void theOrderHoldsWhateverComesGoesAndMoves() {
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            List<String> names = new ArrayList<>();
            Numbering now = Numbering.NONE;
            for (int step = 0; step < 200; step++) {
                switch (random.nextInt(4)) {
                    case 0 -> names.subList(0, Math.min(names.size(), random.nextInt(3))).clear();
                    case 1 -> Collections.rotate(names, random.nextInt(3) == 0 ? 1 : 0);
                    default -> names.addAll(random.nextInt(names.size() + 1), List.of("a" + step, "b" + step, "c" + step));
                }
                now = Numbering.of(List.copyOf(names), now);
                for (int i = 0; i < names.size(); i++) {
                    assertThat(now.number(i)).as("seed %d, step %d: %s", seed, step, now)
                            .isBetween(i == 0 ? 0 : now.number(i - 1) + 1, Priorities.MOST_POLICIES - 1);
                }
            }
        }
    }
}
