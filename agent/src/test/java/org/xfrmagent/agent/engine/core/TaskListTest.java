package org.xfrmagent.agent.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against a plain list that is searched. */
class TaskListTest {
    private static final int STEPS = 2_000;

    private final Random random = new Random(5);

    @Test
    void aQueueIsKeptAtBothEnds() {
        TaskList<Task> tasks = TaskList.waiting(List.of());
        List<Task> model = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            Task task = task();
            switch (random.nextInt(5)) {
                case 0 -> {
                    tasks = tasks.withFirst(task);
                    model.addFirst(task);
                }
                case 1 -> {
                    tasks = tasks.without(task);
                    model.remove(task);
                }
                case 2 -> {
                    tasks = tasks.withoutFirst();
                    if (!model.isEmpty()) {
                        model.removeFirst();
                    }
                }
                default -> {
                    tasks = tasks.with(task);
                    model.add(task);
                }
            }
            Task other = task();
            assertThat(tasks).containsExactlyElementsOf(model);
            assertThat(tasks.has(other)).isEqualTo(model.contains(other));
            assertThat(tasks.about(other.topic())).containsExactlyInAnyOrderElementsOf(
                    model.stream().filter(one -> one.topic().equals(other.topic())).toList());
        }
    }

    @Test
    void delayedOnesAreDueByTheirTimes() {
        TaskList<Task.Delayed> tasks = TaskList.delayed(List.of());
        List<Task.Delayed> model = new ArrayList<>();
        for (int now = 0; now < STEPS; now++) {
            Task.Delayed one = new Task.Delayed(task(), now + random.nextInt(20));
            tasks = tasks.with(one);
            model.add(one);
            long at = now;
            List<Task.Delayed> due = model.stream().filter(delayed -> delayed.at() <= at).toList();
            assertThat(tasks.due(now)).containsExactlyElementsOf(due);
            tasks = tasks.withoutDue(now);
            model.removeAll(due);
            assertThat(tasks).containsExactlyElementsOf(model);
            assertThat(tasks.nextAt()).isEqualTo(model.stream().mapToLong(Task.Delayed::at).min().orElse(Long.MAX_VALUE));
        }
    }

    private Task task() {
        return switch (random.nextInt(6)) {
            case 0 -> new Task.CreateChild(new Input.Wish("policy " + random.nextInt(4), Optional.empty()));
            case 1 -> new Task.DeletePolicy("policy " + random.nextInt(4), "asked for");
            case 2 -> new Task.RekeyChild(random.nextInt(6));
            case 3 -> new Task.DeleteChild(random.nextInt(6), random.nextBoolean() ? "over" : "replaced");
            case 4 -> new Task.Liveness();
            default -> new Task.RekeyIke();
        };
    }
}
