package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.PhaseV1;

/** While it is being found out whether the peer's certificate is its own, nobody is anybody yet: {@link VettingTest} in IKEv1. */
class VettingV1Test {
    /** R5: the responder has our identity and signature, and says nothing until it knows; what is said again meanwhile starts nothing anew. */
    @ParameterizedTest
    @EnumSource(names = {"MAIN_RSA", "AGGRESSIVE_RSA", "MAIN_XAUTH", "MAIN_HYBRID", "AGGRESSIVE_XAUTH"})
    void whatIsSaidAgainMeanwhileIsNotHeard(SigningPhase1 kind) {
        World world = kind.world();
        world.sun.chainMillis = 9_000;
        world.moon.chainMillis = 9_000;
        world.moon.up("sun");
        world.network.run(8_000);
        assertThat(world.sun.established()).isEmpty();
        assertThat(world.moon.children()).isEmpty();
        boolean up = world.network.until(60_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1);
        assertThat(up).as(world::journal).isTrue();
        world.assertSameChildren();
    }

    /** The responder is through with phase 1 before the initiator is: what it asks then is answered as soon as we are. */
    @ParameterizedTest
    @EnumSource(names = {"MAIN_XAUTH", "MAIN_HYBRID"})
    void aRequestThatComesEarlyIsNotLost(SigningPhase1 kind) {
        World world = kind.world();
        world.moon.chainMillis = 1_000;
        world.moon.up("sun");
        boolean up = world.network.until(2_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1);
        assertThat(up).as(world::journal).isTrue();
        assertThat(world.sun.events(Event.Retransmitted.class)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"MAIN_RSA", "AGGRESSIVE_RSA"})
    void anAnswerThatComesTooLateChangesNothing(SigningPhase1 kind) {
        World world = kind.world();
        world.sun.chainMillis = 60_000;
        world.moon.up("sun");
        world.network.run(40_000);
        assertThat(SignaturesV1Test.failure(world.sun)).contains("nobody has found out in time whether its certificate is its own");
        world.moon.dead = true;
        world.network.run(60_000);
        assertThat(world.sun.sessions()).as(world::journal).isEmpty();
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itMayEndMeanwhile(boolean initiator) {
        World world = SigningPhase1.MAIN_RSA.world();
        SimulatedHost slow = initiator ? world.moon : world.sun;
        slow.chainMillis = 1_000;
        world.moon.up("sun");
        assertThat(world.network.until(900, () -> slow.sessions().stream().anyMatch(session -> session.phase() instanceof PhaseV1.Vetting))).isTrue();
        slow.shutdown();
        world.network.run(200_000);
        assertThat(slow.sessions()).isEmpty();
        assertThat(slow.events(Event.IkeUp.class)).isEmpty();
    }

    @Test
    void nobodyIsAnybodyMeanwhile() {
        World world = SigningPhase1.MAIN_RSA.world();
        world.sun.chainMillis = 1_000;
        world.moon.up("sun");
        world.network.run(500);
        assertThat(world.sun.sessions()).singleElement().satisfies(session -> {
            assertThat(session.phase()).isInstanceOf(PhaseV1.Vetting.class);
            assertThat(session.profile()).isEmpty();
        });
    }
}
