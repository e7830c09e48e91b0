package org.xfrmagent.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.it.bench.ChildrenCost.Cost;
import org.xfrmagent.policies.model.Start;

/**
 * What happens to one child costs the same whether its peer has a hundred or a thousand, and whether there are few other peers or many.
 * Octets allocated tell it without a clock: whoever copies or gathers all in a step allocates more where there are more. Who only looks
 * at them all is found by the time of the processor, the least of some attempts, so that nobody else's work counts.
 */
class ChildrenCostTest {
    private static final int FEW = 100;
    private static final int MANY = 1_000;
    private static final int SAMPLE = 50;
    private static final int ATTEMPTS = 3;

    @ParameterizedTest
    @EnumSource
    void aRekeyingCostsTheSameAmongManyChildrenAsAmongFew(Start start) {
        isFlat(start, among -> among.rekey(SAMPLE));
    }

    @ParameterizedTest
    @EnumSource
    void soDoesOneThatIsLostAndComesBack(Start start) {
        isFlat(start, among -> among.lostAndBack(SAMPLE));
    }

    /** In the kernel: in, out and forward. */
    @ParameterizedTest
    @EnumSource
    void aChildIsTwoStatesAndThreePoliciesAndItsTimesLeaveNoMore(Start start) {
        ChildrenCost all = up(1, MANY, start);
        has(all, MANY);
        var _ = all.rekey(SAMPLE);
        has(all, MANY);
        all.allDue();
        has(all, MANY);
    }

    private static void has(ChildrenCost all, int children) {
        for (Engines.Side side : List.of(all.engines().moon, all.engines().sun)) {
            assertThat(side.children()).isEqualTo(children);
            assertThat(side.states()).isEqualTo(2 * children);
            assertThat(side.policies()).isEqualTo(3 * children);
        }
    }

    private static void isFlat(Start start, Function<ChildrenCost, Cost> event) {
        ChildrenCost few = up(1, FEW, start);
        ChildrenCost many = up(1, MANY, start);
        var _ = event.apply(few);
        var _ = event.apply(many);
        Cost amongFew = least(few, event);
        Cost amongMany = least(many, event);
        assertThat(amongMany.octets()).as("%s, %s", amongFew, amongMany).isLessThan(2 * amongFew.octets());
        assertThat(amongMany.micros()).as("%s, %s", amongFew, amongMany).isLessThan(3 * amongFew.micros());
    }

    @Test
    void aRekeyingAllocatesNoMoreAmongManyPeersThanAmongFew() {
        int fewPeers = 10;
        int manyPeers = 300;
        up(fewPeers, fewPeers, Start.BY_PEER).rekey(fewPeers);
        Cost amongFew = up(fewPeers, fewPeers, Start.BY_PEER).rekey(fewPeers);
        Cost amongMany = up(manyPeers, manyPeers, Start.BY_PEER).rekey(fewPeers);
        assertThat(amongMany.octets()).isLessThan(amongFew.octets() * 5 / 4);
    }

    private static ChildrenCost up(int peers, int children, Start start) {
        ChildrenCost all = new ChildrenCost(peers, children, start);
        all.up();
        return all;
    }

    private static Cost least(ChildrenCost among, Function<ChildrenCost, Cost> event) {
        Cost least = event.apply(among);
        for (int i = 1; i < ATTEMPTS; i++) {
            Cost next = event.apply(among);
            least = new Cost(Math.min(least.micros(), next.micros()), Math.min(least.octets(), next.octets()));
        }
        return least;
    }
}
