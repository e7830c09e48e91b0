package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.dataplane.Snapshot;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.dataplane.xfrm.XfrmDataPlane;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.policies.model.Ip;

/**
 * Two whole agents, each in a network namespace of its own, on whichever data plane the kernel allows.
 *
 * <pre>
 *   10.1.0.1 (moon) 192.0.2.1 ---- veth ---- 192.0.2.2 (sun) 10.2.0.1
 * </pre>
 */
@Tag("netns")
class TwoAgentsTest {
    private static final InetAddress MOON_LAN = Ip.parse("10.1.0.1").orElseThrow();
    private static final InetAddress SUN_LAN = Ip.parse("10.2.0.1").orElseThrow();

    @TempDir
    private Path folder;

    private Netns moon;
    private Netns sun;
    private final ByteArrayOutputStream moonLog = new ByteArrayOutputStream();
    private final ByteArrayOutputStream sunLog = new ByteArrayOutputStream();
    private boolean passed;
    private Optional<RunningAgent> moonAgent = Optional.empty();
    private Optional<RunningAgent> sunAgent = Optional.empty();

    @BeforeEach
    void connectTwoGateways() throws IOException {
        moon = Netns.create();
        sun = Netns.create();
        sun.call(() -> {
            String task = Files.readSymbolicLink(Path.of("/proc/thread-self")).toString();
            moon.call(() -> run("ip link add wan type veth peer name wan netns /proc/" + task + "/ns/net"
                    + " && ip link set lo up && ip link set wan up && ip addr add 192.0.2.1/24 dev wan"
                    + " && ip addr add 10.1.0.1/32 dev lo && ip route add 10.2.0.0/16 via 192.0.2.2 src 10.1.0.1"));
            return run("ip link set lo up && ip link set wan up && ip addr add 192.0.2.2/24 dev wan"
                    + " && ip addr add 10.2.0.1/32 dev lo && ip route add 10.1.0.0/16 via 192.0.2.1 src 10.2.0.1");
        });
    }

    private static int run(String script) throws IOException, InterruptedException {
        int status = new ProcessBuilder("sh", "-c", script).inheritIO().start().waitFor();
        assertThat(status).as(script).isZero();
        return status;
    }

    @AfterEach
    void stop() {
        moonAgent.ifPresent(agent -> agent.stop("the test is over"));
        sunAgent.ifPresent(agent -> agent.stop("the test is over"));
        moon.close();
        sun.close();
        if (!passed) {
            System.out.println("---- moon\n" + moonLog + "---- sun\n" + sunLog);
        }
    }

    private RunningAgent start(Netns where, String name, String start, ByteArrayOutputStream log) throws Exception {
        Path key = folder.resolve(name + ".psk");
        Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, "a key that only this test knows\n");
        boolean isMoon = name.equals("moon");
        Path policies = folder.resolve(name + ".yaml");
        Files.writeString(policies, """
                peers:
                  other:
                    local:  { address: %s, id: %s.example.org, auth: psk }
                    remote: { address: %s, id: %s.example.org, auth: psk }
                secrets:
                  - psk: file:%s
                    ids: [moon.example.org, sun.example.org]
                policies:
                  - name: lans
                    match:  { local: %s, remote: %s }
                    action: protect
                    peer: other
                    start: %s
                """.formatted(
                isMoon ? "192.0.2.1" : "192.0.2.2", name, isMoon ? "192.0.2.2" : "192.0.2.1", isMoon ? "sun" : "moon", key,
                isMoon ? "10.1.0.0/16" : "10.2.0.0/16", isMoon ? "10.2.0.0/16" : "10.1.0.0/16", start));
        DaemonOptions options = new DaemonOptions(
                List.of(policies), DaemonOptions.PlaneChoice.AUTO,
                new DaemonOptions.Control(List.of(), Optional.empty(), (_, _) -> () -> {}));
        EventLog lines = new EventLog(new PrintStream(log, true, StandardCharsets.UTF_8), Clock.systemUTC(), false);
        return where.call(() -> RunningAgent.start(options, Map.of(), lines));
    }

    /** How many of {@code count} datagrams from moon's LAN are answered by sun's. */
    private int talk(int count, int timeoutMillis) throws IOException {
        DatagramSocket there = sun.call(() -> new DatagramSocket(new InetSocketAddress(SUN_LAN, 7777)));
        DatagramSocket here = moon.call(() -> new DatagramSocket(new InetSocketAddress(MOON_LAN, 0)));
        int answered = 0;
        try (there; here) {
            there.setSoTimeout(timeoutMillis);
            here.setSoTimeout(timeoutMillis);
            for (int i = 0; i < count; i++) {
                try {
                    here.send(new DatagramPacket(new byte[100], 100, SUN_LAN, 7777));
                    DatagramPacket got = new DatagramPacket(new byte[200], 200);
                    there.receive(got);
                    there.send(new DatagramPacket(new byte[10], 10, got.getSocketAddress()));
                    here.receive(new DatagramPacket(new byte[200], 200));
                    answered++;
                } catch (SocketTimeoutException lost) {
                    // Not answered.
                } catch (IOException held) {
                    // The kernel tells the sender that there is no way as long as no SA is up.
                }
            }
        }
        return answered;
    }

    private static ChildSa child(RunningAgent agent) {
        return agent.agent().sessions().getFirst().session().children().getFirst();
    }

    @Test
    void aTunnelComesUpCarriesTrafficAndGoesWithoutATrace() throws Exception {
        RunningAgent sunRuns = start(sun, "sun", "by-peer", sunLog);
        sunAgent = Optional.of(sunRuns);
        RunningAgent moonRuns = start(moon, "moon", "on-traffic", moonLog);
        moonAgent = Optional.of(moonRuns);
        assertThat(moonRuns.agent().sessions()).isEmpty();

        Answer up = moonRuns.agent().initiate(new InitiateRequest(Optional.empty(), Optional.of("lans"))).get(20, TimeUnit.SECONDS);
        assertThat(up.failure()).isEmpty();
        assertThat(talk(5, 2_000)).isEqualTo(5);
        Map<?, Usage> usage = moonRuns.agent().usage(Set.of(child(moonRuns).outbound(), child(moonRuns).inbound()));
        assertThat(usage.values()).hasSize(2).allSatisfy(each -> assertThat(each.packets()).isGreaterThanOrEqualTo(5));

        Answer again = moonRuns.agent().initiate(new InitiateRequest(Optional.of("other"), Optional.empty())).get(5, TimeUnit.SECONDS);
        assertThat(again).isEqualTo(Answer.succeeded(1));
        TerminateRequest all = new TerminateRequest(
                Optional.of("other"), Optional.empty(), OptionalLong.empty(), OptionalInt.empty(), false);
        assertThat(moonRuns.agent().terminate(all).get(20, TimeUnit.SECONDS)).isEqualTo(Answer.succeeded(1));
        assertThat(talk(1, 500)).as("fails closed while no SA is up").isZero();

        // That packet asked for the tunnel again.
        InitiateRequest lans = new InitiateRequest(Optional.of("other"), Optional.of("lans"));
        assertThat(moonRuns.agent().initiate(lans).get(20, TimeUnit.SECONDS)).isEqualTo(Answer.succeeded(1));
        assertThat(talk(1, 2_000)).isEqualTo(1);

        moonRuns.stop("the test says so");
        moonAgent = Optional.empty();
        assertThat(moonLog.toString(StandardCharsets.UTF_8)).doesNotContain("ERROR").doesNotContain("that only this test knows");
        Snapshot left = moon.call(() -> {
            try (var plane = XfrmDataPlane.open()) {
                return plane.installed();
            }
        });
        assertThat(left).isEqualTo(new Snapshot(List.of(), List.of()));
        passed = true;
    }
}
