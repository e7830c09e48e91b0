package org.xfrmagent.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Lab;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.SwanctlConf;

/**
 * What {@code swanctl --load-all} costs this agent and strongSwan's charon, one after the other, with the same swanctl.conf:
 * {@code LoadingBenchmark [agent|charon|yaml] [CONNECTIONSxCHILDREN…]}. Every connection has a pre-shared key of its own and children of
 * different widths; nobody is called. Then the same file again, a file with nothing in it, and of the agent the same as a policy file. Run
 * it with it-tests/benchmark. The system property {@code bench.java} has more options for the java of the agent.
 */
public final class LoadingBenchmark {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String FILE = "/etc/swanctl/swanctl.conf";
    private static final String MOON = "192.0.2.1";
    /** Of {@code /proc/PID/stat}. */
    private static final double TICKS_PER_SECOND = 100;

    private final int connections;
    private final int children;

    private LoadingBenchmark(int connections, int children) {
        this.connections = connections;
        this.children = children;
    }

    public static void main(String... arguments) {
        List<String> sizes = Arrays.stream(arguments).filter(word -> word.matches("\\d+x\\d+")).toList();
        List<String> daemons = Arrays.stream(arguments).filter(word -> !word.matches("\\d+x\\d+")).toList();
        for (String size : sizes.isEmpty() ? List.of("10x10", "100x1", "100x10", "1000x1", "1000x10") : sizes) {
            String[] numbers = size.split("x", -1);
            LoadingBenchmark benchmark = new LoadingBenchmark(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
            for (String daemon : daemons.isEmpty() ? List.of("agent", "charon", "yaml") : daemons) {
                try (Lab lab = Lab.open()) {
                    Host moon = lab.host("moon");
                    lab.link(moon, List.of(MOON + "/24"), lab.host("sun"), List.of("192.0.2.2/24"));
                    lab.up();
                    benchmark.run(daemon, lab, moon);
                }
            }
        }
    }

    private void run(String daemon, Lab lab, Host moon) {
        switch (daemon) {
            case "charon" -> {
                StrongSwan charon = lab.closing(new StrongSwan(moon, Plane.USERSPACE));
                charon.start("");
                swanctl(charon, charon.control(), moon);
            }
            case "agent" -> {
                Agent agent = lab.closing(new Agent(moon, Plane.USERSPACE).lasting(System.getProperty("bench.java", "")));
                agent.startAndLoad("");
                swanctl(agent, agent.control(), moon);
            }
            case "yaml" -> yaml(lab.closing(new Agent(moon, Plane.USERSPACE).lasting(System.getProperty("bench.java", ""))), moon);
            default -> throw new IllegalArgumentException(daemon + ": expected agent, charon or yaml");
        }
    }

    private void swanctl(Peer peer, Control control, Host moon) {
        moon.write(FILE, SwanctlConf.of(numbers(connections).map(this::connection).toList(),
                numbers(connections).map(each -> SwanctlConf.secret("sun" + each, List.of(id(each)), "a shared secret of number " + each)).toList()));
        String loaded = timed(peer, control);
        String again = timed(peer, control);
        moon.write(FILE, "");
        String unloaded = timed(peer, control);
        say(peer.version(), "loaded in %s, nothing changed %s, all unloaded %s".formatted(loaded, again, unloaded));
    }

    /** With the processor time of the daemon. */
    private static String timed(Peer peer, Control control) {
        long before = ticks(peer);
        String took = timed(() -> control.swanctl(PATIENCE, "--load-all", "--noprompt").orFail());
        return "%s (%.2f s of processor time)".formatted(took, (ticks(peer) - before) / TICKS_PER_SECOND);
    }

    private static long ticks(Peer peer) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(peer.running().pid()), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        } catch (IOException ended) {
            throw new UncheckedIOException(ended);
        }
    }

    private static String timed(Runnable what) {
        long begin = System.nanoTime();
        try {
            what.run();
        } catch (AssertionError failure) {
            String why = String.valueOf(failure.getMessage());
            return "FAILED (%.2f s: %s)".formatted((System.nanoTime() - begin) / 1e9, why.substring(Math.max(0, why.length() - 300)));
        }
        return "%.2f s".formatted((System.nanoTime() - begin) / 1e9);
    }

    private void yaml(Agent agent, Host moon) {
        numbers(connections).forEach(each -> moon.write("/etc/xfrm-agent/sun%d.psk".formatted(each), "a shared secret of number %d\n".formatted(each)));
        String policies = policies();
        moon.write(Agent.POLICIES, policies);
        String check = timed(() -> agent.check(Agent.POLICIES).orFail());
        String started = timed(() -> agent.start(policies));
        String same = timed(() -> agent.cli("reload").orFail());
        moon.write(Agent.POLICIES, policies.replace("remote: 10.1.0.0", "remote: 10.99.0.0"));
        String one = timed(() -> agent.cli("reload").orFail());
        say(agent.version() + ", YAML", "checked in %s, started %s, reloaded with nothing changed %s, with one policy changed %s"
                .formatted(check, started, same, one));
    }

    private static Stream<Integer> numbers(int end) {
        return IntStream.range(0, end).boxed();
    }

    private static String id(int connection) {
        return "sun%d.example.org".formatted(connection);
    }

    private static String address(int connection) {
        return "198.18.%d.%d".formatted(connection / 250, connection % 250 + 1);
    }

    /** Of two widths, so that policies of a connection do not all come behind those of the one before. */
    private String remote(int connection, int child) {
        int number = connection * children + child;
        return child % 2 == 0 ? "10.%d.%d.0/24".formatted(1 + number / 250, number % 250) : "2001:db8:%x:%x::/64".formatted(number / 250, number % 250);
    }

    private static String local(int child) {
        return child % 2 == 0 ? "10.0.0.0/16" : "2001:db8:ffff::/48";
    }

    private String connection(int number) {
        return SwanctlConf.connection("sun" + number, new SwanctlConf.End(MOON, "moon.example.org"), new SwanctlConf.End(address(number), id(number)),
                "version = 2\nproposals = aes128gcm16-prfsha256-x25519\n" + SwanctlConf.children(numbers(children).map(child ->
                        SwanctlConf.child("net%d-%d".formatted(number, child), "local_ts = %s\nremote_ts = %s\nesp_proposals = aes128gcm16\n"
                                .formatted(local(child), remote(number, child)))).toList()));
    }

    private String policies() {
        StringBuilder yaml = new StringBuilder("peers:\n");
        numbers(connections).forEach(each -> yaml.append("""
                  sun%d:
                    local: { address: %s, id: moon.example.org, auth: psk }
                    remote: { address: %s, id: %s, auth: psk }
                    proposals: [aes128gcm16-prfsha256-x25519]
                """.formatted(each, MOON, address(each), id(each)).indent(2)));
        yaml.append("secrets:\n");
        numbers(connections).forEach(each -> yaml.append("  - { psk: file:sun%d.psk, ids: [moon.example.org, %s] }\n".formatted(each, id(each))));
        yaml.append("policies:\n");
        numbers(connections).forEach(each -> numbers(children).forEach(child -> yaml.append("""
                  - name: net%d-%d
                    match: { local: "%s", remote: "%s" }
                    action: protect
                    peer: sun%d
                    start: by-peer
                    esp: [aes128gcm16]
                """.formatted(each, child, local(child), remote(each, child), each).indent(2))));
        return yaml.toString();
    }

    private void say(String who, String line) {
        System.out.println("%s, %,d connections of %d children: %s".formatted(who, connections, children, line));
        System.out.flush();
    }
}
