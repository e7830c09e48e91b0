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
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
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
                    + " && ip addr add 10.1.0.1/32 dev lo && ip route add 10.2.0.0/15 via 192.0.2.2 src 10.1.0.1"));
            return run("ip link set lo up && ip link set wan up && ip addr add 192.0.2.2/24 dev wan"
                    + " && ip addr add 10.2.0.1/32 dev lo && ip addr add 10.3.0.1/32 dev lo && ip route add 10.1.0.0/16 via 192.0.2.1 src 10.2.0.1");
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
        DaemonOptions options = new DaemonOptions(
                List.of(write(name, start, "")), DaemonOptions.PlaneChoice.AUTO,
                new DaemonOptions.Control(List.of(), Optional.empty(), (_, _) -> () -> {}));
        EventLog lines = new EventLog(new PrintStream(log, true, StandardCharsets.UTF_8), Clock.systemUTC(), false);
        return where.call(() -> RunningAgent.start(options, Map.of(), lines));
    }

    /** The policy file of {@code name}: the policy for the LANs, and {@code more} behind it. */
    private Path write(String name, String start, String more) throws IOException {
        Path key = folder.resolve(name + ".psk");
        boolean isMoon = name.equals("moon");
        return Files.writeString(folder.resolve(name + ".yaml"), """
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
                isMoon ? "10.1.0.0/16" : "10.2.0.0/16", isMoon ? "10.2.0.0/16" : "10.1.0.0/16", start) + more);
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

    private static String others(String local, String remote) {
        return """
                  - name: others
                    match:  { local: %s, remote: %s }
                    action: protect
                    peer: other
                    start: on-traffic
                """.formatted(local, remote);
    }

    private static Optional<ChildSa> child(RunningAgent agent, String policy) {
        return agent.agent().sessions().stream()
                .flatMap(view -> view.session().children().stream())
                .filter(child -> child.name().equals(policy) && child.state() == ChildSa.State.INSTALLED)
                .findFirst();
    }

    private static Reloaded reload(Netns where, RunningAgent agent) throws Exception {
        return where.call(() -> agent.agent().reload().get(20, TimeUnit.SECONDS));
    }

    private static void await(String what, BooleanSupplier done) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting until " + what).isLessThan(deadline);
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Test
    void aReloadChangesOnePolicyWhileTheOtherLosesNoPacket() throws Exception {
        RunningAgent sunRuns = start(sun, "sun", "by-peer", sunLog);
        sunAgent = Optional.of(sunRuns);
        RunningAgent moonRuns = start(moon, "moon", "on-traffic", moonLog);
        moonAgent = Optional.of(moonRuns);
        write("sun", "by-peer", others("10.3.0.0/16", "10.1.0.0/16"));
        assertThat(reload(sun, sunRuns)).isEqualTo(new Reloaded(List.of(), List.of("+ policy others")));
        write("moon", "on-traffic", others("10.1.0.0/16", "10.3.0.0/16"));
        assertThat(reload(moon, moonRuns)).isEqualTo(new Reloaded(List.of(), List.of("+ policy others")));
        for (String policy : List.of("lans", "others")) {
            Answer up = moonRuns.agent().initiate(new InitiateRequest(Optional.empty(), Optional.of(policy))).get(20, TimeUnit.SECONDS);
            assertThat(up.failure()).isEmpty();
        }
        ChildSa lans = child(moonRuns, "lans").orElseThrow();
        ChildSa before = child(moonRuns, "others").orElseThrow();

        Process ping = moon.call(() -> new ProcessBuilder("ping", "-n", "-i", "0.01", "-c", "400", "-W", "2", "-I", "10.1.0.1", "10.2.0.1")
                .redirectErrorStream(true).start());
        await("the ping is under way", () -> moonRuns.agent().usage(Set.of(lans.outbound())).values().stream()
                .anyMatch(usage -> usage.packets() > 20));
        write("moon", "on-traffic", """
                  - name: no-telnet
                    match:  { local: 10.1.0.0/16, remote: 10.8.0.0/16 }
                    action: discard
                """ + others("10.1.0.0/16", "10.3.0.0/24"));
        assertThat(reload(moon, moonRuns)).isEqualTo(new Reloaded(List.of(), List.of("~ policy others", "+ policy no-telnet")));
        await("others is negotiated anew", () -> child(moonRuns, "others").filter(child -> child.serial() != before.serial()).isPresent());
        assertThat(ping.isAlive()).as("the ping was under way all the time").isTrue();
        String out = new String(ping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(out).contains("400 packets transmitted, 400 received, 0% packet loss");
        assertThat(child(moonRuns, "lans").orElseThrow().inbound()).isEqualTo(lans.inbound());
        assertThat(child(moonRuns, "others").orElseThrow().remote().toString()).contains("10.3.0.0/24");
        assertThat(moonLog.toString(StandardCharsets.UTF_8)).doesNotContain("ERROR");
        assertThat(reload(moon, moonRuns)).isEqualTo(new Reloaded(List.of(), List.of()));

        Answer rekeyed = moonRuns.agent().rekey(new RekeyRequest(Optional.empty(), Optional.of("lans"), OptionalLong.empty(), OptionalInt.empty(), false))
                .get(5, TimeUnit.SECONDS);
        assertThat(rekeyed).isEqualTo(Answer.succeeded(1));
        await("lans is rekeyed", () -> child(moonRuns, "lans").filter(child -> child.serial() != lans.serial()).isPresent());
        int serial = child(moonRuns, "others").orElseThrow().serial();
        TerminateRequest one = new TerminateRequest(Optional.empty(), Optional.empty(), OptionalLong.empty(), OptionalInt.of(serial), false);
        assertThat(moonRuns.agent().terminate(one).get(20, TimeUnit.SECONDS)).isEqualTo(Answer.succeeded(1));
        assertThat(child(moonRuns, "lans")).isPresent();
        assertThat(child(moonRuns, "others")).isEmpty();

        write("moon", "on-traffic", "");
        assertThat(reload(moon, moonRuns).changes()).containsExactlyInAnyOrder("- policy others", "- policy no-telnet");
        assertThat(talk(5, 2_000)).isEqualTo(5);
        passed = true;
    }
}
