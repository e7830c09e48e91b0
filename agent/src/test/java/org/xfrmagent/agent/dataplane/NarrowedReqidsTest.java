package org.xfrmagent.agent.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

class NarrowedReqidsTest {
    private static final int POLICY = 4_500_001;
    private static final int FIRST = 1 << 30;
    private static final InetAddress HERE = Ip.parse("192.0.2.2").orElseThrow();
    private static final InetAddress THERE = Ip.parse("192.0.2.1").orElseThrow();

    private final NarrowedReqids reqids = new NarrowedReqids();
    private final List<Operation> applied = new ArrayList<>();

    private static Narrowed to(String remote) {
        return to(remote, InterfaceIds.Numbers.NONE);
    }

    private static Narrowed to(String remote, InterfaceIds.Numbers interfaces) {
        return new Narrowed(
                POLICY, Mode.TUNNEL, Set.of(TrafficSelector.of(AddressRange.parse("10.2.0.0/16"))), Set.of(TrafficSelector.of(AddressRange.parse(remote))),
                Marks.NONE.of(1), interfaces);
    }

    private static SaId id(int spi) {
        return new SaId(HERE, Protocol.ESP, spi);
    }

    private static SaSpec sa(int spi) {
        return new SaSpec(
                id(spi), THERE, Direction.IN, Mode.TUNNEL, POLICY, new SaKeys.Deflate(), Optional.empty(), 0, false, SaLimits.NONE, Optional.empty(),
                OptionalInt.empty());
    }

    private Outcome apply(List<Operation> operations) {
        applied.addAll(operations);
        return new Outcome.Applied();
    }

    private int install(Narrowed what, int spi) {
        return reqids.install(what, false, List.of(new Operation.AddSa(sa(spi))), this::apply).reqid();
    }

    @Test
    void eachPartHasANumberAndThoseForTheSameHaveItInCommon() {
        assertThat(install(to("10.1.1.0/24"), 1)).isEqualTo(FIRST);
        assertThat(install(to("10.1.2.0/24"), 2)).isEqualTo(FIRST + 1);
        assertThat(install(to("10.1.1.0/24"), 3)).isEqualTo(FIRST);
        assertThat(install(to("10.1.1.0/24", new InterfaceIds.Numbers(OptionalInt.of(5), OptionalInt.of(5))), 4)).isEqualTo(FIRST + 2);
        assertThat(applied).first().isEqualTo(new Operation.AddSa(sa(1).withReqid(FIRST)));
    }

    @Test
    void itIsKeptUntilTheLastSaIsGoneWhereverThatIs() {
        install(to("10.1.1.0/24"), 1);
        install(to("10.1.1.0/24"), 2);
        reqids.follow(List.of(new Operation.RetireSa(id(1))));
        Operation.MoveSa move = new Operation.MoveSa(id(2), Direction.IN, THERE, Ip.parse("198.51.100.2").orElseThrow(), Optional.empty());
        reqids.follow(List.of(move));
        assertThat(install(to("10.1.1.0/24"), 3)).isEqualTo(FIRST);
        reqids.follow(List.of(new Operation.RemoveSa(id(3)), new Operation.RemoveSa(id(2))));
        assertThat(reqids.size()).isEqualTo(1);
        reqids.follow(List.of(new Operation.RemoveSa(move.moved())));
        assertThat(reqids.size()).isZero();
        assertThat(install(to("10.1.1.0/24"), 4)).as("packets under way may still meet the old one").isEqualTo(FIRST + 1);
    }

    @Test
    void whatIsRefusedOrFailsHasNone() {
        List<Operation> add = List.of(new Operation.AddSa(sa(1)));
        NarrowedReqids.Installed refused =
                reqids.install(to("10.1.1.0/24"), false, add, operations -> new Outcome.Refused(operations.getFirst(), "no"));
        assertThat(refused.outcome()).isInstanceOf(Outcome.Refused.class);
        assertThatThrownBy(() -> reqids.install(to("10.1.1.0/24"), false, add, _ -> {
            throw new IllegalStateException("broken");
        })).hasMessage("broken");
        assertThat(reqids.size()).isZero();
    }

    @Test
    void whatAPolicyHoldsAPacketForHasThatOfThePolicyUnlessTheSameIsThere() {
        List<Operation> add = List.of(new Operation.AddSa(sa(1)));
        assertThat(reqids.install(to("10.1.1.0/24"), true, add, this::apply).reqid()).isEqualTo(POLICY);
        assertThat(install(to("10.1.1.0/24"), 2)).isEqualTo(POLICY);
        int other = install(to("10.1.2.0/24"), 3);
        assertThat(reqids.install(to("10.1.2.0/24"), true, List.of(new Operation.AddSa(sa(4))), this::apply).reqid()).isEqualTo(other);
    }
}
