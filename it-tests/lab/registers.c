/*
 * Laid between Debian's user-mode kernel and the C library (LD_PRELOAD) on a processor whose registers are more than that kernel has room
 * for. It keeps 2.7 KB of what XSAVE writes; with Intel's AMX there are 11 KB, and ptrace(2) sets all of them or none (EFAULT), so that
 * the guest's first process would end. Here what the kernel gives is laid over what the process has, which fits. No program in a guest
 * has tiles to lose unless it asks for them.
 * One buffer and no lock: that kernel runs on one processor and is not preempted in the middle of ptrace. Its stacks have no room for it.
 */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long on_system(long request, long pid, void *address, void *data) { return syscall(SYS_ptrace, request, pid, address, data); }

long ptrace(enum __ptrace_request request, ...) {
    va_list rest;
    va_start(rest, request);
    pid_t pid = va_arg(rest, pid_t);
    void *address = va_arg(rest, void *);
    void *data = va_arg(rest, void *);
    va_end(rest);

    if (request == PTRACE_SETREGSET && (long) address == NT_X86_XSTATE) {
        static char registers[1 << 16];
        const struct iovec *given = data;
        struct iovec all = {registers, sizeof registers};
        if (on_system(PTRACE_GETREGSET, pid, address, &all) == 0 && all.iov_len > given->iov_len) {
            memcpy(registers, given->iov_base, given->iov_len);
            return on_system(request, pid, address, &all);
        }
    }
    if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
        /* The C library returns the word where the system writes it. */
        long word = 0;
        if (on_system(request, pid, address, &word) < 0) {
            return -1;
        }
        errno = 0;
        return word;
    }
    return on_system(request, pid, address, data);
}
