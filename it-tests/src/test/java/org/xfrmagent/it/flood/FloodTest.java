package org.xfrmagent.it.flood;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;

/** A few seconds of what {@code FloodBenchmark} does for longer: whoever has a tunnel keeps it, and whoever wants one gets it. */
@Tag("netns")
class FloodTest {
    private static final int PER_SECOND = 5_000;
    private static final Duration DURATION = Duration.ofSeconds(4);
    private static final int PINGS = 16;

    /** The heap's limit, and what a JVM needs besides. */
    private static final long MOST_KIBIBYTES = 400 * 1024;

    @ParameterizedTest
    @EnumSource(names = {"SPOOFED", "COOKIES"})
    void tunnelsStandAndANewcomerGetsIn(Flood.Kind kind) {
        try (Siege siege = Siege.lay()) {
            try {
                Siege.Report report = siege.endure(
                        new Agent(siege.moon(), Plane.best()), new Agent(siege.sun(), Plane.best()), new StrongSwan(siege.carol(), Plane.best()),
                        kind, PER_SECOND, DURATION, PINGS);
                System.out.println(kind + ": " + report);
                assertThat(report.flood().sent()).as("a flood at all: %s", report).isGreaterThan(1_000);
                assertThat(report.flood().answered()).as("never more than was sent: %s", report).isLessThanOrEqualTo(report.flood().sent() + 100);
                assertThat(report.standing()).as("%s", report).isTrue();
                assertThat(report.rekeyed()).as("%s", report).isTrue();
                assertThat(report.newcomer()).as("%s", report).isPositive();
                assertThat(report.pings()).as("%s", report).isGreaterThanOrEqualTo(PINGS * 3 / 4);
                assertThat(report.residentAfter()).as("%s", report).isLessThan(MOST_KIBIBYTES);
            } catch (AssertionError failure) {
                System.err.println(siege.lab().report());
                throw failure;
            }
        }
    }
}
