package org.xfrmagent.agent.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Against a TreeMap that does the same. */
class NumberMapTest {
    private static final int STEPS = 3_000;
    private static final List<Long> ENDS = List.of(Long.MIN_VALUE, -1L, 0L, 1L, Long.MAX_VALUE);

    private final Random random = new Random(7);

    @Test
    void itHasWhatWasPutAndNotTakenInTheOrderOfTheNumbers() {
        NumberMap<String> map = NumberMap.empty();
        TreeMap<Long, String> model = new TreeMap<>();
        for (int step = 0; step < STEPS; step++) {
            long key = key();
            map = changed(map, model, key, step);
            long other = key();
            assertThat(map.get(other)).isEqualTo(Optional.ofNullable(model.get(other)));
            assertThat(map.size()).isEqualTo(model.size());
            assertThat(map.keyFrom(other)).isEqualTo(Optional.ofNullable(model.ceilingKey(other)));
            if (step % 50 == 0) {
                List<String> all = new ArrayList<>();
                map.forEach(all::add);
                assertThat(all).containsExactlyElementsOf(model.values());
                long from = Math.min(key, other);
                long to = Math.max(key, other);
                assertThat(map.between(from, to)).containsExactlyElementsOf(model.subMap(from, true, to, true).values());
                for (int place = 0; place < map.size(); place++) {
                    assertThat(map.at(place)).isEqualTo(all.get(place));
                }
            }
        }
    }

    @Test
    void whatWasThereBeforeIsUntouchedAndTheDifferenceIsTold() {
        NumberMap<String> map = NumberMap.empty();
        TreeMap<Long, String> model = new TreeMap<>();
        for (int step = 0; step < STEPS; step++) {
            map = changed(map, model, key(), step);
            if (step % 20 == 0) {
                NumberMap<String> before = map;
                TreeMap<Long, String> modelBefore = new TreeMap<>(model);
                int more = random.nextInt(6);
                for (int i = 0; i < more; i++) {
                    map = changed(map, model, key(), STEPS + step * 10 + i);
                }
                NumberMap.Difference<String> difference = map.since(before);
                assertThat(difference.gone()).containsExactlyInAnyOrderElementsOf(without(modelBefore, model));
                assertThat(difference.come()).containsExactlyInAnyOrderElementsOf(without(model, modelBefore));
                List<String> old = new ArrayList<>();
                before.forEach(old::add);
                assertThat(old).containsExactlyElementsOf(modelBefore.values());
            }
        }
    }

    private NumberMap<String> changed(NumberMap<String> map, Map<Long, String> model, long key, int step) {
        if (random.nextInt(3) == 0) {
            model.remove(key);
            return map.without(key);
        }
        model.put(key, "value " + step);
        return map.with(key, "value " + step);
    }

    private static Set<String> without(Map<Long, String> all, Map<Long, String> others) {
        Set<String> left = new HashSet<>(all.values());
        left.removeAll(others.values());
        return left;
    }

    private long key() {
        return switch (random.nextInt(4)) {
            case 0 -> ENDS.get(random.nextInt(ENDS.size()));
            case 1 -> random.nextLong();
            default -> random.nextInt(200) - 100;
        };
    }
}
