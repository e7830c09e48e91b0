package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.TwoSites;

/** Numbered packets with the canary from alice to bob and back, fifty a second, while something happens to the tunnel below. IPv4. */
final class Flow implements AutoCloseable {
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");
    private static final int GOES_ON = 5;

    private final Host bob;
    private final long arrivedBefore;
    private final Running ping;

    private Flow(TwoSites sites, String interval) {
        this.bob = sites.bob();
        this.arrivedBefore = arrived(bob);
        this.ping = sites.alice().start("ping", "-n", "-i", interval, "-W", "5", "-p", TwoSites.canaryPattern(), sites.addresses().bob());
    }

    /** Starts it, and returns once it flows. */
    static Flow between(TwoSites sites) {
        return started(new Flow(sites, "0.02"));
    }

    /** As {@link #between}, ten a second: for a story so long that a guest of the lab had better things to do. */
    static Flow slowly(TwoSites sites) {
        return started(new Flow(sites, "0.1"));
    }

    private static Flow started(Flow flow) {
        flow.ping.awaitOutput("icmp_seq=1 ", Await.SOON);
        return flow;
    }

    /** Waits until more has come back, so that whatever happened before this call has been crossed. */
    void goesOn() {
        goesOn(Await.SOON);
    }

    void goesOn(Duration limit) {
        long before = answered();
        Await.until("the flow goes on", limit, () -> answered() > before + GOES_ON, ping::output);
    }

    private long answered() {
        return ping.lines().stream().filter(line -> line.contains(" bytes from ")).count();
    }

    /** Ends it; fails if a packet did not arrive at bob, or an answer not at alice. The very last one may be on its way. */
    void losesNothing() {
        Counts counts = end();
        assertThat(counts.arrived).as("of %d packets", counts.sent).isGreaterThanOrEqualTo(counts.sent - 1);
        assertThat(counts.answered).as("of %d packets were answered", counts.sent).isGreaterThanOrEqualTo(counts.sent - 1);
    }

    /** Ends it; fails if a packet did not arrive at bob. */
    void losesNothingOnItsWayToBob() {
        Counts counts = end();
        assertThat(counts.arrived).as("of %d packets", counts.sent).isGreaterThanOrEqualTo(counts.sent - 1);
    }

    private record Counts(long sent, long arrived, long answered) {}

    private Counts end() {
        goesOn();
        ping.interrupt();
        ping.awaitExit(Await.SOON);
        Matcher summary = SUMMARY.matcher(ping.output());
        assertThat(summary.find()).as(ping.output()).isTrue();
        return new Counts(Long.parseLong(summary.group(1)), arrived(bob) - arrivedBefore, Long.parseLong(summary.group(2)));
    }

    /** The echo requests that a host's kernel has counted. */
    private static long arrived(Host host) {
        try {
            List<String[]> icmp = Files.readAllLines(Path.of("/proc/" + host.pid() + "/net/snmp")).stream()
                    .filter(line -> line.startsWith("Icmp: "))
                    .map(line -> line.split(" "))
                    .toList();
            return Long.parseLong(icmp.get(1)[List.of(icmp.get(0)).indexOf("InEchos")]);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        ping.stop(Await.SOON);
    }
}
