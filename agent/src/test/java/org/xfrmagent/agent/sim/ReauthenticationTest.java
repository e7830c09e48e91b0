package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.v2.SealedMessages;
import org.xfrmagent.agent.sim.ChildTerms.Net;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.Unique;

/** New IKE SAs from scratch, with all children, before the old ones go (RFC 7296, section 2.8.3; RFC 4478). */
class ReauthenticationTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Net A = new Net("a", "10.1.0.0/24", "10.2.0.0/24");
    private static final Net B = new Net("b", "10.1.1.0/24", "10.2.1.0/24");
    private static final Net A_FOR_SUN = new Net("a", "10.2.0.0/24", "10.1.0.0/24");
    private static final Net B_FOR_SUN = new Net("b", "10.2.1.0/24", "10.1.1.0/24");

    private static Policies moon() {
        return Policies.moon().nets(A, B).start(Start.AT_START);
    }

    private static Policies sun() {
        return Policies.sun().nets(A_FOR_SUN, B_FOR_SUN);
    }

    /** At every moment both policies have a child, on both sides; at the end exactly one, under a new IKE SA. */
    private static void renewed(World world, long within) {
        Session before = world.session(world.moon);
        List<ChildSa> children = world.moon.children();
        boolean followed = world.network.until(within, () -> {
            for (SimulatedHost host : List.of(world.moon, world.sun)) {
                for (String policy : List.of("a", "b")) {
                    assertThat(host.children()).as(world::journal).anyMatch(child -> child.name().equals(policy));
                    assertThat(host.plane.policies).as(world::journal).anyMatch(spec -> spec.direction() == Direction.OUT
                            && spec.priority() == host.children().stream().filter(child -> child.name().equals(policy))
                                    .findFirst().orElseThrow().profile().priority() - 1);
                }
            }
            return world.moon.established().size() == 1 && world.moon.established().getFirst().id() != before.id()
                    && world.sun.established().size() == 1;
        });
        assertThat(followed).as(world::journal).isTrue();
        world.network.run(2_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(2).doesNotContainAnyElementsOf(children);
        world.assertSameChildren();
        assertThat(world.moon.children()).allMatch(ChildSa::sends);
        assertThat(world.sun.children()).as(world::journal).allMatch(ChildSa::sends);
    }

    @Test
    void theInitiatorMakesANewIkeSaWithAllChildrenBeforeTheOldOneGoes() {
        World world = new World(moon().reauthentication(DAY), sun()).established(2);
        renewed(world, DAY.toMillis());
        renewed(world, DAY.toMillis());
        assertThat(world.moon.events(Event.ReauthenticationDue.class)).hasSize(2);
        assertThat(world.moon.events(Event.ChildFailed.class)).isEmpty();
    }

    @Test
    void itIsDoneByCommandFromEitherSide() {
        World world = new World(moon(), sun()).established(2);
        world.moon.reauthenticate();
        renewed(world, 10_000);
        world.sun.reauthenticate();
        renewed(world, 10_000);
        assertThat(world.moon.events(Event.ChildFailed.class)).isEmpty();
    }

    /** What the peer has sent on its children still arrives: their SAs are retired, and not removed. */
    @Test
    void theOldOneGoesAsSoonAsTheNewOneHasAllChildren() {
        World world = new World(moon(), sun()).established(2);
        world.moon.reauthenticate();
        assertThat(world.network.until(10_000, () -> world.moon.established().size() == 2 && world.moon.children().size() == 4)).as(world::journal).isTrue();
        assertThat(world.network.until(100, () -> world.moon.established().size() == 1 && world.sun.established().size() == 1)).as(world::journal).isTrue();
    }

    /** As charon does, but for its make_before_break: there is nothing to make first, and who is to authenticate anew does not stay. */
    @Test
    void withoutChildrenItIsTheEnd() {
        World world = new World(moon().start(Start.BY_PEER), sun().start(Start.BY_PEER));
        world.moon.upWithoutChildren("sun");
        world.network.run(5_000);
        world.moon.reauthenticate();
        world.network.run(5_000);
        assertThat(world.moon.sessions()).as(world::journal).isEmpty();
        assertThat(world.sun.sessions()).isEmpty();
    }

    @Test
    void itWaitsForARekeyingThatIsUnderWay() {
        for (boolean atSun : List.of(false, true)) {
            World world = new World(moon(), sun()).established(2);
            (atSun ? world.sun : world.moon).rekeyIkeSas();
            world.moon.reauthenticate();
            renewed(world, 10_000);
        }
    }

    @Test
    void rekeyingDoesNotPutItOff() {
        World world = new World(moon().reauthentication(Duration.ofHours(10)), sun()).established(2);
        world.network.run(Duration.ofHours(8).toMillis());
        assertThat(world.moon.events(Event.IkeRekeyed.class)).hasSizeGreaterThanOrEqualTo(1);
        renewed(world, Duration.ofHours(2).toMillis());
    }

    @Test
    void noUniquenessPolicyOfTheResponderStandsInTheWay() {
        for (Unique unique : Unique.values()) {
            World world = new World(moon().reauthentication(DAY), sun().unique(unique)).established(2);
            renewed(world, DAY.toMillis());
            world.network.run(30_000);
            world.assertSameChildren();
            assertThat(world.sun.established()).as(() -> unique + world.journal()).hasSize(1);
        }
    }

    /* IKE_AUTH: <-- HDR, SK{IDr, AUTH, N(AUTH_LIFETIME), SA, TSi, TSr} */
    @Test
    void aResponderSaysHowLongAnAuthenticationIsGoodForAndTheInitiatorObeys() {
        World world = new World(moon(), sun().reauthentication(Duration.ofHours(1))).established(2);
        renewed(world, Duration.ofHours(1).toMillis());
        assertThat(world.sun.events(Event.IkeDown.class)).extracting(Event.IkeDown::reason).containsExactly("the peer deleted the IKE SA");
    }

    @Test
    void anInitiatorThatDoesNotIsLetGo() {
        World world = new World(moon(), sun().reauthentication(Duration.ofHours(1)).liveness(0)).established(2);
        world.moon.dead = true;
        world.network.run(Duration.ofMinutes(65).toMillis());
        assertThat(world.sun.established()).hasSize(1);
        world.network.run(Duration.ofMinutes(5).toMillis());
        assertThat(world.sun.established()).as(world::journal).isEmpty();
        assertThat(world.sun.events(Event.IkeDown.class)).extracting(Event.IkeDown::reason)
                .anyMatch(reason -> reason.contains("did not authenticate itself anew"));
    }

    /* INFORMATIONAL: <-- HDR, SK{N(AUTH_LIFETIME)} */
    @Test
    void theLifetimeMayComeLater() {
        World world = new World(moon(), sun()).established(2);
        Session sun = world.session(world.sun);
        int id = sun.phase().ikeSa().orElseThrow().window().nextRequest();
        world.moon.receive(world.session(world.moon).path(), SealedMessages.of(
                sun, ExchangeType.INFORMATIONAL, false, id, List.of(NotifyData.authLifetime(Duration.ofMinutes(10)))));
        assertThat(world.network.until(Duration.ofMinutes(10).toMillis(), () -> !world.moon.events(Event.ReauthenticationDue.class).isEmpty()))
                .as(world::journal).isTrue();
    }

    @Test
    void aPeerThatIsAwayWhenItIsTimeIsTriedAgainAndTheOldOneLivesOn() {
        World world = new World(moon().reauthentication(DAY).liveness(0), sun().liveness(0)).established(2);
        boolean due = world.network.until(DAY.toMillis(), () -> !world.moon.events(Event.ReauthenticationDue.class).isEmpty());
        assertThat(due).isTrue();
        world.sun.dead = true;
        world.network.run(100_000);
        world.sun.dead = false;
        assertThat(world.moon.children()).hasSize(2);
        renewed(world, 400_000);
    }

    @Test
    void lossDoesNotBreakIt() {
        LongStream.range(0, 10).forEach(seed -> {
            World world = new World(moon().reauthentication(DAY).liveness(0), sun().liveness(0), seed).established(2);
            world.network.until(DAY.toMillis(), () -> !world.moon.events(Event.ReauthenticationDue.class).isEmpty());
            world.network.weather = new SimulatedNetwork.Weather(0.2, 0.1, 1, 50);
            renewed(world, 600_000);
        });
    }
}
