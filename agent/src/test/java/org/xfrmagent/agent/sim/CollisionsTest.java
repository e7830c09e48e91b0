package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Input.Order;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Session;

/**
 * RFC 7296, sections 2.8 and 2.25: whatever two sides do at the same time, in whatever order it arrives, they end with the same SAs.
 * Each pair of things is gone through in every order, with one datagram lost or delivered twice at any point. A larger bound:
 * {@code -Dexplore.faults=2}, {@code -Dexplore.commands=3}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CollisionsTest {
    private static final int FAULTS = Integer.getInteger("explore.faults", 1);
    private static final int COMMANDS = Integer.getInteger("explore.commands", 2);

    enum What {
        REKEY_CHILD,
        REKEY_IKE,
        DELETE_CHILD,
        CREATE_CHILD,
        DELETE_IKE;

        Input input(Half half) {
            return new Input.Command(switch (this) {
                case REKEY_CHILD -> new Order.Rekey(OptionalInt.of(half.newest("net")));
                case REKEY_IKE -> new Order.Rekey(OptionalInt.empty());
                case DELETE_CHILD -> new Order.TerminateChild("net", "the user wants it down");
                case CREATE_CHILD -> new Order.Initiate(List.of(new Wish("voice", Optional.empty())));
                case DELETE_IKE -> new Order.Terminate("the user wants it down");
            });
        }
    }

    record Done(int side, What what) {
        @Override
        public String toString() {
            return (side == 0 ? "moon " : "sun ") + what;
        }
    }

    record Scenario(List<Done> commands) {
        boolean has(What what) {
            return commands.stream().anyMatch(done -> done.what() == what);
        }

        boolean hasOnly(What... all) {
            return commands.stream().allMatch(done -> List.of(all).contains(done.what()));
        }

        @Override
        public String toString() {
            return commands.toString();
        }
    }

    private Half moon;
    private Half sun;

    @BeforeAll
    void establish() {
        ChildTerms.Net net = new ChildTerms.Net("net", "10.1.0.0/16", "10.2.0.0/16");
        ChildTerms.Net voice = new ChildTerms.Net("voice", "10.8.0.0/16", "10.9.0.0/16");
        World world = new World(
                Policies.moon().punctual().liveness(0).nets(net, voice), Policies.sun().punctual().liveness(0).nets(reversed(net), reversed(voice)));
        world.moon.up("sun", "net");
        assertThat(world.network.until(1_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1)).isTrue();
        world.network.run(100);
        moon = Half.of(world.moon, 0xc1000100);
        sun = Half.of(world.sun, 0xc2000100);
    }

    private static ChildTerms.Net reversed(ChildTerms.Net net) {
        return new ChildTerms.Net(net.name(), net.remote(), net.local());
    }

    /** Every set of commands, moon's and sun's, up to symmetry: which side first set up the IKE SA makes a difference, so there is little. */
    static Stream<Scenario> scenarios() {
        List<Done> all = new ArrayList<>();
        for (What what : What.values()) {
            all.add(new Done(0, what));
            all.add(new Done(1, what));
        }
        List<Scenario> scenarios = new ArrayList<>();
        choose(all, 0, List.of(), scenarios);
        return scenarios.stream();
    }

    private static void choose(List<Done> all, int from, List<Done> chosen, List<Scenario> scenarios) {
        if (!chosen.isEmpty()) {
            scenarios.add(new Scenario(chosen));
        }
        for (int i = from; i < all.size() && chosen.size() < COMMANDS; i++) {
            List<Done> more = new ArrayList<>(chosen);
            more.add(all.get(i));
            choose(all, i + 1, List.copyOf(more), scenarios);
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void bothSidesEndWithTheSameSasWhateverHappensFirst(Scenario scenario) {
        long before = System.nanoTime();
        Explorer explorer = new Explorer(
                scenario.commands().stream()
                        .map(done -> new Explorer.Command(done.side(), done.toString(), done.what()::input))
                        .toList(),
                (one, other) -> {
                    if (scenario.hasOnly(What.REKEY_CHILD, What.REKEY_IKE, What.CREATE_CHILD)) {
                        assertNothingIsSentInVain(one, other);
                        assertNothingIsSentInVain(other, one);
                    }
                },
                (one, other) -> assertAgreed(scenario, one, other));
        explorer.explore(moon, sun, FAULTS);
        System.out.printf("%s: %,d states, %,d different steps, %,d ends, %,d ms%n", scenario, explorer.states(), explorer.steps(), explorer.ends(),
                (System.nanoTime() - before) / 1_000_000);
        assertThat(explorer.ends()).isPositive();
    }

    /** No packet is lost across a rekeying: what the one may send on now, the other receives. */
    private static void assertNothingIsSentInVain(Half sender, Half receiver) {
        assertThat(sender.sendsOn(1)).as("%s sends on", sender.name()).isNotEmpty();
        assertThat(receiver.receivesOn()).as("%s receives on", receiver.name()).containsAll(sender.sendsOn(1));
    }

    private static void assertAgreed(Scenario scenario, Half one, Half other) {
        one.assertAtRest(Explorer.HORIZON);
        other.assertAtRest(Explorer.HORIZON);
        assertSameChildren(one, other);
        assertThat(one.session().isClosed()).isEqualTo(other.session().isClosed()).isEqualTo(scenario.has(What.DELETE_IKE));
        if (!scenario.has(What.DELETE_IKE)) {
            assertThat(one.ikeSas().map(sa -> List.of(sa.initiatorSpi(), sa.responderSpi())).toList())
                    .isEqualTo(other.ikeSas().map(sa -> List.of(sa.initiatorSpi(), sa.responderSpi())).toList())
                    .hasSize(1);
            assertThat(count(one, "net")).isEqualTo(scenario.has(What.DELETE_CHILD) ? 0 : 1);
            boolean twice = scenario.commands().stream().filter(done -> done.what() == What.CREATE_CHILD).count() > 1;
            assertThat(count(one, "voice")).isIn(scenario.has(What.CREATE_CHILD) ? twice ? Set.of(1L, 2L) : Set.of(1L) : Set.of(0L));
        }
    }

    private static long count(Half half, String policy) {
        return half.session().children().stream().filter(child -> child.name().equals(policy)).count();
    }

    private static void assertSameChildren(Half one, Half other) {
        Session here = one.session();
        Session there = other.session();
        assertThat(here.children()).hasSameSizeAs(there.children());
        for (ChildSa child : here.children()) {
            assertThat(there.children()).anyMatch(mirror ->
                    mirror.inbound().equals(child.outbound()) && mirror.outbound().equals(child.inbound()));
        }
        for (SaSpec out : one.sas().values()) {
            assertThat(other.sas().values()).anyMatch(in -> in.direction() != out.direction()
                    && (out.direction() == Direction.OUT ? RememberingPlane.fit(out, in) : RememberingPlane.fit(in, out)));
        }
    }
}
