package org.xfrmagent.agent.dataplane.xfrm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.netlink.xfrm.XfrmCounters;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Ip;

/** Liveness asks how long an SA was silent: neither a step of the wall clock nor an old kernel may make a dead one seem alive. */
class LastUsesTest {
    private static final SaId SA = new SaId(Ip.parse("192.0.2.1").orElseThrow(), Protocol.ESP, 0xc0000001);
    private static final long NOON = 1_800_000_000;

    private long seconds = 1000;
    private long wallClock = NOON;
    private final LastUses uses = new LastUses(() -> seconds);

    private void pass(long time) {
        seconds += time;
        wallClock += time;
    }

    private long ago(long packets, long lastUsed) {
        return uses.usage(SA, new XfrmCounters(100 * packets, packets, NOON, packets == 0 ? 0 : NOON), lastUsed, wallClock).lastUsedSecondsAgo();
    }

    @Test
    void whatWasNeverUsedSaysSo() {
        assertThat(ago(0, 0)).isNegative();
    }

    @Test
    void theKernelsTimeCountsToTheSecond() {
        assertThat(ago(1, NOON)).isZero();
        pass(60);
        assertThat(ago(2, NOON + 45)).isEqualTo(15);
        pass(10);
        assertThat(ago(2, NOON + 45)).isEqualTo(25);
    }

    @Test
    void aDeadSaStaysDeadWhenTheClockIsSetBack() {
        assertThat(ago(5, NOON)).isZero();
        pass(30);
        wallClock -= 3_600;
        assertThat(ago(5, NOON)).isEqualTo(30);
        pass(30);
        assertThat(ago(5, NOON)).isEqualTo(60);
    }

    @Test
    void anSaInUseStaysAliveWhenTheClockIsSetForward() {
        assertThat(ago(5, NOON)).isZero();
        pass(2);
        wallClock += 3_600;
        assertThat(ago(9, NOON + 1)).as("at most as long ago as it was asked about").isEqualTo(2);
        pass(2);
        assertThat(ago(12, wallClock)).isZero();
    }

    @Test
    void aKernelThatTellsNoTimeIsBelievedByItsCounter() {
        assertThat(ago(5, 0)).isZero();
        pass(20);
        assertThat(ago(5, 0)).isEqualTo(20);
        assertThat(ago(6, 0)).isZero();
    }
}
