package org.xfrmagent.it.scenarios;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.xfrmagent.it.interop.Encounters;
import org.xfrmagent.it.interop.Family;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** Plays a scenario in a lab of its own, and shows every daemon's log when it fails. */
final class Scenario {
    static final Duration SOON = Await.SOON;

    private Scenario() {}

    static void play(Supplier<TwoSites> network, Consumer<TwoSites> scenario) {
        try (TwoSites sites = network.get()) {
            try {
                scenario.accept(sites);
            } catch (Throwable failure) {
                System.err.println(sites.lab().report());
                throw failure;
            }
        }
    }

    /** Notes what a scenario with an ESP tunnel between the sites has shown, at its end; moon has initiated. */
    static void met(TwoSites sites, Peer moon, Peer sun, String what) {
        Family family = Family.of(sites.addresses().alice(), sites.addresses().moon());
        Encounters.note(moon, sun, Mode.TUNNEL, Protocol.ESP, family, what);
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
