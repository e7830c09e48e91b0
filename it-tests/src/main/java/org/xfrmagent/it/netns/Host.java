package org.xfrmagent.it.netns;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A computer of the lab: a network, a mount and a process namespace of its own (host-init.sh says what its files look like).
 * They have no name in the system and live as long as their first process, which ends when this program does, however that ends:
 * nothing can be left behind.
 */
public final class Host implements AutoCloseable {
    /** What a command may take that has no limit of its own. */
    public static final Duration COMMAND_LIMIT = Duration.ofSeconds(60);

    private final String name;
    private final Path scratch;
    private final Process init;
    private final long pid;
    private final BufferedReader initOutput;
    private int commands;

    private Host(String name, Path scratch, Process init, BufferedReader initOutput) {
        this.name = name;
        this.scratch = scratch;
        this.init = init;
        this.initOutput = initOutput;
        this.pid = init.children().findFirst().orElseThrow(() -> new IllegalStateException("no process 1 in host " + name)).pid();
    }

    /** Makes the host; {@code scratch} is an empty folder on a tmpfs, for its files and what its programs print. Needs root. */
    static Host start(String name, Path scratch) {
        try {
            Path files = Files.createDirectory(scratch.resolve("files"));
            // The sources have a name of their own: `mount --all` leaves out what is mounted from the same source already.
            String source = "xit-" + name;
            StringBuilder mounts = new StringBuilder("%s /run tmpfs mode=755 0 0\n%1$s /sys sysfs defaults 0 0\n".formatted(source));
            for (String tree : List.of("etc", "var")) {
                Path upper = Files.createDirectory(files.resolve(tree));
                Path work = Files.createDirectory(files.resolve(tree + ".work"));
                mounts.append("%s /%s overlay lowerdir=/%2$s,upperdir=%s,workdir=%s 0 0\n".formatted(source, tree, upper, work));
            }
            Files.writeString(files.resolve("fstab"), mounts);
            String outside = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString();
            Process init = new ProcessBuilder("unshare", "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
                            "--mount-proc", "bash", "-ec", script(), "host-init", files.toString(), outside)
                    .redirectErrorStream(true)
                    .start();
            BufferedReader output = init.inputReader(StandardCharsets.UTF_8);
            List<String> said = new ArrayList<>();
            String line = output.readLine();
            while (line != null && !line.equals("ready")) {
                said.add(line);
                line = output.readLine();
            }
            if (line == null) {
                throw new IllegalStateException("host " + name + " cannot be made (are you root?): " + String.join("; ", said));
            }
            return new Host(name, scratch, init, output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String script() throws IOException {
        try (InputStream in = Host.class.getResourceAsStream("host-init.sh")) {
            if (in == null) {
                throw new IOException("host-init.sh is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public String name() {
        return name;
    }

    /** Process 1 of this host, as the system outside counts: {@code nsenter -t PID -a} steps in. */
    public long pid() {
        return pid;
    }

    /** Runs a command to its end, without input. */
    public Result run(String... command) {
        return run(COMMAND_LIMIT, command);
    }

    public Result run(Duration limit, String... command) {
        String stem = stem(command);
        Path out = scratch.resolve(stem + ".out");
        Path err = scratch.resolve(stem + ".err");
        Process process = enter(Redirect.to(out.toFile()), Redirect.to(err.toFile()), command);
        Running running = new Running(name + ": " + String.join(" ", command), process, err);
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                running.kill();
                throw new AssertionError(name + ": `" + String.join(" ", command) + "` did not end within " + limit.toSeconds() + " s:\n"
                        + Files.readString(out) + Files.readString(err));
            }
            return new Result(List.of(command), process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            running.kill();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** Runs lines of shell; the first that fails ends it, and that is a failure here too. */
    public String shell(String script) {
        return run("bash", "-ec", script).orFail().out();
    }

    /** Starts a program that goes on; it ends with the host at the latest. */
    public Running start(String... command) {
        Path output = scratch.resolve(stem(command) + ".log");
        Process process = enter(Redirect.to(output.toFile()), Redirect.appendTo(output.toFile()), command);
        return new Running(name + ": " + command[0], process, output);
    }

    /** A file of this host, as this program can open it. {@code absolute} is its path inside. */
    public Path path(String absolute) {
        return Path.of("/proc/" + pid + "/root" + absolute);
    }

    /** Writes a file of this host that only root can read: it may hold a secret. */
    public void write(String absolute, String content) {
        Path file = path(absolute);
        try {
            Files.createDirectories(file.getParent());
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, content);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Makes a folder and those above it. */
    public void directory(String absolute) {
        try {
            Files.createDirectories(path(absolute));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A file of this host, or nothing if there is none. */
    public String read(String absolute) {
        try {
            return Files.exists(path(absolute)) ? Files.readString(path(absolute)) : "";
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * Lays an unpacked package over this host's /usr, read-only, where no other host sees it: so that daemons run side by side whose
     * packages exclude each other. Once is enough.
     */
    public void lay(Path tree) {
        // In a mount namespace that is this host's own: host-init.sh has made sure of it.
        shell("grep -qF 'lowerdir=%1$s/usr:' /proc/self/mountinfo || mount -t overlay -o lowerdir=%1$s/usr:/usr xit-package /usr".formatted(tree));
    }

    /** The kernel's SAs and policies of this host, without keys: empty when nothing is installed. */
    public String xfrm() {
        // Per-socket policies are the IKE daemon's own bypass ("socket in/out"), not something it installed for others.
        return shell("ip xfrm state list nokeys; ip xfrm policy list nosock");
    }

    /** The kernel's SAs of this host, without keys. */
    public String states() {
        return shell("ip xfrm state list nokeys");
    }

    /** Waits until the kernel has none. An SA that was replaced stays a few seconds, for what was sent on it. */
    public void awaitNoStates(Duration limit) {
        Await.until(this + " has no SA in its kernel", limit, () -> states().isBlank(), this::states);
    }

    @Override
    public void close() {
        try {
            init.getOutputStream().close();
            if (!init.waitFor(10, TimeUnit.SECONDS)) {
                init.destroyForcibly();
            }
            initOutput.close();
        } catch (IOException ended) {
            init.destroyForcibly();
        } catch (InterruptedException interrupted) {
            init.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private Process enter(Redirect out, Redirect err, String... command) {
        List<String> line = new ArrayList<>(List.of("nsenter", "-t", Long.toString(pid), "-n", "-m", "-p", "--"));
        line.addAll(List.of(command));
        try {
            return new ProcessBuilder(line)
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(out)
                    .redirectError(err)
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private synchronized String stem(String... command) {
        return "%03d-%s".formatted(++commands, Path.of(command[0]).getFileName());
    }

    @Override
    public String toString() {
        return name;
    }
}
