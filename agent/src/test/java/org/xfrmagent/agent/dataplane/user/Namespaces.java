package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.xfrmagent.netlink.linux.Netns;

/**
 * Network namespaces of one test, by short names. Each is a host; all are deleted on close. Every command runs inside one of them,
 * never in the namespace of the machine.
 */
final class Namespaces implements AutoCloseable {
    private final String prefix = "xup" + ProcessHandle.current().pid() + "-" + Long.toString(System.nanoTime() & 0xfffff, 36) + "-";
    private final Map<String, Netns> all = new LinkedHashMap<>();

    Namespaces(String... names) throws IOException {
        for (String name : names) {
            run(List.of("ip", "netns", "add", prefix + name));
            all.put(name, Netns.open(Path.of("/run/netns", prefix + name)));
            in(name, "ip link set lo up");
            in(name, "sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0");
        }
    }

    private Netns get(String name) {
        return Optional.ofNullable(all.get(name)).orElseThrow(() -> new IllegalArgumentException("no namespace " + name));
    }

    /** A veth pair: {@code left} has interface {@code leftName} with these addresses, likewise {@code right}. */
    void link(String left, String leftName, String right, String rightName) throws IOException {
        run(List.of("ip", "link", "add", leftName, "netns", prefix + left, "type", "veth", "peer", "name", rightName, "netns",
                prefix + right));
        in(left, "ip link set " + leftName + " up");
        in(right, "ip link set " + rightName + " up");
    }

    /** Runs a command and returns what it printed; fails if it fails. */
    String in(String name, String command) throws IOException {
        return get(name).call(() -> {
            if (Netns.identity().equals(Netns.identityOfProcess())) {
                throw new IllegalStateException("this would happen in the machine's own network namespace");
            }
            return run(Arrays.asList(command.split(" ")));
        });
    }

    /** Whether a command succeeds. */
    boolean succeeds(String name, String command) throws IOException {
        return get(name).call(() -> start(Arrays.asList(command.split(" "))).waitFor() == 0);
    }

    /** Starts a command that is still to be ended. */
    Process start(String name, String command) throws IOException {
        return get(name).call(() -> start(Arrays.asList(command.split(" "))));
    }

    <T> T call(String name, Callable<T> work) throws IOException {
        return get(name).call(work);
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var reader = process.inputReader()) {
            String output = reader.lines().collect(Collectors.joining("\n"));
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " failed: " + output);
            }
            return output;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    @Override
    public void close() throws IOException {
        List<String> names = new ArrayList<>(all.keySet());
        for (String name : names) {
            get(name).close();
            run(List.of("ip", "netns", "delete", prefix + name));
        }
        all.clear();
    }
}
