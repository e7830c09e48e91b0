package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/** anna and bert are behind the same NAT; their reqids are 1 and 2. */
class TransportClaimsTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress NAT = InetAddress.ofLiteral("192.0.2.1");
    private static final int UDP = 17;

    private final TransportClaims claims = new TransportClaims();
    private final List<Operation> applied = new ArrayList<>();

    private Outcome apply(List<Operation> operations) {
        return claims.guard(operations, () -> {
            applied.addAll(operations);
            return new Outcome.Applied();
        });
    }

    private static SaId id(int spi) {
        return new SaId(NAT, Protocol.ESP, spi);
    }

    private static PolicySpec policy(int reqid, int spi, int port) {
        TrafficSelector there = port == 0
                ? TrafficSelector.of(NAT)
                : new TrafficSelector(UDP, port, port, AddressRange.of(NAT));
        return new PolicySpec(
                Direction.OUT, new SelectorPair(TrafficSelector.of(HERE), there), 1000,
                new PolicySpec.Protect(Optional.empty(), Protocol.ESP, reqid, OptionalInt.of(spi)), OptionalInt.empty());
    }

    private static List<Operation> child(int reqid, int spi, int natPort, int port) {
        SaKeys keys = new SaKeys.Aead(Algorithms.byKeyword("aes256gcm16").orElseThrow(), Secret.take(new byte[36]));
        return List.of(
                new Operation.AddSa(new SaSpec(
                        id(spi), HERE, Direction.OUT, Mode.TRANSPORT, reqid, keys, Optional.of(new UdpEncapsulation(4500, natPort)), 0, false,
                        SaLimits.NONE, Optional.of(policy(reqid, spi, port).selectors()), OptionalInt.empty())),
                new Operation.AddPolicy(policy(reqid, spi, port)));
    }

    private static List<Operation> removal(int reqid, int spi, int port) {
        return List.of(new Operation.RemovePolicy(policy(reqid, spi, port)), new Operation.RemoveSa(id(spi)));
    }

    @Test
    void whatOneHostHasAnotherOneIsRefusedUntilTheFirstIsGone() {
        assertThat(apply(child(1, 11, 1024, 0))).isInstanceOf(Outcome.Applied.class);
        assertThat(apply(child(2, 22, 1025, 1701))).isInstanceOfSatisfying(Outcome.Refused.class,
                refused -> assertThat(refused.reason()).contains("another host behind the NAT at 192.0.2.1"));
        assertThat(applied).hasSize(2);

        apply(removal(1, 11, 0));
        assertThat(apply(child(2, 22, 1025, 1701))).isInstanceOf(Outcome.Applied.class);
    }

    /** IKEv1: the policy that lets traffic leave follows when the peer has confirmed. */
    @Test
    void anSaClaimsWhatItWillCarryBeforeItsPolicyIsThere() {
        assertThat(apply(child(1, 11, 1024, 1701).subList(0, 1))).isInstanceOf(Outcome.Applied.class);
        assertThat(apply(child(2, 22, 1025, 1701).subList(0, 1))).isInstanceOf(Outcome.Refused.class);
        assertThat(apply(List.of(new Operation.AddPolicy(policy(1, 11, 1701))))).isInstanceOf(Outcome.Applied.class);
        apply(removal(1, 11, 1701));
        assertThat(apply(child(2, 22, 1025, 1701).subList(0, 1))).isInstanceOf(Outcome.Applied.class);
    }

    /** A reload that moves a policy in the SPD adds it at its new place, and then removes it from the old one. */
    @Test
    void aPolicyThatMovesKeepsItsClaim() {
        apply(child(1, 11, 1024, 1701));
        apply(List.of(new Operation.AddPolicy(policy(1, 11, 1701)), new Operation.RemovePolicy(policy(1, 11, 1701))));
        assertThat(apply(child(2, 22, 1025, 1701))).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void whatDiffersInItsPortsGoesSideBySide() {
        assertThat(apply(child(1, 11, 1024, 5001))).isInstanceOf(Outcome.Applied.class);
        assertThat(apply(child(2, 22, 1025, 5002))).isInstanceOf(Outcome.Applied.class);
    }

    @Test
    void aHostsOwnSuccessorAndItsOtherPoliciesAreNoConflict() {
        apply(child(1, 11, 1024, 0));
        assertThat(apply(child(1, 12, 1024, 0))).as("the successor").isInstanceOf(Outcome.Applied.class);
        assertThat(apply(child(1, 13, 1099, 0))).as("the same peer, come anew").isInstanceOf(Outcome.Applied.class);
        apply(removal(1, 13, 0));
        assertThat(apply(child(3, 14, 1024, 1701))).as("another policy of the same host").isInstanceOf(Outcome.Applied.class);
    }

    @Test
    void aRefusedChildClaimsNothing() {
        claims.guard(child(1, 11, 1024, 0), () -> new Outcome.Refused(new Operation.RemoveSa(id(11)), "no"));
        assertThat(apply(child(2, 22, 1025, 0))).isInstanceOf(Outcome.Applied.class);
    }

    @Test
    void aHostIsKnownByThePortThatItsNatGivesItNow() {
        apply(child(1, 11, 1024, 0));
        apply(List.of(new Operation.MoveSa(id(11), Direction.OUT, HERE, NAT, Optional.of(new UdpEncapsulation(4500, 1026)))));
        assertThat(apply(child(3, 13, 1026, 1701))).isInstanceOf(Outcome.Applied.class);
        assertThat(apply(child(2, 22, 1024, 1701))).isInstanceOf(Outcome.Refused.class);
    }
}
