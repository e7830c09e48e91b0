package org.xfrmagent.netlink.linux;

import java.io.IOException;

/** A system call failed. The message names the call, what it was asked for, and the error. */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final transient Errno errno;

    /**
     * @param call the system call, such as {@code bind}
     * @param errno why it failed
     * @param detail what it was asked to do, such as {@code 0.0.0.0:500}; empty if the call says enough
     */
    public LinuxException(String call, Errno errno, String detail) {
        super(call + (detail.isEmpty() ? "" : " " + detail) + ": " + errno);
        this.call = call;
        this.errno = errno;
    }

    public String call() {
        return call;
    }

    public Errno errno() {
        return errno;
    }

    public boolean is(Errno other) {
        return errno.equals(other);
    }
}
