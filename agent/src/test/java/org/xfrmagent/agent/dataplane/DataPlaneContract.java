package org.xfrmagent.agent.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.xfrmagent.agent.dataplane.SiteToSite.HERE;
import static org.xfrmagent.agent.dataplane.SiteToSite.LOCAL_HOST;
import static org.xfrmagent.agent.dataplane.SiteToSite.REMOTE_HOST;
import static org.xfrmagent.agent.dataplane.SiteToSite.REQID;
import static org.xfrmagent.agent.dataplane.SiteToSite.THERE;
import static org.xfrmagent.agent.dataplane.SiteToSite.THERE_LATER;
import static org.xfrmagent.agent.dataplane.SiteToSite.inbound;
import static org.xfrmagent.agent.dataplane.SiteToSite.keys;
import static org.xfrmagent.agent.dataplane.SiteToSite.outbound;
import static org.xfrmagent.agent.dataplane.SiteToSite.pair;
import static org.xfrmagent.agent.dataplane.SiteToSite.protect;
import static org.xfrmagent.agent.dataplane.SiteToSite.trap;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.Mode;

/**
 * What every data plane promises, whatever encrypts. A subclass opens a plane where the gateway of {@link SiteToSite} stands, and can
 * send packets from its LAN to the other. Nobody needs to receive them.
 */
public abstract class DataPlaneContract extends MovingContract {
    @Test
    void reserved_spis_are_large_and_different() throws Exception {
        SpiRequest request = new SpiRequest(THERE, HERE, Protocol.ESP, Mode.TUNNEL, REQID);
        Set<Integer> spis = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            int spi = plane().allocate(request);
            assertThat(Integer.compareUnsigned(spi, 0xc000_0000)).isGreaterThanOrEqualTo(0);
            assertThat(spis.add(spi)).as("0x%08x again", spi).isTrue();
        }
    }

    /** RFC 3173, section 3.3: what is below needs no agreement, what is above is for private use. */
    @Test
    void reserved_cpis_are_those_that_are_to_be_negotiated() throws Exception {
        assumeTrue(plane().capabilities().protocols().contains(Protocol.IPCOMP), "no IPComp");
        Set<Integer> cpis = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            assertThat(cpis.add(plane().allocate(new SpiRequest(THERE, HERE, Protocol.IPCOMP, Mode.TUNNEL, REQID)))).isTrue();
        }
        assertThat(cpis).allMatch(cpi -> cpi >= 0x100 && cpi <= 0xefff);
    }

    /** Each SA of ESP has one of IPComp beside it; the policies name both, and are read as they were given. */
    @Test
    void compression_is_an_sa_of_its_own_that_comes_moves_and_goes_like_another() throws Exception {
        assumeTrue(plane().capabilities().protocols().contains(Protocol.IPCOMP), "no IPComp");
        SaSpec in = inbound(0xc0ffee01, SaLimits.NONE).compressed(plane().allocate(new SpiRequest(THERE, HERE, Protocol.IPCOMP, Mode.TUNNEL, REQID)));
        SaSpec out = outbound(0xc0ffee02, SaLimits.NONE).compressed(0x52b4);
        SaSpec compressorIn = in.compressor().orElseThrow();
        SaSpec compressorOut = out.compressor().orElseThrow();
        PolicySpec policy = compressed(protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee02)), OptionalInt.of(0x52b4));
        PolicySpec back = compressed(protect(Direction.IN, 1000, OptionalInt.empty()), OptionalInt.empty());
        apply(add(compressorIn), add(in), add(compressorOut), add(out), add(policy), add(back));
        assertThat(installedSas()).containsExactlyInAnyOrder(in.id(), out.id(), compressorIn.id(), compressorOut.id());
        assertThat(plane().installed().policies()).containsExactlyInAnyOrder(policy, back);
        assertThat(plane().repair()).isEmpty();

        Operation.MoveSa moveIn = new Operation.MoveSa(compressorIn.id(), Direction.IN, THERE_LATER, HERE, Optional.empty());
        Operation.MoveSa moveOut = new Operation.MoveSa(compressorOut.id(), Direction.OUT, HERE, THERE_LATER, Optional.empty());
        apply(moveIn, moveOut);
        assertThat(installedSas()).containsExactlyInAnyOrder(in.id(), out.id(), compressorIn.id(), moveOut.moved());

        apply(remove(policy), remove(back), new Operation.RemoveSa(in.id()), new Operation.RemoveSa(out.id()),
                new Operation.RemoveSa(compressorIn.id()), new Operation.RetireSa(moveOut.moved()));
        assertThat(installedSas()).isEmpty();
    }

    private static PolicySpec compressed(PolicySpec policy, OptionalInt cpi) {
        PolicySpec.Protect plain = (PolicySpec.Protect) policy.verdict();
        return policy.withVerdict(plain.compressed(Optional.of(new PolicySpec.Compression(cpi))));
    }

    @Test
    void an_inbound_sa_takes_the_place_of_its_reservation() throws Exception {
        int spi = plane().allocate(new SpiRequest(THERE, HERE, Protocol.ESP, Mode.TUNNEL, REQID));
        apply(add(inbound(spi, SaLimits.NONE)));
        assertThat(installedSas()).containsExactly(new SaId(HERE, Protocol.ESP, spi));
    }

    @Test
    void an_sa_of_which_nothing_was_reserved_can_be_added() {
        SaSpec in = inbound(0xc0ffee01, SaLimits.NONE);
        SaSpec out = outbound(0xc0ffee02, SaLimits.NONE);
        apply(add(in), add(out));
        assertThat(installedSas()).containsExactlyInAnyOrder(in.id(), out.id());
        assertThat(plane().installed().sas()).allSatisfy(sa -> assertThat(sa.reqid()).isEqualTo(REQID));
    }

    @Test
    void a_new_sa_has_carried_nothing() {
        SaSpec out = outbound(0xc0ffee02, SaLimits.NONE);
        apply(add(out));
        assertThat(plane().usage(Set.of(out.id()))).containsExactlyEntriesOf(java.util.Map.of(out.id(), Usage.NONE));
    }

    @Test
    void there_is_no_second_sa_with_the_same_id() {
        SaSpec out = outbound(0xc0ffee02, SaLimits.NONE);
        apply(add(out));
        assertThat(plane().apply(List.of(add(out)))).isInstanceOfSatisfying(Outcome.Refused.class, refused -> {
            assertThat(refused.operation()).isEqualTo(add(out));
            assertThat(refused.reason()).isNotBlank();
        });
        assertThat(installedSas()).containsExactly(out.id());
    }

    @Test
    void when_one_operation_fails_none_has_happened() {
        SaSpec first = outbound(0xc0ffee01, SaLimits.NONE);
        SaSpec second = outbound(0xc0ffee02, SaLimits.NONE);
        apply(add(first), add(trap()));
        PolicySpec other = protect(Direction.IN, 1000, OptionalInt.empty());
        Outcome outcome = plane().apply(List.of(add(second), add(other), remove(trap()), add(first)));
        assertThat(outcome).isInstanceOfSatisfying(
                Outcome.Refused.class, refused -> assertThat(refused.operation()).isEqualTo(add(first)));
        assertThat(installedSas()).containsExactly(first.id());
        assertThat(plane().installed().policies()).containsExactly(trap());
    }

    @Test
    void what_nobody_damaged_needs_no_repair_and_ones_own_changes_are_no_event() throws Exception {
        PolicySpec discard = new PolicySpec(Direction.OUT, pair("10.7.0.0/16", "10.8.0.0/16"), 2000, new PolicySpec.Discard(), OptionalInt.empty());
        PolicySpec bypass = new PolicySpec(Direction.OUT, pair("10.8.0.0/16", "10.7.0.0/16"), 2001, new PolicySpec.Bypass(), OptionalInt.empty());
        SaSpec out = outbound(0xc0ffee01, SaLimits.NONE);
        apply(add(out), add(trap()), add(protect(Direction.IN, 1000, OptionalInt.empty())), add(discard), add(bypass));
        assertThat(plane().repair()).isEmpty();
        apply(new Operation.RemoveSa(out.id()), remove(trap()), remove(discard));
        assertThat(plane().repair()).isEmpty();
        assertThat(events()).isEmpty();
    }

    @Test
    void a_retired_sa_is_no_longer_installed_and_retiring_what_is_not_there_is_no_failure() {
        SaSpec out = outbound(0xc0ffee01, SaLimits.NONE);
        apply(add(out));
        apply(new Operation.RetireSa(out.id()), new Operation.RetireSa(new SaId(THERE, Protocol.ESP, 0xc0ffee99)));
        assertThat(installedSas()).isEmpty();
    }

    @Test
    void removing_an_sa_that_is_not_there_is_no_failure() {
        SaSpec out = outbound(0xc0ffee02, SaLimits.NONE);
        apply(remove(out));
        apply(add(out));
        apply(remove(out), remove(out));
        assertThat(installedSas()).isEmpty();
        assertThat(plane().usage(Set.of(out.id()))).isEmpty();
    }

    /** A trap, then its child, then the child's successor; each is in force while it is the best, and what it covers comes back. */
    @Test
    void of_policies_with_the_same_selectors_the_lowest_number_and_then_the_newest_is_in_force() {
        PolicySpec trap = trap();
        PolicySpec child = protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee01));
        PolicySpec successor = protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee02));
        apply(add(outbound(0xc0ffee01, SaLimits.NONE)), add(outbound(0xc0ffee02, SaLimits.NONE)));
        apply(add(trap));
        assertThat(plane().installed().policies()).containsExactly(trap);
        apply(add(child));
        assertThat(plane().installed().policies()).containsExactly(child);
        apply(add(successor));
        assertThat(plane().installed().policies()).containsExactly(successor);
        apply(remove(child));
        assertThat(plane().installed().policies()).containsExactly(successor);
        apply(remove(successor));
        assertThat(plane().installed().policies()).containsExactly(trap);
        apply(remove(trap));
        assertThat(plane().installed().policies()).isEmpty();
    }

    @Test
    void a_better_policy_under_one_that_is_in_force_takes_over_when_that_one_goes() {
        PolicySpec child = protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee01));
        apply(add(child), add(trap()));
        assertThat(plane().installed().policies()).containsExactly(child);
        apply(remove(child));
        assertThat(plane().installed().policies()).containsExactly(trap());
    }

    @Test
    void the_same_policy_added_twice_is_to_be_removed_twice() {
        apply(add(trap()));
        apply(add(trap()));
        apply(remove(trap()));
        assertThat(plane().installed().policies()).containsExactly(trap());
        apply(remove(trap()));
        assertThat(plane().installed().policies()).isEmpty();
    }

    @Test
    void policies_of_all_directions_and_verdicts_stand_side_by_side() {
        PolicySpec out = trap();
        PolicySpec in = protect(Direction.IN, 1001, OptionalInt.empty());
        PolicySpec forward = protect(Direction.FWD, 1001, OptionalInt.empty());
        PolicySpec bypass = new PolicySpec(
                Direction.OUT, pair("10.1.0.0/24", "10.2.0.0/24"), 10, new PolicySpec.Bypass(), OptionalInt.empty());
        PolicySpec discard = new PolicySpec(
                Direction.OUT, pair("10.1.9.0/24", "10.2.9.0/24"), 11, new PolicySpec.Discard(), OptionalInt.empty());
        apply(add(out), add(in), add(forward), add(bypass), add(discard));
        assertThat(plane().installed().policies()).containsExactlyInAnyOrder(out, in, forward, bypass, discard);
    }

    @Test
    void policies_for_different_marks_stand_side_by_side() {
        assumeTrue(knowsMarks());
        PolicySpec red = marked(trap(), 0x10);
        PolicySpec blue = marked(trap(), 0x20);
        apply(add(trap()), add(red), add(blue));
        assertThat(plane().installed().policies()).containsExactlyInAnyOrder(trap(), red, blue);
        apply(remove(red));
        assertThat(plane().installed().policies()).containsExactlyInAnyOrder(trap(), blue);
    }

    @Test
    void an_sa_with_a_mark_is_found_and_removed_like_any_other() {
        assumeTrue(knowsMarks());
        SaSpec red = marked(outbound(0xc0ffee01, SaLimits.NONE));
        apply(add(red));
        assertThat(installedSas()).containsExactly(red.id());
        assertThat(plane().usage(Set.of(red.id()))).containsOnlyKeys(red.id());
        apply(remove(red), add(red));
        assertThat(installedSas()).containsExactly(red.id());
        assertThat(plane().apply(List.of(add(marked(outbound(0xc0ffee02, SaLimits.NONE))), add(red)))).isInstanceOf(Outcome.Refused.class);
        assertThat(installedSas()).containsExactly(red.id());
        apply(remove(red));
        assertThat(installedSas()).isEmpty();
    }

    @Test
    void a_plane_that_knows_no_marks_refuses_them() {
        assumeFalse(knowsMarks());
        for (Operation operation : List.of(add(marked(trap(), 0x10)), add(marked(outbound(0xc0ffee01, SaLimits.NONE))))) {
            assertThat(plane().apply(List.of(operation))).isInstanceOfSatisfying(
                    Outcome.Refused.class, refused -> assertThat(refused.reason()).contains("marks"));
        }
        assertThat(plane().installed().policies()).isEmpty();
        assertThat(installedSas()).isEmpty();
    }

    private static PolicySpec marked(PolicySpec policy, int mark) {
        return new PolicySpec(
                policy.direction(), policy.selectors(), policy.priority(), policy.verdict(), policy.ifId(),
                Optional.of(new Mark(mark, 0xff)));
    }

    private static SaSpec marked(SaSpec sa) {
        SaMarks marks = new SaMarks(Optional.of(new Mark(0x10, 0xff)), Optional.empty());
        return new SaSpec(
                sa.id(), sa.source(), sa.direction(), sa.mode(), sa.reqid(), keys(sa.id().spi()), sa.encapsulation(), sa.replayWindow(),
                sa.esn(), sa.limits(), sa.selector(), sa.ifId(), marks);
    }

    @Test
    void packets_are_counted_by_the_sa_that_carries_them() throws Exception {
        SaSpec out = outbound(0xc0ffee01, SaLimits.NONE);
        apply(add(out), add(protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee01))));
        send(3);
        Usage usage = awaitPackets(out.id(), 3);
        assertThat(usage.bytes()).isPositive();
        assertThat(usage.lastUsedSecondsAgo()).isBetween(-1L, DEADLINE_SECONDS);
    }

    @Test
    void replacing_the_policy_switches_the_traffic_to_the_new_sa() throws Exception {
        SaSpec old = outbound(0xc0ffee01, SaLimits.NONE);
        SaSpec fresh = outbound(0xc0ffee02, SaLimits.NONE);
        PolicySpec through = protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee01));
        apply(add(old), add(through));
        send(2);
        awaitPackets(old.id(), 2);
        apply(add(fresh), add(protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee02))), remove(through));
        send(2);
        awaitPackets(fresh.id(), 2);
        assertThat(plane().usage(Set.of(old.id())).getOrDefault(old.id(), Usage.NONE).packets()).isEqualTo(2);
    }

    @Test
    void a_packet_that_meets_a_trap_asks_for_an_sa() throws Exception {
        apply(add(trap()));
        send(3);
        DataPlaneEvent event = await(one -> one instanceof DataPlaneEvent.Acquire);
        assertThat(event).isInstanceOfSatisfying(DataPlaneEvent.Acquire.class, acquire -> {
            assertThat(acquire.reqid()).isEqualTo(REQID);
            assertThat(acquire.packet().source().range().contains(LOCAL_HOST)).isTrue();
            assertThat(acquire.packet().destination().range().contains(REMOTE_HOST)).isTrue();
        });
    }

    @Test
    void an_sa_near_its_end_says_so_and_then_it_is_gone() throws Exception {
        SaSpec out = outbound(0xc0ffee01, new SaLimits(0, 0, 0, 0, 3, 6));
        apply(add(out), add(protect(Direction.OUT, 1000, OptionalInt.empty())));
        send(5);
        assertThat(await(one -> one instanceof DataPlaneEvent.SoftExpire))
                .isEqualTo(new DataPlaneEvent.SoftExpire(out.id(), REQID));
        assertThat(installedSas()).containsExactly(out.id());
        send(5);
        assertThat(await(one -> one instanceof DataPlaneEvent.HardExpire))
                .isEqualTo(new DataPlaneEvent.HardExpire(out.id(), REQID));
        assertThat(installedSas()).isEmpty();
    }

    @Test
    void octets_are_a_limit_too() throws Exception {
        SaSpec out = outbound(0xc0ffee01, new SaLimits(0, 0, 1, 1_000_000, 0, 0));
        apply(add(out), add(protect(Direction.OUT, 1000, OptionalInt.empty())));
        send(3);
        assertThat(await(one -> one instanceof DataPlaneEvent.SoftExpire))
                .isEqualTo(new DataPlaneEvent.SoftExpire(out.id(), REQID));
        assertThat(installedSas()).containsExactly(out.id());
    }

    @Test
    void an_sa_that_carries_nothing_grows_old_all_the_same() throws Exception {
        Assumptions.assumeTrue(hasClock());
        SaSpec in = inbound(0xc0ffee01, new SaLimits(1, 5, 0, 0, 0, 0));
        apply(add(in));
        assertThat(await(one -> one instanceof DataPlaneEvent.SoftExpire))
                .isEqualTo(new DataPlaneEvent.SoftExpire(in.id(), REQID));
        assertThat(await(one -> one instanceof DataPlaneEvent.HardExpire))
                .isEqualTo(new DataPlaneEvent.HardExpire(in.id(), REQID));
        assertThat(installedSas()).isEmpty();
    }

    @Test
    void closing_twice_is_harmless() {
        plane().close();
        plane().close();
    }
}
