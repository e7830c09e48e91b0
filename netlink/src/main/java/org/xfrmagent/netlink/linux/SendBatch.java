package org.xfrmagent.netlink.linux;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import jnr.ffi.Pointer;

/**
 * sendmmsg(2): many datagrams with one system call, each with its own destination and source address. The memory is laid out as in
 * {@link ReceiveBatch}, with the payloads one after the other at its end; it grows to what the largest batch needed.
 */
final class SendBatch {
    /** More per call would only hold the socket longer; the kernel itself takes up to 1024. */
    private static final int MOST = 64;

    private static final int MMSGHDR = 64;
    private static final int IOVEC = 16;
    private static final int NAME = 32;
    /** A pktinfo (at most 16 + 20, padded to 40), a segment size (16 + 2, padded to 24) and a traffic class (16 + 4, padded to 24). */
    private static final int CONTROL = 88;

    private static final int PER_MESSAGE = MMSGHDR + IOVEC + NAME + CONTROL;
    private static final int HEAD = MOST * PER_MESSAGE;
    private static final int UDP_SEGMENT = 103;
    private static final int SOL_IP = 0;
    private static final int IP_TOS = 1;
    private static final int SOL_IPV6 = 41;
    private static final int IPV6_TCLASS = 67;

    private final ReentrantLock lock = new ReentrantLock();
    private final Fd fd;
    private byte[] staging = new byte[0];
    private Pointer memory = LibC.allocate(8);

    SendBatch(Fd fd) {
        this.fd = fd;
    }

    /** Sends what can be sent; the result names the datagrams that were refused, and why. */
    List<Outgoing.Failure> send(List<Outgoing> datagrams) throws IOException {
        lock.lock();
        try {
            int number = fd.enter();
            try {
                List<Outgoing.Failure> failures = new ArrayList<>();
                for (int from = 0; from < datagrams.size(); from += MOST) {
                    List<Outgoing> part = datagrams.subList(from, Math.min(from + MOST, datagrams.size()));
                    send(number, part, from, failures);
                }
                return failures;
            } finally {
                fd.leave();
            }
        } finally {
            lock.unlock();
        }
    }

    private void send(int number, List<Outgoing> part, int offset, List<Outgoing.Failure> failures) throws IOException {
        stage(part);
        int done = 0;
        while (done < part.size()) {
            int sent = LibC.calls().sendmmsg(number, memory.slice((long) done * MMSGHDR), part.size() - done, 0);
            if (sent > 0) {
                done += sent;
                continue;
            }
            Errno errno = LibC.errno();
            if (!errno.equals(Errno.EINTR)) {
                // The call blocks while the buffer is full; EAGAIN comes from XFRM, where a policy waits for its association.
                // sendmmsg reports an error only for the first of what it was given.
                failures.add(new Outgoing.Failure(offset + done, errno));
                done++;
            }
        }
    }

    private void stage(List<Outgoing> part) {
        int size = HEAD;
        for (Outgoing one : part) {
            size += one.data().length;
        }
        if (size > staging.length) {
            staging = new byte[size];
            memory = LibC.allocate(size);
        }
        long base = memory.address();
        ByteBuffer out = Native.hostOrder(staging);
        int payload = HEAD;
        for (int i = 0; i < part.size(); i++) {
            Outgoing one = part.get(i);
            int header = i * MMSGHDR;
            int vector = MOST * MMSGHDR + i * IOVEC;
            int name = MOST * (MMSGHDR + IOVEC) + i * (NAME + CONTROL);
            int control = name + NAME;
            int nameLength = Native.putSockaddr(out, name, one.destination().getAddress(), one.destination().getPort());
            int controlLength = putControl(out, control, one);
            out.putLong(header, base + name).putLong(header + 8, nameLength);
            out.putLong(header + 16, base + vector).putLong(header + 24, 1);
            out.putLong(header + 32, controlLength == 0 ? 0 : base + control).putLong(header + 40, controlLength);
            out.putLong(header + 48, 0).putLong(header + 56, 0);
            out.putLong(vector, base + payload).putLong(vector + 8, one.data().length);
            System.arraycopy(one.data(), 0, staging, payload, one.data().length);
            payload += one.data().length;
        }
        memory.put(0, staging, 0, payload);
    }

    /** Writes the control messages and returns their length in octets. */
    private static int putControl(ByteBuffer out, int start, Outgoing one) {
        int at = start;
        if (one.source().isPresent()) {
            InetAddress source = one.source().get();
            if (source instanceof Inet6Address six) {
                // struct in6_pktinfo { u8 address[16]; int ifindex; }
                out.putLong(at, 16 + 20).putInt(at + 8, 41).putInt(at + 12, 50);
                out.put(at + 16, six.getAddress()).putInt(at + 32, six.getScopeId());
                at += 40;
            } else {
                // struct in_pktinfo { int ifindex; u8 spec_dst[4]; u8 destination[4]; }: spec_dst is the source to use
                out.putLong(at, 16 + 12).putInt(at + 8, 0).putInt(at + 12, 8);
                out.putInt(at + 16, 0).put(at + 20, source.getAddress()).putInt(at + 24, 0);
                at += 32;
            }
        }
        if (one.segment() > 0) {
            out.putLong(at, 16 + 2).putInt(at + 8, ReceiveBatch.SOL_UDP).putInt(at + 12, UDP_SEGMENT);
            out.putShort(at + 16, (short) one.segment());
            at += 24;
        }
        if (one.trafficClass() > 0) {
            boolean six = one.destination().getAddress() instanceof Inet6Address;
            out.putLong(at, 16 + 4).putInt(at + 8, six ? SOL_IPV6 : SOL_IP).putInt(at + 12, six ? IPV6_TCLASS : IP_TOS);
            out.putInt(at + 16, one.trafficClass());
            at += 24;
        }
        return at - start;
    }
}
