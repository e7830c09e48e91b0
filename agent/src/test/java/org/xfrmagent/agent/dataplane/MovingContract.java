package org.xfrmagent.agent.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.agent.dataplane.SiteToSite.HERE;
import static org.xfrmagent.agent.dataplane.SiteToSite.HERE_LATER;
import static org.xfrmagent.agent.dataplane.SiteToSite.REQID;
import static org.xfrmagent.agent.dataplane.SiteToSite.THERE;
import static org.xfrmagent.agent.dataplane.SiteToSite.THERE_LATER;
import static org.xfrmagent.agent.dataplane.SiteToSite.inbound;
import static org.xfrmagent.agent.dataplane.SiteToSite.outbound;
import static org.xfrmagent.agent.dataplane.SiteToSite.protect;
import static org.xfrmagent.agent.dataplane.SiteToSite.trap;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every data plane promises of SAs that move: a gateway has another address now, or is behind a NAT (RFC 4555). */
abstract class MovingContract extends PlaneUnderTest {
    /** RFC 4555: the SA goes on elsewhere, and counts on from where it was. */
    @Test
    void an_sa_moves_with_all_that_it_has_counted() throws Exception {
        SaSpec out = outbound(0xc0ffee01, SaLimits.NONE);
        SaSpec in = inbound(0xc0ffee02, SaLimits.NONE);
        PolicySpec before = protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee01));
        apply(add(out), add(in), add(before));
        send(3);
        awaitPackets(out.id(), 3);
        Operation.MoveSa moveOut = new Operation.MoveSa(out.id(), Direction.OUT, HERE_LATER, THERE_LATER, Optional.empty());
        Operation.MoveSa moveIn = new Operation.MoveSa(in.id(), Direction.IN, THERE_LATER, HERE_LATER, Optional.empty());
        apply(moveIn, moveOut, add(moved(before)), remove(before));
        assertThat(installedSas()).containsExactlyInAnyOrder(moveOut.moved(), moveIn.moved());
        assertThat(plane().installed().policies()).containsExactly(moved(before));
        assertThat(plane().usage(Set.of(out.id(), in.id()))).isEmpty();
        send(2);
        awaitPackets(moveOut.moved(), 5);
    }

    @Test
    void an_sa_moves_into_udp_to_other_ports_and_out_again() throws Exception {
        SaSpec out = outbound(0xc0ffee01, SaLimits.NONE);
        apply(add(out), add(protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee01))));
        send(1);
        awaitPackets(out.id(), 1);
        for (Optional<UdpEncapsulation> next : List.of(
                Optional.of(new UdpEncapsulation(4500, 4500)), Optional.of(new UdpEncapsulation(4500, 1025)), Optional.<UdpEncapsulation>empty())) {
            apply(new Operation.MoveSa(out.id(), Direction.OUT, HERE, THERE, next));
            assertThat(plane().usage(Set.of(out.id())).getOrDefault(out.id(), Usage.NONE).packets()).isEqualTo(1);
        }
        send(1);
        awaitPackets(out.id(), 2);
    }

    @Test
    void a_limit_goes_along_with_its_sa() throws Exception {
        SaSpec out = outbound(0xc0ffee01, new SaLimits(0, 0, 0, 0, 4, 0));
        PolicySpec before = protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee01));
        apply(add(out), add(before));
        send(2);
        awaitPackets(out.id(), 2);
        Operation.MoveSa move = new Operation.MoveSa(out.id(), Direction.OUT, HERE_LATER, THERE_LATER, Optional.empty());
        apply(move, add(moved(before)), remove(before));
        send(3);
        assertThat(await(one -> one instanceof DataPlaneEvent.SoftExpire))
                .isEqualTo(new DataPlaneEvent.SoftExpire(move.moved(), REQID));
    }

    @Test
    void what_is_not_there_cannot_move() {
        SaSpec out = outbound(0xc0ffee01, SaLimits.NONE);
        Operation move = new Operation.MoveSa(out.id(), Direction.OUT, HERE_LATER, THERE_LATER, Optional.empty());
        assertThat(plane().apply(List.of(add(trap()), move))).isInstanceOfSatisfying(Outcome.Refused.class, refused -> {
            assertThat(refused.operation()).isEqualTo(move);
            assertThat(refused.reason()).contains("there is no SA");
        });
        assertThat(plane().installed().policies()).isEmpty();
    }

    @Test
    void an_sa_is_back_when_what_came_with_its_move_fails() throws Exception {
        SaSpec out = outbound(0xc0ffee01, SaLimits.NONE);
        SaSpec other = outbound(0xc0ffee02, SaLimits.NONE);
        apply(add(out), add(other), add(protect(Direction.OUT, 1000, OptionalInt.of(0xc0ffee01))));
        send(2);
        awaitPackets(out.id(), 2);
        Operation move = new Operation.MoveSa(out.id(), Direction.OUT, HERE_LATER, THERE_LATER, Optional.empty());
        assertThat(plane().apply(List.of(move, add(other)))).isInstanceOf(Outcome.Refused.class);
        assertThat(installedSas()).containsExactlyInAnyOrder(out.id(), other.id());
        send(1);
        awaitPackets(out.id(), 3);
    }

    private static PolicySpec moved(PolicySpec policy) {
        PolicySpec.Protect protect = (PolicySpec.Protect) policy.verdict();
        return new PolicySpec(
                policy.direction(), policy.selectors(), policy.priority(),
                new PolicySpec.Protect(
                        Optional.of(new PolicySpec.Endpoints(HERE_LATER, THERE_LATER)), protect.protocol(), protect.reqid(), protect.spi()),
                policy.ifId(), policy.mark());
    }
}
