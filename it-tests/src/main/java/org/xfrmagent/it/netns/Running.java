package org.xfrmagent.it.netns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A program that runs in a host until it ends or is ended. Both its output streams go to one file. */
public final class Running {
    private final String name;
    private final Process process;
    private final Path output;

    Running(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /** All it has printed so far. */
    public String output() {
        try {
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public List<String> lines() {
        return output().lines().toList();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** The program's process, as the system outside counts; fails if it has ended. */
    public long pid() {
        return program().orElseThrow(() -> new IllegalStateException(name + " has ended")).pid();
    }

    /** Waits until it has printed {@code text}; fails if it ends or the time is up first. */
    public Running awaitOutput(String text, Duration limit) {
        Await.until(name + " says \"" + text + "\"", limit, () -> output().contains(text) || !isAlive(), this::output);
        if (!output().contains(text)) {
            throw new AssertionError(name + " ended before it said \"" + text + "\":\n" + output());
        }
        return this;
    }

    /** Waits for its end and returns its exit status (128 + n after signal n). */
    public int awaitExit(Duration limit) {
        if (!endedWithin(limit)) {
            throw new AssertionError(name + " still runs after " + limit.toSeconds() + " s:\n" + output());
        }
        return process.exitValue();
    }

    /** SIGTERM. */
    public void terminate() {
        program().ifPresent(ProcessHandle::destroy);
    }

    /** SIGINT, the user's Ctrl-C: ping then sums up what it has seen. */
    public void interrupt() {
        signal("-INT");
    }

    /** SIGSTOP: it does nothing until {@link #resume}. */
    public void pause() {
        signal("-STOP");
    }

    /** SIGCONT, to nsenter too: it stops itself with its child. */
    public void resume() {
        signal("-CONT");
        signal("-CONT", process.pid());
    }

    private void signal(String which) {
        program().ifPresent(program -> signal(which, program.pid()));
    }

    private static void signal(String which, long pid) {
        try {
            new ProcessBuilder("kill", which, Long.toString(pid)).start().waitFor();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** SIGKILL: no chance to say goodbye. */
    public void kill() {
        program().ifPresent(ProcessHandle::destroyForcibly);
    }

    /** SIGTERM, and SIGKILL if that does not end it soon. Nothing if it has already ended. */
    public void stop(Duration limit) {
        terminate();
        if (!endedWithin(limit)) {
            kill();
            endedWithin(limit);
        }
    }

    private boolean endedWithin(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was running", interrupted);
        }
    }

    /** nsenter forks to enter a process namespace: the program is its only child, soon after the start. Empty if it has ended. */
    private Optional<ProcessHandle> program() {
        Await.holds(Await.SOON, () -> process.children().findFirst().isPresent() || !process.isAlive());
        return process.children().findFirst();
    }
}
