package org.xfrmagent.netlink.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An owned file descriptor that may be closed while other threads are using it.
 *
 * <p>close(2) does not wake a thread that is blocked in read(2) or recv(2), and it frees the number for the next open(2) in any
 * other thread, which the sleeper would then read from. So:
 *
 * <ul>
 *   <li>reads never block in the kernel: they are tried without blocking, and only if nothing is there the thread waits in
 *       poll(2) on this descriptor and on an eventfd (under load the poll never happens);
 *   <li>{@link #close()} marks this descriptor closed and signals the eventfd, so every waiting thread returns with {@link
 *       ClosedChannelException};
 *   <li>each use is counted, and the last one to leave after the mark closes the two numbers. close() itself does not wait.
 * </ul>
 */
public final class Fd implements AutoCloseable {
    private static final int EFD_CLOEXEC = LibC.O_CLOEXEC;
    private static final int EFD_NONBLOCK = LibC.O_NONBLOCK;
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    /** Added to the count of uses when closed. */
    private static final int CLOSED = 1 << 30;

    private final int number;
    private final int wakeup;
    private final AtomicInteger uses = new AtomicInteger();

    private Fd(int number, int wakeup) {
        this.number = number;
        this.wakeup = wakeup;
    }

    /** Takes {@code number} over; closes it if the eventfd beside it cannot be made. */
    static Fd own(int number) throws LinuxException {
        int wakeup = LibC.calls().eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (wakeup < 0) {
            Errno why = LibC.errno();
            LibC.calls().close(number);
            throw new LinuxException("eventfd", why, "");
        }
        return new Fd(number, wakeup);
    }

    static Fd open(String path, int flags) throws LinuxException {
        byte[] name = Native.cString(path);
        return own(LibC.check(LibC.calls().open(name, flags | LibC.O_CLOEXEC), "open", path));
    }

    static Fd socket(int domain, int type, int protocol, String what) throws LinuxException {
        return own(LibC.check(LibC.calls().socket(domain, type | LibC.O_CLOEXEC, protocol), "socket", what));
    }

    /** Begins a use: the number stays this descriptor's until {@link #leave()}. */
    int enter() throws ClosedChannelException {
        if (uses.incrementAndGet() >= CLOSED) {
            leave();
            throw new ClosedChannelException();
        }
        return number;
    }

    void leave() {
        if (uses.decrementAndGet() == CLOSED) {
            release();
        }
    }

    @Override
    public void close() {
        int before = uses.getAndUpdate(count -> count >= CLOSED ? count : count + CLOSED + 1);
        if (before >= CLOSED) {
            return;
        }
        byte[] one = new byte[Long.BYTES];
        ByteBuffer.wrap(one).order(ByteOrder.nativeOrder()).putLong(0, 1);
        // The only failure of an eventfd write is a counter at its maximum, and then the readers are awake anyway.
        long ignored = LibC.calls().write(wakeup, one, one.length);
        leave();
    }

    public boolean isClosed() {
        return uses.get() >= CLOSED;
    }

    private void release() {
        // A late enter() and leave() may bring the count here again: only the first one closes.
        if (uses.compareAndSet(CLOSED, CLOSED + (1 << 29))) {
            LibC.calls().close(number);
            LibC.calls().close(wakeup);
        }
    }

    /**
     * Waits until there is something to read (data or an error).
     *
     * @param timeoutMillis milliseconds; negative waits for ever
     * @return false if the time is over
     * @throws ClosedChannelException if this descriptor is or becomes closed
     */
    boolean awaitReadable(int timeoutMillis) throws LinuxException, ClosedChannelException {
        return await(POLLIN, timeoutMillis);
    }

    boolean awaitWritable(int timeoutMillis) throws LinuxException, ClosedChannelException {
        return await(POLLOUT, timeoutMillis);
    }

    /** The caller is inside enter() and leave(). struct pollfd { int fd; short events; short revents; } */
    private boolean await(short events, int timeoutMillis) throws LinuxException, ClosedChannelException {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000L;
        int left = timeoutMillis;
        byte[] descriptors = new byte[16];
        ByteBuffer view = ByteBuffer.wrap(descriptors).order(ByteOrder.nativeOrder());
        while (true) {
            view.putInt(0, number).putShort(4, events).putShort(6, (short) 0);
            view.putInt(8, wakeup).putShort(12, POLLIN).putShort(14, (short) 0);
            int ready = LibC.calls().poll(descriptors, 2, left);
            if (ready < 0 && !LibC.errno().equals(Errno.EINTR)) {
                throw new LinuxException("poll", LibC.errno(), "");
            }
            if (isClosed()) {
                throw new ClosedChannelException();
            }
            if (ready > 0 && view.getShort(6) != 0) {
                return true;
            }
            if (timeoutMillis >= 0) {
                left = (int) Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
                if (ready == 0 && left == 0) {
                    return false;
                }
            }
        }
    }
}
