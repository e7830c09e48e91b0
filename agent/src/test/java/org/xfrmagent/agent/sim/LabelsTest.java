package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.v2.SealedMessages;
import org.xfrmagent.agent.sim.ChildTerms.Net;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.ProposalSubstructure;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.agent.wire.TransformSubstructure;
import org.xfrmagent.agent.wire.TsPayload;
import org.xfrmagent.agent.wire.TsSubstructure;
import org.xfrmagent.policies.model.SecurityLabel;

/** Children that differ in nothing but what both peers call them: RFC 9478. */
class LabelsTest {
    private static final Net NET = new Net("net", "10.1.0.0/16", "10.2.0.0/16");
    private static final Net RED = new Net("red", "10.1.0.0/16", "10.2.0.0/16").labelled("red");
    private static final Net BLUE = new Net("blue", "10.1.0.0/16", "10.2.0.0/16").labelled("blue");

    private static World world(List<Net> moon, List<Net> sun) {
        return new World(
                Policies.moon().nets(moon.toArray(Net[]::new)), Policies.sun().nets(sun.stream().map(Net::reversed).toArray(Net[]::new)));
    }

    /** Moon wants that child; whether it comes up. */
    private static boolean comesUp(World world, String policy) {
        int before = world.moon.children().size();
        world.moon.up("sun", policy);
        world.network.run(5_000);
        return world.moon.children().size() > before;
    }

    private static List<Optional<SecurityLabel>> labels(SimulatedHost host) {
        return host.children().stream().map(child -> child.profile().policy().match().label()).toList();
    }

    /*
     * {..., TSi(10.1/16, red), TSr(10.2/16, red)} -->        <-- {..., TSi(10.1/16, red), TSr(10.2/16, red)}
     * {..., TSi(10.1/16, blue), TSr(10.2/16, blue)} -->      <-- {..., TSi(10.1/16, blue), TSr(10.2/16, blue)}
     */
    @Test
    void eachChildIsThatOfThePolicyWithItsLabel() {
        World world = world(List.of(RED, NET, BLUE), List.of(BLUE, NET, RED));
        for (Net each : List.of(RED, BLUE, NET)) {
            assertThat(comesUp(world, each.name())).as(world::journal).isTrue();
            assertThat(labels(world.moon)).as(world::journal).endsWith(each.label());
            assertThat(labels(world.sun)).isEqualTo(labels(world.moon));
            assertThat(world.sun.children().getLast().name()).isEqualTo(each.name());
        }
        /* {N(REKEY_SA), ..., TSi(10.1/16, blue), TSr(10.2/16, blue)} --> */
        ChildSa before = world.moon.children().get(1);
        world.moon.rekeyChildren("blue");
        assertThat(world.network.until(10_000, () -> world.moon.children().size() == 3 && !world.moon.children().contains(before))).as(world::journal).isTrue();
        world.network.run(10_000);
        assertThat(labels(world.moon)).containsExactlyInAnyOrder(RED.label(), BLUE.label(), NET.label());
        assertThat(labels(world.sun)).containsExactlyInAnyOrder(RED.label(), BLUE.label(), NET.label());
        /* {N(REKEY_SA), ..., TSi(10.2/16, red), TSr(10.1/16, red)} <-- */
        ChildSa suns = world.sun.children().stream().filter(child -> child.name().equals("red")).findFirst().orElseThrow();
        world.sun.rekeyChildren("red");
        assertThat(world.network.until(10_000, () -> world.sun.children().size() == 3 && !world.sun.children().contains(suns))).as(world::journal).isTrue();
        world.network.run(10_000);
        assertThat(labels(world.moon)).containsExactlyInAnyOrder(RED.label(), BLUE.label(), NET.label());
    }

    /** Section 2.2: "It MUST be used as an exact match value", and whoever has no such policy says TS_UNACCEPTABLE. */
    @Test
    void anotherLabelOrOneTooManyOrNoneIsUnacceptable() {
        assertRefused(RED, BLUE, "with labels [red] === [red], which no policy of the peer covers");
        assertRefused(RED, NET, "with labels [red] === [red], which no policy of the peer covers");
        assertRefused(NET, RED, "asks for [10.1.0.0/16] === [10.2.0.0/16], which no policy of the peer covers");
        assertRefused(RED, RED.labelled("red "), "with labels [red] === [red], which no policy of the peer covers");
    }

    private static void assertRefused(Net moon, Net sun, String reason) {
        World world = world(List.of(new Net(RED.name(), moon.local(), moon.remote(), moon.label())), List.of(sun));
        assertThat(comesUp(world, "red")).as(world::journal).isFalse();
        assertThat(world.moon.events(Event.ChildFailed.class)).as(world::journal).last()
                .satisfies(event -> assertThat(event.reason()).contains("TS_UNACCEPTABLE"));
        assertThat(world.sun.events(Event.Refused.class)).as(world::journal).last().satisfies(event -> assertThat(event.detail()).contains(reason));
        assertThat(world.sun.children()).isEmpty();
    }

    /*
     * {..., TSi(10.1/16, red), TSr(10.2/16, red)} -->
     *                                                        <-- {..., TSi(10.1/16), TSr(10.2/16)}: it knows no labels
     * {D(ESP)} -->
     */
    @Test
    void whatAPeerGrantsWithoutOurLabelIsDeleted() {
        for (List<List<String>> answer : List.of(
                List.of(List.<String>of(), List.<String>of()), List.of(List.of("red"), List.<String>of()), List.of(List.of("blue"), List.of("blue")),
                List.of(List.of("red", "blue"), List.of("red", "blue")))) {
            World world = world(List.of(NET, RED), List.of(NET, RED));
            assertThat(comesUp(world, "net")).isTrue();
            world.sun.dead = true;
            world.moon.up("sun", "red");
            assertThat(world.network.until(1_000, () -> outstanding(world).isPresent())).as(world::journal).isTrue();
            Session moon = world.session(world.moon);
            world.moon.receive(moon.path(), SealedMessages.of(
                    world.session(world.sun), ExchangeType.CREATE_CHILD_SA, true, outstanding(world).orElseThrow(), List.of(
                            new SaPayload(List.of(new ProposalSubstructure(1, 3, Bytes.hex("c0000abc"), List.of(
                                    new TransformSubstructure(1, 20, 256), new TransformSubstructure(5, 0))))),
                            new NoncePayload(Bytes.wrap(new byte[32])),
                            ts(Role.INITIATOR, "0a010000", "0a01ffff", answer.getFirst()), ts(Role.RESPONDER, "0a020000", "0a02ffff", answer.getLast()))));
            world.network.run(500);
            assertThat(world.moon.children()).as(world::journal).extracting(ChildSa::name).containsExactly("net");
            assertThat(world.moon.events(Event.ChildFailed.class)).as(world::journal).singleElement()
                    .satisfies(event -> assertThat(event.reason()).contains("the peer answered with labels " + answer.getFirst() + " === "
                            + answer.getLast() + ", and policy 'red' has 'red'"));
        }
    }

    private static Optional<Integer> outstanding(World world) {
        return world.session(world.moon).phase().ikeSa().orElseThrow().window().outstanding().map(request -> request.messageId());
    }

    private static TsPayload ts(Role role, String from, String to, List<String> labels) {
        List<Bytes> octets = new ArrayList<>();
        labels.forEach(label -> octets.add(Bytes.of(new SecurityLabel(label).octets())));
        return new TsPayload(role, List.of(new TsSubstructure(7, 0, 0, 65_535, Bytes.hex(from), Bytes.hex(to))), octets, List.of());
    }

    /** A label of IKEv2 is never given up for IKEv1, which knows none. */
    @Test
    void aPeerThatSpeaksIkev1GetsNoLabelledChild() {
        World world = new World(Policies.moon().v1().nets(new Net("red", RED.local(), RED.remote())), Policies.sun().either().nets(RED.reversed()));
        assertThat(comesUp(world, "red")).as(world::journal).isFalse();
        assertThat(world.sun.children()).isEmpty();
    }
}
