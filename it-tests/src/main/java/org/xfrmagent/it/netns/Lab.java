package org.xfrmagent.it.netns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A set of hosts and links, and everything else that must go when a test is over. Its files are on a tmpfs, because an overlay can
 * be laid over nothing else in the lab's guest: /dev/shm, or the folder that the system property xit.scratch names.
 */
public final class Lab implements AutoCloseable {
    private final Path scratch;
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Map<String, Supplier<String>> evidence = new LinkedHashMap<>();
    private final StringBuilder cables = new StringBuilder();
    private final Map<Host, StringBuilder> batches = new LinkedHashMap<>();
    private final Deque<AutoCloseable> closing = new ArrayDeque<>();

    private Lab(Path scratch) {
        this.scratch = scratch;
    }

    /** An empty lab. Needs root, and a kernel with namespaces and overlayfs. */
    public static Lab open() {
        try {
            return new Lab(Files.createTempDirectory(Path.of(System.getProperty("xit.scratch", "/dev/shm")),
                    "xit-" + ProcessHandle.current().pid() + "-"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Adds a host. Its name is at most 15 octets: interfaces are called after it. */
    public Host host(String name) {
        try {
            Host host = Host.start(name, Files.createDirectory(scratch.resolve(name)));
            hosts.put(name, host);
            return host;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Connects two hosts; the addresses carry their prefix length ({@code 192.0.2.1/24}, {@code 2001:db8::1/64}). Done by {@link #up}. */
    public Link link(Host a, List<String> addressesOfA, Host b, List<String> addressesOfB) {
        // Made from outside, where both are known by a process; neither end is ever here.
        cables.append("link add name %s netns %d type veth peer name %s netns %d\n".formatted(b.name(), a.pid(), a.name(), b.pid()));
        plug(a, b, addressesOfA);
        plug(b, a, addressesOfB);
        return new Link(a, b);
    }

    private void plug(Host host, Host other, List<String> addresses) {
        ip(host, "link set dev " + other.name() + " up");
        for (String address : addresses) {
            ip(host, "addr add " + address + " dev " + other.name() + (address.contains(":") ? " nodad" : ""));
        }
    }

    /** Something more for {@code ip} to do in a host, such as {@code route add default via 10.1.0.1}. Done by {@link #up}. */
    public void ip(Host host, String command) {
        batches.computeIfAbsent(host, _ -> new StringBuilder("link set lo up\n")).append(command).append('\n');
    }

    /** Does what {@link #link} and {@link #ip} have noted: one {@code ip} for all cables, then one per host. */
    public void up() {
        batch(List.of(), "cables", cables.toString());
        batches.forEach((host, commands) -> batch(List.of("nsenter", "-t", Long.toString(host.pid()), "-n"), host.name(),
                commands.toString()));
        cables.setLength(0);
        batches.clear();
    }

    private void batch(List<String> enter, String name, String commands) {
        try {
            Path file = Files.writeString(scratch.resolve(name + ".ip"), commands);
            List<String> line = new ArrayList<>(enter);
            line.addAll(List.of("ip", "-batch", file.toString()));
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            new Result(line, process.waitFor(), said, commands).orFail();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** Closed before the hosts are, last come first gone. */
    public <T extends AutoCloseable> T closing(T resource) {
        closing.push(resource);
        return resource;
    }

    /** Something to show when a test fails, such as a daemon's log. */
    public void evidence(String title, Supplier<String> text) {
        evidence.put(title, text);
    }

    /** All evidence, and what each host's kernel holds: what one wants to read when a test has failed. No keys. */
    public String report() {
        StringBuilder report = new StringBuilder();
        evidence.forEach((title, text) -> section(report, title, text));
        hosts.forEach((name, host) -> section(report, name + ": ip xfrm, addresses, routes", () -> host.xfrm()
                + host.run("bash", "-c", "ip -br addr; ip route show table all | grep -v 'table local'; grep -vw 0 /proc/net/xfrm_stat").all()));
        return report.toString();
    }

    private static void section(StringBuilder report, String title, Supplier<String> text) {
        report.append("──── ").append(title).append('\n');
        try {
            report.append(text.get().stripTrailing());
        } catch (RuntimeException | AssertionError unreadable) {
            report.append("(cannot be read: ").append(unreadable.getMessage()).append(')');
        }
        report.append('\n');
    }

    @Override
    public void close() {
        while (!closing.isEmpty()) {
            quietly(closing.pop());
        }
        hosts.values().forEach(Host::close);
        try (Stream<Path> files = Files.walk(scratch)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void quietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception ignored) {
            // It ends with its host in any case; the test's own verdict must not be hidden by this one.
        }
    }
}
