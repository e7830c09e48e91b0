package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.interop.Encounters;
import org.xfrmagent.it.interop.Family;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Libreswan;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** With libreswan at the other end. The agent is moon and pluto is sun in all of it; both stay while tunnels come and go. */
@Tag("lab")
@Tag("long")
@TestInstance(Lifecycle.PER_CLASS)
class LibreswanTest {
    private static final int TRANSFERRED = 4;
    private static final Duration LIVENESS = Duration.ofSeconds(2);
    private static final Duration NOTICED = Duration.ofMinutes(2);

    private TwoSites sites;
    private Tunnel tunnel;
    private Agent moon;
    private Libreswan sun;

    /** Who acts. */
    enum Side {
        AGENT,
        LIBRESWAN
    }

    @BeforeAll
    void startBoth() {
        sites = TwoSites.ipv4();
        // Forward secrecy at every rekeying, and liveness checks between all the rest.
        tunnel = sites.tunnel().withEsp("aes256gcm16-x25519").withLiveness(LIVENESS);
        sun = sites.with(new Libreswan(sites.sun())).start(tunnel.reversed());
        moon = sites.with(new Agent(sites.moon(), Plane.KERNEL)).start(tunnel);
    }

    @AfterAll
    void end() {
        sites.close();
    }

    /** A test that fails in the middle of a tunnel's life must not leave it to the next. */
    @AfterEach
    void noTunnel() {
        sun.terminate(tunnel);
        moon.awaitNoSas(SOON);
        sun.awaitNoSas(SOON);
    }

    @ParameterizedTest
    @EnumSource
    void aTunnelLivesAndIsRekeyedAndEnds(Side initiator) {
        Scenario.shown(sites, () -> {
            Capture wire = sites.eavesdrop();
            up(initiator).orFail();
            moon.awaitUp(tunnel, SOON);
            sun.awaitUp(tunnel, SOON);
            sites.ping(2).orFail();
            sites.transfer(TRANSFERRED);
            IkeSa.Child atSun = sun.child(tunnel);
            Scenario.assertSameSas(moon, sun, tunnel);
            assertThat(atSun.bytesIn()).isGreaterThan(TRANSFERRED << 20);

            // libreswan sends with a new child as soon as it has answered, before the answer can have told us the keys: RFC 7296, section
            // 2.8, lets it. What comes from there is lost for that moment; what goes there is not.
            try (Flow flow = Flow.between(sites)) {
                rekeyChild(Side.AGENT);
                flow.losesNothingOnItsWayToBob();
            }
            try (Flow flow = Flow.between(sites)) {
                rekeyIke(Side.AGENT);
                flow.goesOn();
                rekeyChild(Side.LIBRESWAN);
                flow.goesOn();
                rekeyIke(Side.LIBRESWAN);
                flow.losesNothing();
            }

            down(initiator).orFail();
            moon.awaitDown(tunnel, SOON);
            sun.awaitDown(tunnel, SOON);
            sites.moon().awaitNoStates(SOON);
            sites.sun().awaitNoStates(SOON);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            met(initiator, "traffic, rekeying by both, deletion");
        });
    }

    /** The agent keeps the tunnel up whichever end dies; here over IPv6. */
    @Test
    void aTunnelComesBackAfterEitherEndWasKilled() {
        Scenario.play(TwoSites::ipv6, ipv6 -> {
            Tunnel passive = ipv6.tunnel();
            Libreswan pluto = ipv6.with(new Libreswan(ipv6.sun())).start(passive.reversed());
            Agent agent = ipv6.with(new Agent(ipv6.moon(), Plane.KERNEL));
            Tunnel kept = passive.withStart(Tunnel.Start.AT_START).withLiveness(LIVENESS);
            Scenario.comesBackAfterEitherEndWasKilled(ipv6, agent, pluto, kept, passive.reversed(), NOTICED);
        });
    }

    @Test
    void theUserspacePlaneTalksToItsKernel() {
        Scenario.play(TwoSites::ipv4, own -> {
            Tunnel their = own.tunnel();
            Libreswan pluto = own.with(new Libreswan(own.sun())).start(their.reversed());
            Agent agent = own.with(new Agent(own.moon(), Plane.USERSPACE)).start(their);
            Capture wire = own.eavesdrop();
            agent.up(their).orFail();
            pluto.awaitUp(their, SOON);
            own.moon().awaitNoStates(SOON);
            own.ping(2).orFail();
            own.transfer(1);
            pluto.rekey(their.reversed()).orFail();
            own.awaitPing(SOON);
            pluto.down(their.reversed()).orFail();
            agent.awaitDown(their, SOON);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(own, agent, pluto, "traffic, rekeying by the responder");
        });
    }

    private void met(Side initiator, String what) {
        boolean ours = initiator == Side.AGENT;
        Encounters.note(ours ? moon : sun, ours ? sun : moon, Mode.TUNNEL, Protocol.ESP, Family.IPV4, what);
    }

    private Result up(Side side) {
        return side == Side.AGENT ? moon.up(tunnel) : sun.up(tunnel.reversed());
    }

    private Result down(Side side) {
        return side == Side.AGENT ? moon.down(tunnel) : sun.down(tunnel.reversed());
    }

    private void rekeyChild(Side side) {
        String before = moon.child(tunnel).spiIn();
        (side == Side.AGENT ? moon.rekey(tunnel) : sun.rekey(tunnel.reversed())).orFail();
        Await.until("both have the next child alone after a rekeying by " + side, SOON,
                () -> agreeOnOneChild() && !moon.child(tunnel).spiIn().equals(before), this::sas);
    }

    private void rekeyIke(Side side) {
        String before = ikeSpis();
        (side == Side.AGENT ? moon.rekeyIke(tunnel) : sun.rekeyIke(tunnel.reversed())).orFail();
        Await.until("both have the next IKE SA alone after a rekeying by " + side, SOON,
                () -> agreeOnOneChild() && !ikeSpis().equals(before), this::sas);
    }

    private String ikeSpis() {
        return moon.sas().stream().map(sa -> sa.values().get("initiator-spi") + "_" + sa.values().get("responder-spi")).toList().toString();
    }

    private boolean agreeOnOneChild() {
        List<IkeSa.Child> atMoon = Scenario.standing(moon);
        List<IkeSa.Child> atSun = Scenario.standing(sun);
        return moon.sas().size() == 1 && sun.sas().size() == 1 && atMoon.size() == 1 && atSun.size() == 1
                && atMoon.getFirst().spiIn().equals(atSun.getFirst().spiOut());
    }

    private String sas() {
        return "moon: " + moon.sas() + "\nsun: " + sun.sas();
    }
}
