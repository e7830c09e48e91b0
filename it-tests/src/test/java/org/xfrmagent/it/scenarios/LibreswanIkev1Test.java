package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.interop.Encounters;
import org.xfrmagent.it.interop.Family;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Libreswan;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** IKEv1 with a pre-shared key and libreswan at the other end. The agent is moon and pluto is sun; both stay while either initiates. */
@Tag("lab")
@Tag("long")
class LibreswanIkev1Test {
    private static final Duration REPLACED = Duration.ofMinutes(2);

    /** How phase 1 is done. */
    enum Phase1 {
        MAIN("main mode"),
        AGGRESSIVE("aggressive mode");

        private final String title;

        Phase1(String title) {
            this.title = title;
        }

        private Tunnel of(Tunnel tunnel) {
            return switch (this) {
                case MAIN -> tunnel.withIkev1();
                case AGGRESSIVE -> tunnel.withAggressiveMode();
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTunnelLivesAndIsRekeyedAndEnds(Phase1 phase1) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = phase1.of(sites.tunnel());
            Libreswan sun = sites.with(new Libreswan(sites.sun())).start(tunnel.reversed());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.KERNEL)).start(tunnel);
            Ends ends = new Ends(sites, tunnel, moon, sun);
            for (Side initiator : Side.values()) {
                ends.live(initiator);
                ends.met(initiator, "IKEv1 " + phase1.title + ", traffic, fresh keys, another phase 1, deletion by the initiator");
            }
        });
    }

    /** pluto replaces what it has established when the time of it comes, and at no command; the agent's own limits are far away. */
    @Test
    void bothPhasesAreReplacedWhenPlutosLifetimesEnd() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1();
            Libreswan sun = sites.with(new Libreswan(sites.sun()))
                    .start(conf -> conf + "\tikelifetime=50s\n\tsalifetime=40s\n\trekeymargin=15s\n\trekeyfuzz=0%\n", tunnel.reversed());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.KERNEL)).start(tunnel);
            Ends ends = new Ends(sites, tunnel, moon, sun);
            Capture wire = sites.eavesdrop();
            sun.up(tunnel.reversed()).orFail();
            moon.awaitUp(tunnel, SOON);
            sites.awaitPing(SOON);
            String cookies = ends.cookies();
            String child = moon.child(tunnel).spiIn();
            try (Flow flow = Flow.slowly(sites)) {
                Await.until("another child, and another ISAKMP SA", REPLACED,
                        () -> !ends.cookies().equals(cookies) && ends.agreeOnOneChild() && !moon.child(tunnel).spiIn().equals(child), ends::sas);
                flow.losesNothing();
            }
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            ends.met(Side.LIBRESWAN, "IKEv1 main mode, both phases replaced by the initiator's lifetimes under traffic");
        });
    }

    /** Its ESP meets pluto's kernel. */
    @Test
    void theUserspacePlaneTalksToItsKernel() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1();
            Libreswan sun = sites.with(new Libreswan(sites.sun())).start(tunnel.reversed());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.USERSPACE)).start(tunnel);
            Ends ends = new Ends(sites, tunnel, moon, sun);
            ends.live(Side.AGENT);
            ends.met(Side.AGENT, "IKEv1 main mode, traffic, fresh keys, another phase 1, deletion by the initiator");
        });
    }

    /** Who acts. */
    private enum Side {
        AGENT,
        LIBRESWAN
    }

    private record Ends(TwoSites sites, Tunnel tunnel, Agent moon, Libreswan sun) {
        void live(Side initiator) {
            Capture wire = sites.eavesdrop();
            (initiator == Side.AGENT ? moon.up(tunnel) : sun.up(tunnel.reversed())).orFail();
            moon.awaitUp(tunnel, SOON);
            sun.awaitUp(tunnel, SOON);
            sites.ping(2).orFail();
            sites.transfer(1);
            Await.until("both have the same child", SOON, this::agreeOnOneChild, this::sas);

            try (Flow flow = Flow.slowly(sites)) {
                rekeyChild();
                flow.goesOn();
                rekeyIke();
                flow.goesOn();
                if (initiator == Side.LIBRESWAN) {
                    oneMoreByLibreswan();
                }
                flow.losesNothing();
            }

            // Once it was told to bring a tunnel up, pluto makes another child when its peer deletes one, until it is told to end it.
            if (initiator == Side.AGENT) {
                moon.down(tunnel).orFail();
                moon.awaitDown(tunnel, SOON);
                sun.awaitDown(tunnel, SOON);
            }
            sun.terminate(tunnel.reversed()).orFail();
            moon.awaitNoSas(SOON);
            sun.awaitNoSas(SOON);
            sites.moon().awaitNoStates(SOON);
            sites.sun().awaitNoStates(SOON);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
        }

        private void rekeyChild() {
            String before = moon.child(tunnel).spiIn();
            moon.rekey(tunnel).orFail();
            Await.until("both have the next child alone", SOON,
                    () -> agreeOnOneChild() && !moon.child(tunnel).spiIn().equals(before), this::sas);
        }

        /** At a command pluto makes a child besides the one that there is, which keeps its whole lifetime. */
        private void oneMoreByLibreswan() {
            sun.rekey(tunnel.reversed()).orFail();
            Await.until("both have the same two children", SOON, () -> Scenario.standing(sun).size() == 2
                    && spis(moon, IkeSa.Child::spiIn).equals(spis(sun, IkeSa.Child::spiOut)), this::sas);
        }

        private static Set<String> spis(Peer peer, Function<IkeSa.Child, String> which) {
            return Scenario.standing(peer).stream().map(which).collect(Collectors.toSet());
        }

        /** Another phase 1 takes the child over. */
        private void rekeyIke() {
            String cookies = cookies();
            String child = moon.child(tunnel).spiIn();
            moon.rekeyIke(tunnel).orFail();
            Await.until("both have the next ISAKMP SA alone", SOON,
                    () -> moon.sas().size() == 1 && sun.sas().size() == 1 && agreeOnOneChild() && !cookies().equals(cookies), this::sas);
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(child);
        }

        private String cookies() {
            return moon.sas().stream().map(sa -> sa.values().get("initiator-spi") + "_" + sa.values().get("responder-spi")).toList().toString();
        }

        private boolean agreeOnOneChild() {
            List<IkeSa.Child> atMoon = Scenario.standing(moon);
            List<IkeSa.Child> atSun = Scenario.standing(sun);
            return atMoon.size() == 1 && atSun.size() == 1 && atMoon.getFirst().spiIn().equals(atSun.getFirst().spiOut())
                    && atMoon.getFirst().spiOut().equals(atSun.getFirst().spiIn());
        }

        private String sas() {
            return "moon: " + moon.sas() + "\nsun: " + sun.sas() + "\n" + sun.shown();
        }

        void met(Side initiator, String what) {
            boolean ours = initiator == Side.AGENT;
            Encounters.note(ours ? moon : sun, ours ? sun : moon, Mode.TUNNEL, Protocol.ESP, Family.IPV4, what);
        }
    }
}
