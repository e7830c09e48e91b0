package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.wire.Header;

/** While it is being found out whether the peer's certificates are good, nobody is anybody yet (RFC 7296, section 2.15). */
class VettingTest {
    private static final int IKE_AUTH = 35;

    private static World world() {
        return new World(Policies.moon().certificates(Wallet.of("moon", KeyKind.P256)), Policies.sun().certificates(Wallet.of("sun", KeyKind.P256)));
    }

    @Test
    void retransmissionsAreAbsorbedMeanwhileAndAnsweredOnce() {
        World world = world();
        world.sun.chainMillis = 12_000;
        world.established(1);
        assertThat(world.moon.events(Event.Retransmitted.class)).isNotEmpty();
        assertThat(world.network.seen.stream()
                        .filter(sighting -> sighting.from().equals("sun") && Header.peek(sighting.datagram()).exchange() == IKE_AUTH))
                .hasSize(1);
    }

    @Test
    void theInitiatorTakesItsTimeToo() {
        World world = world();
        world.moon.chainMillis = 12_000;
        world.established(1);
        assertThat(world.network.seen).hasSize(4);
    }

    @Test
    void anAnswerThatNeverComesIsNotWaitedForForEver() {
        for (boolean moons : List.of(true, false)) {
            World world = world();
            (moons ? world.moon : world.sun).chainMillis = -1;
            world.moon.up("sun");
            world.network.run(31_000);
            SimulatedHost waiting = moons ? world.moon : world.sun;
            assertThat(waiting.events(Event.IkeFailed.class)).singleElement()
                    .satisfies(event -> assertThat(event.reason()).contains("certificate", "not known in time"));
            assertThat(waiting.sessions()).allMatch(Session::isClosed);
        }
    }

    @Test
    void theSessionMayEndMeanwhile() {
        for (boolean moons : List.of(true, false)) {
            World world = world();
            SimulatedHost waiting = moons ? world.moon : world.sun;
            waiting.chainMillis = 5_000;
            world.moon.up("sun");
            world.network.run(2_000);
            waiting.down(moons ? "sun" : "moon");
            world.network.run(10_000);
            assertThat(waiting.sessions()).isEmpty();
            assertThat(waiting.events(Event.IkeUp.class)).isEmpty();
        }
    }

    /** An authority that is not believed any more when its turn comes counts for nothing. */
    @Test
    void thePoliciesMayChangeMeanwhile() {
        for (boolean moons : List.of(true, false)) {
            World world = world();
            SimulatedHost waiting = moons ? world.moon : world.sun;
            waiting.chainMillis = 1_500;
            world.moon.up("sun");
            world.network.run(1_000);
            Wallet other = Wallet.of(waiting.name, KeyKind.P256).believing(Wallet.OTHER_ROOT);
            waiting.reconfigure((moons ? Policies.moon() : Policies.sun()).certificates(other).settings());
            world.network.run(10_000);
            assertThat(waiting.events(Event.IkeFailed.class)).as(world::journal).singleElement()
                    .satisfies(event -> assertThat(event.reason()).contains("no authority that we believe"));
            world.assertNothing();
        }
    }

    /** The responder is up, and rekeys or deletes, before the initiator knows whom it talks to: R5. */
    @Test
    void aRequestThatComesBeforeTheChainIsKnownWaits() {
        World world = world();
        world.moon.chainMillis = 3_000;
        world.moon.up("sun");
        assertThat(world.network.until(10_000, () -> !world.sun.established().isEmpty())).isTrue();
        world.sun.rekeyIkeSas();
        world.network.run(1_000);
        assertThat(world.moon.sessions()).singleElement().satisfies(session -> assertThat(session.phase()).isInstanceOf(Phase.Authenticating.class));
        world.network.run(20_000);
        world.assertSameChildren();
        assertThat(world.moon.events(Event.IkeRekeyed.class)).hasSize(1);
    }

    @Test
    void bothBeginAtOnce() {
        World world = world();
        world.moon.chainMillis = 300;
        world.sun.chainMillis = 700;
        world.moon.up("sun");
        world.sun.up("moon");
        world.network.run(60_000);
        world.assertSameChildren();
        assertThat(world.moon.children()).isNotEmpty();
    }
}
