package org.xfrmagent.netlink.netlink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.linux.NetlinkPort;

/**
 * Asks the kernel: one request at a time, a dump, or a batch with one acknowledgement. Threads take turns. The kernel works inside
 * the send call, so an answer is there at once; if one is missing all the same, a request ends after {@value #PATIENCE} ms.
 */
public final class NetlinkSocket implements AutoCloseable {
    private static final int PATIENCE = 10_000;
    private static final int DUMP_ATTEMPTS = 20;
    /** Measured: beyond 64 messages per send there is no more to win. */
    private static final int BATCH_MESSAGES = 64;

    private static final int BATCH_OCTETS = 60_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Transport port;
    private int sequence;

    NetlinkSocket(Transport port) {
        this.port = port;
    }

    /** Opens a socket in the calling thread's network namespace; it stays there whatever thread uses it. */
    public static NetlinkSocket open(NetlinkFamily family) throws IOException {
        return new NetlinkSocket(Transport.of(NetlinkPort.open(family.number(), 0)));
    }

    /** The sender that the kernel names when it tells others what this socket changed: see {@link NetlinkEvents#open}. */
    public int number() {
        return port.number();
    }

    /** One request of a batch that failed: its place in the batch, and why. */
    public record Failure(int index, NetlinkException error) {}

    /** Sends a request and waits for its acknowledgement. */
    public void execute(NetlinkRequest request) throws IOException {
        query(request);
    }

    /** Sends a request and returns what the kernel answers before the acknowledgement. */
    public List<NetlinkMessage> query(NetlinkRequest request) throws IOException {
        lock.lock();
        try {
            int number = ++sequence;
            send(List.of(request), number);
            List<NetlinkMessage> answers = new ArrayList<>();
            while (true) {
                for (NetlinkMessage message : receive(request)) {
                    if (message.sequence() != number) {
                        continue;
                    }
                    if (message.type() != NetlinkMessage.NLMSG_ERROR) {
                        answers.add(message);
                    } else if (message.payload().u32() == 0) {
                        return answers;
                    } else {
                        throw NetlinkException.read(message, request.subject());
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks for all objects of a kind. If they changed meanwhile (NLM_F_DUMP_INTR) what came is thrown away and asked for again.
     *
     * @throws NetlinkException EINTR if it was interrupted every time
     */
    public List<NetlinkMessage> dump(NetlinkRequest request) throws IOException {
        lock.lock();
        try {
            byte[] body = request.body().toArray();
            for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
                int number = ++sequence;
                StructWriter copy = new StructWriter(body.length).bytes(body);
                NetlinkRequest again = new NetlinkRequest(request.type(), request.flags() | NetlinkRequest.DUMP, copy, request.subject());
                send(List.of(again), number);
                List<NetlinkMessage> answers = new ArrayList<>();
                if (collect(request, number, answers)) {
                    return answers;
                }
            }
            throw new NetlinkException(Errno.EINTR, "the objects changed during each of " + DUMP_ATTEMPTS + " dumps", request.subject());
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the dump is of one moment. */
    private boolean collect(NetlinkRequest request, int number, List<NetlinkMessage> answers) throws IOException {
        boolean whole = true;
        while (true) {
            for (NetlinkMessage message : receive(request)) {
                if (message.sequence() != number) {
                    continue;
                }
                whole &= (message.flags() & NetlinkMessage.NLM_F_DUMP_INTR) == 0;
                boolean done = message.type() == NetlinkMessage.NLMSG_DONE;
                if (!done && message.type() != NetlinkMessage.NLMSG_ERROR) {
                    answers.add(message);
                    continue;
                }
                // NLMSG_DONE may carry an error too: what went wrong after the first datagram of the dump.
                int error = message.payload().remaining() >= 4 ? message.payload().u32() : 0;
                if (error != 0) {
                    throw NetlinkException.read(message, request.subject());
                }
                if (done) {
                    return whole;
                }
            }
        }
    }

    /**
     * Sends all requests, up to 64 at a time with one acknowledgement. A refused request does not stop the ones behind it.
     *
     * <p>Only the last message of each part asks for an acknowledgement. The kernel works through a part in order and reports every
     * error with the sequence number of its message, so when that acknowledgement (or error) is here, all errors are.
     *
     * @return the refused ones, in order
     */
    public List<Failure> batch(List<NetlinkRequest> requests) throws IOException {
        lock.lock();
        try {
            List<Failure> failures = new ArrayList<>();
            for (int from = 0; from < requests.size(); ) {
                int to = from;
                for (int octets = 0; to < requests.size() && to - from < BATCH_MESSAGES; to++) {
                    octets += NetlinkMessage.HEADER + requests.get(to).body().length() + 3;
                    if (octets > BATCH_OCTETS && to > from) {
                        break;
                    }
                }
                part(requests.subList(from, to), from, failures);
                from = to;
            }
            return failures;
        } finally {
            lock.unlock();
        }
    }

    private void part(List<NetlinkRequest> part, int offset, List<Failure> failures) throws IOException {
        int first = sequence + 1;
        sequence += part.size();
        send(part, first);
        while (true) {
            for (NetlinkMessage message : receive(part.getLast())) {
                int index = message.sequence() - first;
                if (message.type() != NetlinkMessage.NLMSG_ERROR || index < 0 || index >= part.size()) {
                    continue;
                }
                if (message.payload().u32() != 0) {
                    failures.add(new Failure(offset + index, NetlinkException.read(message, part.get(index).subject())));
                }
                if (index == part.size() - 1) {
                    return;
                }
            }
        }
    }

    /** Sends requests as one datagram, numbered from {@code first}; the last one asks for an acknowledgement. */
    private void send(List<NetlinkRequest> requests, int first) throws IOException {
        int size = 0;
        for (NetlinkRequest request : requests) {
            size += NetlinkMessage.HEADER + aligned(request.body().length());
        }
        StructWriter out = new StructWriter(size);
        try {
            for (int i = 0; i < requests.size(); i++) {
                NetlinkRequest request = requests.get(i);
                boolean dump = (request.flags() & NetlinkRequest.DUMP) == NetlinkRequest.DUMP;
                int acknowledge = i == requests.size() - 1 && !dump ? NetlinkRequest.NLM_F_ACK : 0;
                out.u32(NetlinkMessage.HEADER + request.body().length()).u16(request.type());
                out.u16(request.flags() | NetlinkRequest.NLM_F_REQUEST | acknowledge).u32(first + i).u32(port.number());
                out.append(request.body());
                out.zeros(-out.length() & 3);
            }
            out.sendTo(port);
        } finally {
            out.wipe();
            for (NetlinkRequest request : requests) {
                request.body().wipe();
            }
        }
    }

    private static int aligned(int length) {
        return (length + 3) & ~3;
    }

    private List<NetlinkMessage> receive(NetlinkRequest request) throws IOException {
        byte[] datagram = port.receive(PATIENCE);
        if (datagram.length == 0) {
            throw new NetlinkException(Errno.of(110), "no answer from the kernel", request.subject());
        }
        return NetlinkMessage.readAll(datagram);
    }

    @Override
    public void close() {
        port.close();
    }
}
