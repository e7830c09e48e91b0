package org.xfrmagent.it.flood;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;

/**
 * A few seconds of what {@code FloodBenchmark} does for longer: whoever has a tunnel keeps it, and whoever wants one gets it. strongSwan's
 * charon stands the same, and its figures are printed beside ours; it is not judged.
 */
@Tag("netns")
@Tag("alone")
class FloodTest {
    private static final int PER_SECOND = 20_000;
    private static final Duration DURATION = Duration.ofSeconds(4);
    private static final int PINGS = 16;

    /** What this machine may have had no time to send, for each four datagrams that it has sent. */
    private static final int UNSENT = 4;

    /** The heap's limit, and what a JVM needs besides. */
    private static final long MOST_KIBIBYTES = 200 * 1024;

    /** The most that the flood may add: some thousand half-open sessions and what waits for its turn. */
    private static final long MOST_MORE_KIBIBYTES = 48 * 1024;

    @ParameterizedTest
    @EnumSource(names = {"SPOOFED", "COOKIES"})
    void tunnelsStandAndANewcomerGetsIn(Flood.Kind kind) {
        try (Siege siege = Siege.lay()) {
            try {
                Siege.Report report = endured(siege, new Agent(siege.sun(), Plane.best()), kind);
                System.out.println("figures: " + kind + ", xfrm-agent: " + report);
                long wanted = PER_SECOND * DURATION.toSeconds();
                assertThat(report.flood().sent()).as("a flood at all: %s", report).isGreaterThan(wanted * 4 / (4 + UNSENT));
                assertThat(report.taken() + report.lost()).as("it arrives: %s", report).isGreaterThanOrEqualTo(report.flood().sent());
                assertThat(report.flood().answered()).as("never more than was sent: %s", report).isLessThanOrEqualTo(report.flood().sent() + 100);
                assertThat(report.standing()).as("%s", report).isTrue();
                assertThat(report.rekeyed()).as("%s", report).isTrue();
                assertThat(report.newcomer()).as("%s", report).isPositive();
                assertThat(report.pings()).as("%s", report).isGreaterThanOrEqualTo(PINGS * 3 / 4);
                assertThat(report.residentMost()).as("%s", report).isLessThan(MOST_KIBIBYTES);
                assertThat(report.residentMost() - report.residentBefore()).as("%s", report).isLessThan(MOST_MORE_KIBIBYTES);
            } catch (AssertionError failure) {
                System.err.println(siege.lab().report());
                throw failure;
            }
        }
        try (Siege siege = Siege.lay()) {
            System.out.println("figures: " + kind + ", charon:     " + endured(siege, new StrongSwan(siege.sun(), Plane.best()), kind));
        }
    }

    private static Siege.Report endured(Siege siege, Peer suns, Flood.Kind kind) {
        return siege.endure(new Agent(siege.moon(), Plane.best()), suns, new StrongSwan(siege.carol(), Plane.best()), kind, PER_SECOND, DURATION, PINGS);
    }
}
