package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Unique;

/** A second IKE SA of the same two identities (RFC 7296, section 2.4), and what the policy wants of it. */
class UniquenessTest {
    /** Moon again, from 192.0.2.3: as if it had moved, or as if its key were on two hosts. */
    private static SimulatedHost twin(World world, Policies policies) {
        return new SimulatedHost(
                "twin", Ip.parse("192.0.2.3").orElseThrow(), policies.liveness(0).settings(), world.network, new SecureRandom(), 0xc3000000);
    }

    private static World world(Unique unique) {
        return new World(Policies.moon().liveness(0), Policies.sun().liveness(0).anywhere().unique(unique)).established(1);
    }

    /* HDR, SK{IDi, N(INITIAL_CONTACT), ...} --> from the twin, which knows of no other IKE SA */
    @Test
    void initialContactReplacesTheFirstUnlessThatIsToBeIgnored() {
        for (Unique unique : Unique.values()) {
            World world = world(unique);
            Session first = world.session(world.sun);
            SimulatedHost twin = twin(world, Policies.moon());
            twin.up("sun");
            world.network.run(5_000);
            assertThat(twin.children()).as(world::journal).hasSize(1);
            if (unique == Unique.NEVER) {
                assertThat(world.sun.established()).as(world::journal).hasSize(2).contains(first);
            } else {
                assertThat(world.sun.established()).as(() -> unique + "\n" + world.journal()).singleElement()
                        .satisfies(session -> assertThat(session.path().remote()).isEqualTo(twin.address));
                assertThat(world.moon.established()).isEmpty();
            }
        }
    }

    /** Section 2.4 is of identities: of two connections with one peer the second does not take the first one down. */
    @Test
    void anotherConnectionBetweenTheSameIdentitiesIsNoInitialContact() {
        World world = world(Unique.INITIAL_CONTACT);
        Settings settings = world.moon.settings;
        Profile sun = settings.profile("sun").orElseThrow();
        Profile again = new Profile(Peer.of("sun-2", sun.peer().local(), sun.peer().remote()), List.of());
        world.moon.reconfigure(new Settings(List.of(sun, again), settings.credentials(), settings.ports()));
        world.moon.upWithoutChildren("sun-2");
        world.network.run(5_000);

        assertThat(world.moon.established()).as(world::journal).hasSize(2);
        assertThat(world.sun.established()).hasSize(2);
    }

    /** The twin says nothing of INITIAL_CONTACT. */
    private static SimulatedHost second(World world) {
        SimulatedHost twin = twin(world, Policies.moon().unique(Unique.NEVER));
        twin.up("sun");
        world.network.run(5_000);
        return twin;
    }

    @Test
    void withoutInitialContactBothStay() {
        for (Unique unique : new Unique[] {Unique.INITIAL_CONTACT, Unique.NEVER}) {
            World world = world(unique);
            assertThat(second(world).children()).hasSize(1);
            assertThat(world.sun.established()).as(world::journal).hasSize(2);
            assertThat(world.moon.children()).hasSize(1);
        }
    }

    @Test
    void replaceEndsTheFirst() {
        World world = world(Unique.REPLACE);
        SimulatedHost twin = second(world);
        assertThat(twin.children()).hasSize(1);
        assertThat(world.sun.established()).as(world::journal).singleElement()
                .satisfies(session -> assertThat(session.path().remote()).isEqualTo(twin.address));
        assertThat(world.moon.established()).isEmpty();
    }

    @Test
    void keepRefusesTheSecond() {
        World world = world(Unique.KEEP);
        SimulatedHost twin = second(world);
        assertThat(twin.established()).isEmpty();
        assertThat(twin.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("AUTHENTICATION_FAILED"));
        assertThat(world.sun.events(Event.Refused.class)).singleElement()
                .satisfies(event -> assertThat(event.detail()).contains("up already at 192.0.2.1", "unique: keep"));
        assertThat(world.moon.children()).hasSize(1);
        world.assertSameChildren();
    }

    @Test
    void anInitiatorWhosePolicyIsNeverDoesNotClaimToBeTheOnlyOne() {
        World world = new World(Policies.moon().unique(Unique.NEVER), Policies.sun()).established(1);
        assertThat(world.sun.events(Event.IkeUp.class)).extracting(Event.IkeUp::initialContact).containsExactly(false);
    }

    @Test
    void bothSidesCallingAtOnceKeepATunnel() {
        for (long delay : new long[] {0, 3, 6, 9, 12, 15}) {
            for (Unique unique : Unique.values()) {
                World world = new World(Policies.moon().liveness(0).unique(unique), Policies.sun().liveness(0).unique(unique));
                world.moon.up("sun");
                world.network.later(delay, () -> world.sun.up("moon"));
                world.network.run(60_000);
                assertThat(world.moon.children()).as(() -> unique + " " + delay + "\n" + world.journal()).isNotEmpty();
                world.assertSameChildren();
            }
        }
    }
}
