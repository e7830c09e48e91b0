package org.xfrmagent.agent.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Ip;

class RetiredTest {
    private static final SaId ONE = new SaId(Ip.parse("192.0.2.1").orElseThrow(), Protocol.ESP, 1);
    private static final SaId TWO = new SaId(Ip.parse("192.0.2.1").orElseThrow(), Protocol.ESP, 2);

    private final Retired retired = new Retired();

    @Test
    void eachIsDueAtTheEndOfItsGraceAndOnce() {
        retired.add(ONE, 0);
        retired.add(TWO, 100);
        assertThat(retired.next(50)).hasValue(Retired.GRACE_NANOS - 50);
        assertThat(retired.takeDue(Retired.GRACE_NANOS - 1)).isEmpty();
        assertThat(retired.takeDue(Retired.GRACE_NANOS)).containsExactly(ONE);
        assertThat(retired.all()).containsExactly(TWO);
        assertThat(retired.takeDue(Retired.GRACE_NANOS + 100)).containsExactly(TWO);
        assertThat(retired.next(0)).isEmpty();
    }

    @Test
    void retiringTwiceDoesNotProlongTheGrace() {
        retired.add(ONE, 0);
        retired.add(ONE, 100);
        assertThat(retired.takeDue(Retired.GRACE_NANOS)).containsExactly(ONE);
    }
}
