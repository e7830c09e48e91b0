package org.xfrmagent.it.demo;

import java.io.PrintStream;
import java.util.List;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.capture.Packet;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** Two sites, an agent on each gateway, a ping from one site to the other, and what an eavesdropper sees of it. */
public final class Demo {
    private static final String NETWORK = """
            alice ──────────── moon ═════════════ sun ──────────── bob
            10.1.0.10   10.1.0.1 192.0.2.1   192.0.2.2 10.2.0.1   10.2.0.10
            Each is a network namespace of its own; moon and sun run xfrm-agent; === is the wire that others can read.
            """;
    private static final int LINES_OF_THE_WIRE = 14;

    private final PrintStream out;

    private Demo(PrintStream out) {
        this.out = out;
    }

    public static void main(String... arguments) {
        try (TwoSites sites = TwoSites.ipv4()) {
            new Demo(System.out).show(sites);
        } catch (IllegalStateException | AssertionError failure) {
            System.err.println("The demo failed: " + failure.getMessage());
            System.exit(1);
        }
    }

    private void show(TwoSites sites) {
        heading("The network");
        out.print(NETWORK);

        heading("The policy of moon (" + Agent.POLICIES + "); sun has the same from its side");
        Tunnel tunnel = sites.tunnel().withStart(Tunnel.Start.ON_TRAFFIC);
        Agent sun = sites.with(Agent.onTheBestPlane(sites.sun()));
        Agent moon = sites.with(Agent.onTheBestPlane(sites.moon()));
        sun.start(tunnel.reversed());
        moon.start(tunnel);
        out.print(sites.moon().read(Agent.POLICIES));

        heading("alice pings bob: the first packet makes moon negotiate");
        Capture wire = sites.eavesdrop();
        sites.awaitPing(Await.SOON);
        Result ping = sites.ping(4);
        command(sites.alice(), "ping " + sites.addresses().bob());
        out.print(ping.orFail().out());

        heading("What an eavesdropper between moon and sun sees");
        Capture.Wire seen = wire.stop();
        List<Packet> worthShowing = seen.packets().stream().filter(packet -> !(packet.content() instanceof Content.Neighbour)).toList();
        worthShowing.stream().limit(LINES_OF_THE_WIRE).forEach(out::println);
        if (worthShowing.size() > LINES_OF_THE_WIRE) {
            out.println("… and " + (worthShowing.size() - LINES_OF_THE_WIRE) + " more like these");
        }
        seen.onlyEspOrIke().hides(TwoSites.CANARY);
        out.println("Checked: only ESP and IKE crossed the wire, and nothing of the ping's content can be read in it.");

        heading("The security associations");
        command(sites.moon(), "xfrm-agent status");
        out.print(moon.cli("status").orFail().out());

        heading("What moon's agent logged");
        out.print(moon.log());

        heading("SIGTERM: deletes are sent, both ends forget the tunnel");
        int status = moon.terminate(Await.SOON);
        sun.awaitNoSas(Await.SOON);
        sun.terminate(Await.SOON);
        out.println("moon's agent ended with status " + status + ", sun has no security association any more.");
    }

    private void heading(String text) {
        out.println();
        out.println("== " + text);
    }

    private void command(Host host, String line) {
        out.println(host.name() + "# " + line);
    }
}
