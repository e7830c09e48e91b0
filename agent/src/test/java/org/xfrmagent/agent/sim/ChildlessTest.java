package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.policies.model.Childless;

/** IKE SAs that begin without a child (RFC 6023). */
class ChildlessTest {
    private static World world(Childless moon, Childless sun) {
        return new World(Policies.moon().esp("aes256gcm16-x25519").childless(moon), Policies.sun().esp("aes256gcm16-x25519").childless(sun));
    }

    private static List<Integer> exchanges(World world) {
        return world.network.seen.stream().map(sighting -> Header.peek(sighting.datagram()).exchange()).toList();
    }

    /* IKE_SA_INIT --> <-- N(CHILDLESS_IKEV2_SUPPORTED), IKE_AUTH{IDi, AUTH} --> <-- {IDr, AUTH}, CREATE_CHILD_SA --> <-- */
    @Test
    void everyChildThenHasAKeyExchangeOfItsOwn() {
        for (Childless sun : new Childless[] {Childless.ALLOW, Childless.PREFER, Childless.FORCE}) {
            World world = world(Childless.PREFER, sun).established(1);
            assertThat(exchanges(world)).containsExactly(34, 34, 35, 35, 36, 36);
            assertThat(world.moon.children()).extracting(ChildSa::suite).allSatisfy(suite -> assertThat(suite.toString()).contains("x25519"));
        }
    }

    @Test
    void whoPrefersItDoesWithoutWhereThePeerCannot() {
        World world = world(Childless.PREFER, Childless.NEVER).established(1);
        assertThat(exchanges(world)).containsExactly(34, 34, 35, 35);
    }

    @Test
    void whoInsistsHasNoIkeSaOtherwise() {
        World initiator = world(Childless.FORCE, Childless.NEVER);
        initiator.moon.up("sun");
        initiator.network.run(60_000);
        assertThat(initiator.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("childless: force"));
        initiator.assertNothing();

        World responder = world(Childless.ALLOW, Childless.FORCE);
        responder.moon.up("sun");
        responder.network.run(60_000);
        assertThat(responder.sun.events(Event.Refused.class)).singleElement()
                .satisfies(event -> assertThat(event.detail()).contains("childless: force"));
        responder.assertNothing();
    }

    /** What {@code swanctl --initiate --ike sun} asks for. */
    @Test
    void anIkeSaIsBroughtUpWithoutAnyChildWhereNoneIsWanted() {
        World world = world(Childless.ALLOW, Childless.ALLOW);
        world.moon.upWithoutChildren("sun");
        world.network.run(5_000);

        assertThat(world.moon.sessions()).hasSize(1).allSatisfy(session -> assertThat(session.phase().isUp()).isTrue());
        assertThat(world.moon.children()).isEmpty();
    }

    @Test
    void aPeerThatDoesNotDoWithoutAChildRefusesAnIkeSaAlone() {
        World world = world(Childless.ALLOW, Childless.NEVER);
        world.moon.upWithoutChildren("sun");
        world.network.run(5_000);

        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("none is wanted: name a policy"));
    }
}
