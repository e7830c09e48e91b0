package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** RFC 4303, section 3.4.3 and appendix A2, against a model that remembers every number ever accepted. */
class ReplayWindowTest {
    /** A set of all numbers, and the highest: what the RFC says, without any cleverness. */
    private static final class Model {
        private final int size;
        private final Set<Long> seen = new HashSet<>();
        private long top;

        Model(int size) {
            this.size = size;
        }

        boolean accept(long sequence) {
            if (sequence <= 0 || sequence <= top - size || !seen.add(sequence)) {
                return false;
            }
            top = Math.max(top, sequence);
            return true;
        }
    }

    @Provide
    Arbitrary<List<Integer>> steps() {
        // Mostly near the top, sometimes a leap over the whole ring.
        Arbitrary<Integer> near = Arbitraries.integers().between(-150, 80);
        Arbitrary<Integer> far = Arbitraries.integers().between(-6000, 9000);
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(9, near), net.jqwik.api.Tuple.of(1, far)).list().ofMaxSize(200);
    }

    @Property
    void agrees_with_the_model(@ForAll @IntRange(min = 1, max = 4096) int size, @ForAll("steps") List<Integer> steps) {
        ReplayWindow window = new ReplayWindow(size, false);
        Model model = new Model(size);
        for (int step : steps) {
            long sequence = Math.max(0, model.top + step);
            boolean admitted = window.admits(sequence);
            assertThat(window.accept(sequence)).as("number %d, top %d, size %d", sequence, model.top, size)
                    .isEqualTo(model.accept(sequence)).isEqualTo(admitted);
            assertThat(window.top()).isEqualTo(model.top);
        }
    }

    @Property
    void infers_the_high_half_of_every_number_that_is_near_the_window(
            @ForAll @IntRange(min = 1, max = 4096) int size, @ForAll("steps") List<Integer> steps) {
        ReplayWindow window = new ReplayWindow(size, true);
        Model model = new Model(size);
        // Begin shortly before the low half wraps.
        long start = 0x3_ffff_ff00L;
        leapTo(window, model, start);
        for (int step : steps) {
            long sequence = model.top + Math.max(step, 1 - size);
            assertThat(window.sequence((int) sequence)).isEqualTo(sequence);
            assertThat(window.accept(sequence)).isEqualTo(model.accept(sequence));
        }
    }

    private static void leapTo(ReplayWindow window, Model model, long sequence) {
        assertThat(window.accept(sequence)).isTrue();
        assertThat(model.accept(sequence)).isTrue();
    }

    @Test
    void the_check_itself_changes_nothing() {
        ReplayWindow window = new ReplayWindow(32, false);
        assertThat(window.admits(7)).isTrue();
        assertThat(window.admits(7)).isTrue();
        assertThat(window.top()).isZero();
        assertThat(window.accept(7)).isTrue();
        assertThat(window.admits(7)).isFalse();
        assertThat(window.accept(7)).isFalse();
    }

    @Test
    void number_zero_is_never_sent() {
        assertThat(new ReplayWindow(64, false).admits(0)).isFalse();
    }

    /** RFC 4303, A2.2: a number above the window's wrapped bottom belongs to the subspace before, and there is none before the first. */
    @Test
    void a_number_before_the_first_packet_is_refused() {
        ReplayWindow window = new ReplayWindow(64, true);
        assertThat(window.sequence(0xffff_fff0)).isEqualTo(-1);
        assertThat(window.admits(-1)).isFalse();
    }

    @Test
    void both_subspaces_are_told_apart_at_the_wrap() {
        ReplayWindow window = new ReplayWindow(64, true);
        assertThat(window.accept(0xffff_fffeL)).isTrue();
        assertThat(window.sequence(3)).isEqualTo(0x1_0000_0003L);
        assertThat(window.accept(0x1_0000_0003L)).isTrue();
        assertThat(window.sequence(0xffff_ffff)).isEqualTo(0xffff_ffffL);
        assertThat(window.accept(0xffff_ffffL)).isTrue();
        assertThat(window.accept(0xffff_fffeL)).isFalse();
    }

    @Test
    void without_a_window_nothing_is_refused() {
        ReplayWindow window = new ReplayWindow(0, false);
        assertThat(window.accept(5)).isTrue();
        assertThat(window.accept(5)).isTrue();
    }

    @Test
    void extended_numbers_need_a_window() {
        assertThatThrownBy(() -> new ReplayWindow(0, true)).hasMessageContaining("need a replay window");
        assertThatThrownBy(() -> new ReplayWindow(4097, false)).hasMessageContaining("4096");
    }
}
