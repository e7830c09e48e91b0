package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Cpis;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Ip;

/** RFC 7296, section 2.22: N(IPCOMP_SUPPORTED) in the request, and in the answer of whoever wants it too. */
class CompressionTest {
    private static List<SaSpec> compressors(SimulatedHost host) {
        return host.plane.sas.values().stream().filter(sa -> sa.id().protocol() == Protocol.IPCOMP).toList();
    }

    private static Cpis cpis(SimulatedHost host) {
        return host.children().getFirst().cpis().orElseThrow();
    }

    private static void assertNone(World world) {
        for (SimulatedHost host : List.of(world.moon, world.sun)) {
            assertThat(host.children()).as(world::journal).isNotEmpty().allSatisfy(child -> assertThat(child.cpis()).isEmpty());
            assertThat(compressors(host)).isEmpty();
            assertThat(host.plane.sas.values()).allSatisfy(sa -> assertThat(sa.compression()).isEmpty());
            assertThat(host.plane.policies).allSatisfy(policy -> assertThat(policy.verdict())
                    .isInstanceOfSatisfying(PolicySpec.Protect.class, protect -> assertThat(protect.compression()).isEmpty()));
        }
    }

    /* N(IPCOMP_SUPPORTED, moon's CPI), SA, TSi, TSr --> <-- N(IPCOMP_SUPPORTED, sun's CPI), SA, TSi, TSr */
    @Test
    void whereBothWantItEachSendsByTheOthersCpi() {
        World world = new World(Policies.moon().compressed(), Policies.sun().compressed()).established(1);
        assertThat(cpis(world.moon)).isEqualTo(new Cpis(cpis(world.sun).out(), cpis(world.sun).in()));
        assertThat(compressors(world.moon)).hasSize(2).allSatisfy(sa -> {
            assertThat(sa.keys()).isEqualTo(new SaKeys.Deflate());
            assertThat(sa.mode()).isEqualTo(world.moon.children().getFirst().mode());
            assertThat(sa.reqid()).isEqualTo(world.moon.children().getFirst().profile().reqid());
        });
        for (PolicySpec policy : world.moon.plane.policies) {
            OptionalInt named = policy.direction() == Direction.OUT ? OptionalInt.of(cpis(world.moon).out()) : OptionalInt.empty();
            assertThat(((PolicySpec.Protect) policy.verdict()).compression()).contains(new PolicySpec.Compression(named));
        }
    }

    @Test
    void whereOneDoesNotWantItOrCannotTheChildGoesOnWithout() {
        assertNone(new World(Policies.moon().compressed(), Policies.sun()).established(1));
        assertNone(new World(Policies.moon(), Policies.sun().compressed()).established(1));
        for (boolean initiator : new boolean[] {true, false}) {
            World world = new World(Policies.moon().compressed(), Policies.sun().compressed());
            (initiator ? world.moon : world.sun).compresses = false;
            assertNone(world.established(1));
        }
    }

    /* CREATE_CHILD_SA { N(REKEY_SA), N(IPCOMP_SUPPORTED), SA, Ni, TSi, TSr } --> by either; D(ESP) ends the IPComp SAs as well */
    @Test
    void aSuccessorHasCpisOfItsOwnAndTheOldOnesGo() {
        World world = new World(Policies.moon().compressed(), Policies.sun().compressed()).established(1);
        for (SimulatedHost by : List.of(world.moon, world.sun)) {
            Cpis before = cpis(by);
            by.rekeyChildren("net");
            assertThat(world.network.until(20_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1 && !cpis(by).equals(before)))
                    .as(world::journal).isTrue();
            world.assertSameChildren();
            assertThat(Set.of(before.in(), before.out())).doesNotContain(cpis(by).in(), cpis(by).out());
            assertThat(compressors(by)).hasSize(2);
        }
        world.moon.downPolicy("net");
        world.network.run(5_000);
        assertThat(world.moon.plane.sas).as(world::journal).isEmpty();
        assertThat(world.sun.plane.sas).isEmpty();
    }

    @Test
    void anIpcompSaThatSomebodyRemovesIsReplacedWithItsChild() {
        World world = new World(Policies.moon().compressed(), Policies.sun().compressed()).established(1);
        ChildSa before = world.moon.children().getFirst();
        SaId gone = compressors(world.moon).getFirst().id();
        world.moon.steal(gone);
        assertThat(world.network.until(20_000, () -> world.moon.children().size() == 1 && world.moon.children().getFirst().serial() != before.serial()))
                .as(world::journal).isTrue();
        world.network.run(2_000);
        world.assertSameChildren();
    }

    /** RFC 4555: the IPComp SAs go where the others go. */
    @Test
    void theCompressedTunnelMovesWithItsInitiator() {
        World world = new World(Policies.moon().mobike().punctual().compressed(), Policies.sun().mobike().punctual().compressed()).established(1);
        Cpis before = cpis(world.moon);
        world.moon.readdress(Ip.parse("198.51.100.1").orElseThrow());
        world.network.run(2_000);
        assertThat(world.moon.children().getFirst().localAddress()).isEqualTo(Ip.parse("198.51.100.1").orElseThrow());
        assertThat(cpis(world.moon)).isEqualTo(before);
        world.assertSameChildren();
        assertThat(compressors(world.sun)).hasSize(2).allSatisfy(sa -> assertThat(List.of(sa.source(), sa.id().destination()))
                .containsExactlyInAnyOrder(Ip.parse("198.51.100.1").orElseThrow(), world.sun.address));
        assertThat(compressors(world.sun)).allSatisfy(sa -> assertThat(sa.encapsulation()).isEmpty());
    }

    /** What is inside would have the addresses in front of the NAT. */
    @Test
    void throughANatNothingIsCompressed() {
        World world = new World(Policies.moon().compressed(), Policies.sun().compressed().anywhere());
        world.network.translation = NatTest.nat(world, 61_000);
        world.moon.up("sun");
        assertThat(world.network.until(10_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1)).as(world::journal).isTrue();
        assertNone(world);
        assertThat(world.journal()).contains("net goes uncompressed: there is a NAT between the peer and us");
    }

    /** The kernel compresses into a tunnel of one family only. */
    @Test
    void aTunnelOfAnotherFamilyIsNotCompressed() {
        ChildTerms.Net six = new ChildTerms.Net("net", "fd01::/16", "fd02::/16");
        ChildTerms.Net sixBack = new ChildTerms.Net("net", "fd02::/16", "fd01::/16");
        assertNone(new World(Policies.moon().nets(six).compressed(), Policies.sun().nets(sixBack).compressed()).established(1));
    }

    /* IKEv1: P#1 ESP, P#1 IPCOMP, P#2 ESP --> <-- P#1 ESP, P#1 IPCOMP; or P#2 ESP from a peer that does not want it */
    @Test
    void quickModeHasABundleOfProposalsForIt() {
        World world = new World(Policies.moon().v1().compressed(), Policies.sun().v1().compressed()).established(1);
        assertThat(cpis(world.moon)).isEqualTo(new Cpis(cpis(world.sun).out(), cpis(world.sun).in()));
        assertThat(compressors(world.moon)).hasSize(2);
        for (SimulatedHost by : List.of(world.moon, world.sun)) {
            Cpis before = cpis(by);
            by.rekeyChildren("net");
            assertThat(world.network.until(60_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1 && !cpis(by).equals(before)))
                    .as(world::journal).isTrue();
            world.assertSameChildren();
        }
        assertNone(new World(Policies.moon().v1().compressed(), Policies.sun().v1()).established(1));
        assertNone(new World(Policies.moon().v1(), Policies.sun().v1().compressed()).established(1));
        for (boolean initiator : new boolean[] {true, false}) {
            World without = new World(Policies.moon().v1().compressed(), Policies.sun().v1().compressed());
            (initiator ? without.moon : without.sun).compresses = false;
            assertNone(without.established(1));
        }
    }

    @Test
    void transportModeIsCompressedAsWell() {
        World world = new World(Policies.moon().transport().compressed(), Policies.sun().transport().compressed()).established(1);
        assertThat(world.moon.plane.policies.stream().map(policy -> ((PolicySpec.Protect) policy.verdict()).endpoints()).collect(Collectors.toSet()))
                .containsExactly(Optional.empty());
        assertThat(compressors(world.moon)).hasSize(2);
    }
}
