package org.xfrmagent.netlink.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A network namespace that is kept alive by an open descriptor. The namespace of a Linux thread is its own, and children of
 * ProcessBuilder inherit that of the thread that starts them; so work inside a namespace runs on a platform thread of its own that
 * ends with the work, and no other thread ever changes its namespace. A socket stays in the namespace it was opened in.
 */
public final class Netns implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");

    private final Fd fd;
    private final String identity;

    private Netns(Fd fd, String identity) {
        this.fd = fd;
        this.identity = identity;
    }

    /** The namespace of the calling thread, as the kernel writes it: {@code net:[4026531840]}. */
    public static String identity() throws IOException {
        return Files.readSymbolicLink(OWN).toString();
    }

    /** The namespace this program was started in, which its other threads are in too. */
    public static String identityOfProcess() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    }

    /** Makes a fresh namespace, with nothing but a loopback interface that is down. Needs CAP_SYS_ADMIN. */
    public static Netns create() throws IOException {
        return onThread("netns create", () -> {
            LibC.check(LibC.calls().unshare(CLONE_NEWNET), "unshare", "CLONE_NEWNET");
            return open(OWN);
        });
    }

    /** Opens the namespace that {@code path} names, such as {@code /run/netns/sun} or {@code /proc/PID/ns/net}. */
    public static Netns open(Path path) throws IOException {
        Fd fd = Fd.open(path.toString(), LibC.O_RDONLY);
        try {
            int number = fd.enter();
            try {
                // Not the path's own name: /run/netns/sun is a mount, the descriptor knows what is mounted there.
                return new Netns(fd, "net:[" + Files.getAttribute(Path.of("/proc/self/fd/" + number), "unix:ino") + "]");
            } finally {
                fd.leave();
            }
        } catch (IOException | RuntimeException failed) {
            fd.close();
            throw failed;
        }
    }

    /** This namespace's identity, comparable with {@link #identity()}. */
    public String name() {
        return identity;
    }

    /**
     * Runs {@code work} on a new platform thread inside this namespace and waits for it.
     *
     * @throws IOException what {@code work} threw; any other checked exception comes wrapped
     */
    public <T> T call(Callable<T> work) throws IOException {
        return onThread("netns " + identity, () -> {
            int number = fd.enter();
            try {
                LibC.check(LibC.calls().setns(number, CLONE_NEWNET), "setns", identity);
            } finally {
                fd.leave();
            }
            return work.call();
        });
    }

    private static <T> T onThread(String name, Callable<T> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().name(name).daemon().start(task);
        try {
            return task.get();
        } catch (InterruptedException interrupted) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + name, interrupted);
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case IOException io -> throw io;
                case RuntimeException bug -> throw bug;
                case Error error -> throw error;
                case null, default -> throw new IOException(name + ": " + failed.getCause(), failed.getCause());
            }
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
