package org.xfrmagent.it.bench;

import java.time.Duration;
import java.util.List;
import org.xfrmagent.it.flood.Flood;
import org.xfrmagent.it.flood.Siege;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;

/**
 * The same floods at this agent and at strongSwan, one after the other: {@code FloodBenchmark [per-second [seconds]]}. Needs root; run it in
 * a namespace of its own, as it-tests/verify runs its tests.
 */
public final class FloodBenchmark {
    private FloodBenchmark() {}

    public static void main(String... arguments) {
        int perSecond = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20_000;
        Duration duration = Duration.ofSeconds(arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10);
        for (Flood.Kind kind : Flood.Kind.values()) {
            for (String target : List.of("xfrm-agent", "charon")) {
                try (Siege siege = Siege.lay()) {
                    Siege.Report report = siege.endure(
                            peer(target, siege.moon()), peer(target, siege.sun()), new StrongSwan(siege.carol(), Plane.best()), kind, perSecond,
                            duration, (int) (4 * duration.toSeconds()));
                    System.out.printf("%-12s %-11s %s%n", kind, target, report);
                }
            }
        }
    }

    private static Peer peer(String target, Host host) {
        return target.equals("charon") ? new StrongSwan(host, Plane.best()) : new Agent(host, Plane.best());
    }
}
