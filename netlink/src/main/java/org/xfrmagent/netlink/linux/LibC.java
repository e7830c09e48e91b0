package org.xfrmagent.netlink.linux;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** The binding of libc, and the one place that turns a result of -1 into a {@link LinuxException}. */
final class LibC {
    /** The calls, as their manual pages name them. Public only because the generated class lives in another class loader. */
    public interface Calls {
        int socket(int domain, int type, int protocol);

        int bind(int fd, @In byte[] address, int length);

        int getsockname(int fd, @Out byte[] address, @In @Out byte[] length);

        int setsockopt(int fd, int level, int name, @In byte[] value, int length);

        int getsockopt(int fd, int level, int name, @In @Out byte[] value, @In @Out byte[] length);

        @ssize_t
        long sendto(int fd, @In byte[] data, @size_t long length, int flags, @In byte[] address, int addressLength);

        @ssize_t
        long sendto(int fd, Pointer data, @size_t long length, int flags, @In byte[] address, int addressLength);

        @ssize_t
        long recvfrom(
                int fd, Pointer buffer, @size_t long length, int flags, @Out byte[] address, @In @Out byte[] addressLength);

        int recvmmsg(int fd, Pointer messages, int count, int flags, Pointer timeout);

        int sendmmsg(int fd, Pointer messages, int count, int flags);

        @ssize_t
        long read(int fd, Pointer buffer, @size_t long length);

        @ssize_t
        long write(int fd, Pointer buffer, @size_t long length);

        @ssize_t
        long write(int fd, @In byte[] buffer, @size_t long length);

        int open(@In byte[] path, int flags);

        int close(int fd);

        int ioctl(int fd, long request, @In @Out byte[] argument);

        int ioctl(int fd, long request, long argument);

        int poll(@In @Out byte[] descriptors, long count, int timeoutMillis);

        int eventfd(int initial, int flags);

        int setns(int fd, int type);

        int unshare(int flags);
    }

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    /** Loaded on first use, once: jnr-ffi compiles the binding when it is asked for. */
    private static final Calls CALLS = LibraryLoader.create(Calls.class).failImmediately().load("c");

    private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

    private LibC() {}

    static Calls calls() {
        return CALLS;
    }

    /** {@code size} octets outside the heap, released when the pointer is garbage. Its content is undefined. */
    static Pointer allocate(int size) {
        return Memory.allocateDirect(RUNTIME, size, false);
    }

    static Pointer nothing() {
        return Pointer.wrap(RUNTIME, 0);
    }

    /** The error of this thread's last call: to be read before anything else is called. */
    static Errno errno() {
        return Errno.of(RUNTIME.getLastError());
    }

    /** Passes {@code result} through, or throws what errno says if it is negative. */
    static int check(int result, String call, String detail) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, errno(), detail);
        }
        return result;
    }
}
