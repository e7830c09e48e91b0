package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.interop.Encounters;
import org.xfrmagent.it.interop.Family;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** Plays a scenario in a lab of its own, and shows every daemon's log when it fails. */
final class Scenario {
    static final Duration SOON = Await.SOON;

    private Scenario() {}

    static void play(Supplier<TwoSites> network, Consumer<TwoSites> scenario) {
        try (TwoSites sites = network.get()) {
            shown(sites, () -> scenario.accept(sites));
        }
    }

    /** The same in a lab that stays. */
    static void shown(TwoSites sites, Runnable scenario) {
        try {
            scenario.run();
        } catch (Throwable failure) {
            System.err.println(sites.lab().report());
            throw failure;
        }
    }

    /** Notes what a scenario with an ESP tunnel between the sites has shown, at its end; moon has initiated. */
    static void met(TwoSites sites, Peer moon, Peer sun, String what) {
        Family family = Family.of(sites.addresses().alice(), sites.addresses().moon());
        Encounters.note(moon, sun, Mode.TUNNEL, Protocol.ESP, family, what);
    }

    /** moon, which has the tunnel up, and sun have one pair of SAs, each the other way round. */
    static void assertSameSas(Peer moon, Peer sun, Tunnel tunnel) {
        IkeSa.Child atMoon = moon.child(tunnel);
        IkeSa.Child atSun = sun.child(tunnel);
        assertThat(atMoon.spiOut()).isEqualTo(atSun.spiIn());
        assertThat(atMoon.spiIn()).isEqualTo(atSun.spiOut());
    }

    /** The shortest life of a tunnel: moon brings it up, pings cross it and nothing else crosses the wire, moon takes it down. */
    static void upAndDown(TwoSites sites, Peer moon, Peer sun, Tunnel tunnel, String how) {
        Capture wire = sites.eavesdrop();
        moon.up(tunnel).orFail();
        sun.awaitUp(tunnel, SOON);
        sites.ping(4).orFail();
        assertSameSas(moon, sun, tunnel);

        moon.down(tunnel).orFail();
        sun.awaitDown(tunnel, SOON);
        moon.awaitDown(tunnel, SOON);
        sites.moon().awaitNoStates(SOON);
        sites.sun().awaitNoStates(SOON);
        wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
        met(sites, moon, sun, how + ", traffic both ways, deletion by the initiator");
    }

    /**
     * An agent keeps its tunnel up, whichever end is killed and starts again.
     *
     * @param sun is up
     * @param passive as sun has it
     * @param noticed until a dead peer is noticed, and until the tunnel is back after that
     */
    static void comesBackAfterEitherEndWasKilled(TwoSites sites, Agent moon, Peer sun, Tunnel kept, Tunnel passive, Duration noticed) {
        moon.start(kept);
        Capture wire = sites.eavesdrop();
        moon.awaitUp(kept, SOON);
        sites.awaitPing(SOON);
        sites.transfer(1);

        sun.kill();
        Await.until("the agent notices that sun is dead", noticed, () -> !moon.has(kept), moon::log);
        sun.start(passive);
        moon.awaitUp(kept, noticed);
        sites.awaitPing(SOON);

        moon.kill();
        moon.start(kept);
        moon.awaitUp(kept, noticed);
        sites.awaitPing(SOON);
        // pluto gives the old child up for the new one, but keeps the old IKE SA until it has asked in vain whether the agent lives.
        Await.until("sun has the new child only", SOON, () -> children(sun).stream().map(IkeSa.Child::spiIn).toList()
                .equals(List.of(moon.child(kept).spiOut())), () -> sun.sas().toString());
        wire.stop().hides(TwoSites.CANARY);
        met(sites, moon, sun, "either end killed and restarted");
    }

    static List<IkeSa.Child> children(Peer peer) {
        return peer.sas().stream().flatMap(sa -> sa.children().stream()).toList();
    }

    /** Those that are not deleted: what has been replaced is listed for 5 s more, since its SAs take what comes late. */
    static List<IkeSa.Child> standing(Peer peer) {
        return children(peer).stream().filter(child -> !child.state().equals("DELETED")).toList();
    }

    /** The vici socket of a daemon that has one. */
    static Control control(Peer peer) {
        return switch (peer) {
            case Agent agent -> agent.control();
            case StrongSwan charon -> charon.control();
            default -> throw new IllegalArgumentException("no vici at " + peer.host());
        };
    }

    /** Who stands at an end of the tunnel. */
    enum Kind {
        AGENT,
        STRONGSWAN;

        Peer on(Host host, Plane plane) {
            return switch (this) {
                case AGENT -> new Agent(host, plane);
                case STRONGSWAN -> new StrongSwan(host, plane);
            };
        }
    }

    /** Who initiates (moon), who responds (sun), and who encrypts at both. */
    record Pair(Kind initiator, Kind responder, Plane plane) {
        Peer moon(TwoSites sites) {
            return sites.with(initiator.on(sites.moon(), plane));
        }

        Peer sun(TwoSites sites) {
            return sites.with(responder.on(sites.sun(), plane));
        }

        @Override
        public String toString() {
            return initiator + " → " + responder + ", " + plane;
        }
    }

    /**
     * The pairs to play a scenario with, on this kernel's best plane: the lab and the running kernel together have both. Where the
     * daemons run at their own speed, all of them: strongSwan with itself is the control that shows that the scenario is right. A
     * guest of the lab takes ten times as long to start an agent, and is there for its kernel: in it, the agent with strongSwan.
     */
    static List<Pair> pairs() {
        Plane plane = Plane.best();
        List<Pair> withStrongSwan = List.of(new Pair(Kind.AGENT, Kind.STRONGSWAN, plane), new Pair(Kind.STRONGSWAN, Kind.AGENT, plane));
        if (plane == Plane.KERNEL) {
            return withStrongSwan;
        }
        return Stream.concat(Stream.of(new Pair(Kind.STRONGSWAN, Kind.STRONGSWAN, plane), new Pair(Kind.AGENT, Kind.AGENT, plane)),
                withStrongSwan.stream()).toList();
    }
}
