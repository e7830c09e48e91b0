package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import org.junit.jupiter.api.Tag;
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
class LibreswanIkev1Test {
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
                ends.met(initiator, "IKEv1 " + phase1.title + ", rekeying of both phases by both, deletion");
            }
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
                for (Side side : Side.values()) {
                    rekeyChild(side);
                    flow.goesOn();
                    rekeyIke(side);
                    flow.goesOn();
                }
                flow.losesNothing();
            }

            (initiator == Side.AGENT ? moon.down(tunnel) : sun.down(tunnel.reversed())).orFail();
            moon.awaitDown(tunnel, SOON);
            sun.awaitDown(tunnel, SOON);
            assertThat(sites.moon().states()).isBlank();
            assertThat(sites.sun().states()).isBlank();
            sun.terminate(tunnel);
            moon.awaitNoSas(SOON);
            sun.awaitNoSas(SOON);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
        }

        private void rekeyChild(Side side) {
            String before = moon.child(tunnel).spiIn();
            (side == Side.AGENT ? moon.rekey(tunnel) : sun.rekey(tunnel.reversed())).orFail();
            Await.until("both have the next child alone after a quick mode by " + side, SOON,
                    () -> agreeOnOneChild() && !moon.child(tunnel).spiIn().equals(before), this::sas);
        }

        /** Another phase 1 takes the child over. */
        private void rekeyIke(Side side) {
            String cookies = cookies();
            String child = moon.child(tunnel).spiIn();
            (side == Side.AGENT ? moon.rekeyIke(tunnel) : sun.rekeyIke(tunnel.reversed())).orFail();
            Await.until("both have the next ISAKMP SA alone after a phase 1 by " + side, SOON,
                    () -> moon.sas().size() == 1 && sun.sas().size() == 1 && agreeOnOneChild() && !cookies().equals(cookies), this::sas);
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(child);
        }

        private String cookies() {
            return moon.sas().stream().map(sa -> sa.values().get("initiator-spi") + "_" + sa.values().get("responder-spi")).toList().toString();
        }

        private boolean agreeOnOneChild() {
            List<IkeSa.Child> atMoon = children(moon);
            List<IkeSa.Child> atSun = children(sun);
            return atMoon.size() == 1 && atSun.size() == 1 && atMoon.getFirst().spiIn().equals(atSun.getFirst().spiOut())
                    && atMoon.getFirst().spiOut().equals(atSun.getFirst().spiIn());
        }

        private static List<IkeSa.Child> children(Peer peer) {
            return peer.sas().stream().flatMap(sa -> sa.children().stream()).toList();
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
