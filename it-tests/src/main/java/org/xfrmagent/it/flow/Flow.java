package org.xfrmagent.it.flow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.netlink.linux.Datagram;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.linux.UdpSocket;

/**
 * Numbered UDP packets from one host to another at a steady rate, and an exact account of which of them arrived. The sockets are in the
 * hosts' network namespaces, the threads in this program. After a pause of the machine a flow goes on where it was, and does not catch
 * up; while a daemon on the way is not given the processor it waits for it: what overruns a peer's buffers is nobody's fault.
 */
public final class Flow implements AutoCloseable {
    /** What every packet carries, to be looked for on the wire. */
    public static final String MARK = "a numbered packet in clear";

    static final int RANGES_SHOWN = 20;

    private static final int PORT = 9_900;
    private static final int BUFFER_OCTETS = 8 << 20;
    private static final int LONGEST_BURST = 20;
    /**
     * A socket's buffer of the usual size holds 256 such packets, and the kernel holds 100 of a policy whose SA is on its way to another
     * address: neither is ours to enlarge.
     */
    private static final int MOST_UNDER_WAY = 96;
    /** What is not there by then is lost, and the flow goes on without it. */
    private static final Duration LONGEST_WAY = Duration.ofSeconds(3);
    private static final int MOST = 10_000_000;
    private static final Duration LAST_ARRIVAL = Duration.ofSeconds(5);
    private static final byte[] MARK_OCTETS = MARK.getBytes(StandardCharsets.US_ASCII);

    private final String name;
    private final UdpSocket sender;
    private final UdpSocket receiver;
    private final InetAddress source;
    private final InetSocketAddress destination;
    private final long nanosPerPacket;
    private final Account account = new Account();
    private final Thread sending;
    private final Thread receiving;
    private volatile int sent;
    /** Known only to the sender: what it does not wait for any more. */
    private long lost;
    private volatile boolean ended;
    private volatile @Nullable Exception failure;

    /**
     * What became of a flow.
     *
     * @param missing how many never arrived
     * @param gaps their numbers, "17, 40–44"
     * @param duplicated arrivals beyond the first of a number
     * @param late arrivals after a higher number
     */
    public record Report(String name, int sent, long missing, String gaps, long duplicated, long late) {
        /** Fails unless every packet arrived, and once. */
        public Report whole() {
            if (missing > 0 || duplicated > 0) {
                throw new AssertionError(toString());
            }
            return this;
        }

        @Override
        public String toString() {
            return "%s: of %d packets %d are missing%s, %d came twice, %d late"
                    .formatted(name, sent, missing, missing == 0 ? "" : " (" + gaps + ")", duplicated, late);
        }
    }

    private Flow(String name, UdpSocket sender, UdpSocket receiver, InetAddress source, InetAddress destination, int perSecond) {
        this.name = name;
        this.sender = sender;
        this.receiver = receiver;
        this.source = source;
        this.destination = new InetSocketAddress(destination, PORT);
        this.nanosPerPacket = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.receiving = Thread.ofPlatform().name(name + " receiver").daemon().start(this::receive);
        this.sending = Thread.ofPlatform().name(name + " sender").daemon().start(this::send);
    }

    /** Starts to send {@code perSecond} packets a second from an address of one host to one of another. */
    public static Flow start(Host from, String source, Host to, String destination, int perSecond) {
        InetAddress here = InetAddress.ofLiteral(source);
        InetAddress there = InetAddress.ofLiteral(destination);
        UdpSocket receiver = socket(to, new InetSocketAddress(there, PORT));
        try {
            UdpSocket sender = socket(from, new InetSocketAddress(here, 0));
            return new Flow(from + " → " + to, sender, receiver, here, there, perSecond);
        } catch (RuntimeException failed) {
            receiver.close();
            throw failed;
        }
    }

    private static UdpSocket socket(Host host, InetSocketAddress address) {
        try (Netns namespace = Netns.open(Path.of("/proc/" + host.pid() + "/ns/net"))) {
            return namespace.call(() -> UdpSocket.open(address, UdpSocket.Options.PLAIN.withBuffers(BUFFER_OCTETS, BUFFER_OCTETS)));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void send() {
        byte[] packet = Arrays.copyOf(MARK_OCTETS, MARK_OCTETS.length + Integer.BYTES);
        ByteBuffer number = ByteBuffer.wrap(packet, MARK_OCTETS.length, Integer.BYTES).slice();
        try {
            long due = System.nanoTime();
            for (int next = 0; !ended && next < MOST; next++) {
                awaitRoom();
                number.putInt(0, next);
                sender.send(source, destination, packet);
                sent = next + 1;
                due += nanosPerPacket;
                long now = System.nanoTime();
                if (now - due > LONGEST_BURST * nanosPerPacket) {
                    due = now;
                } else if (due > now) {
                    LockSupport.parkNanos(due - now);
                }
            }
        } catch (IOException | RuntimeException failed) {
            failure = failed;
        }
    }

    private void awaitRoom() {
        if (sent - account.received() - lost < MOST_UNDER_WAY) {
            return;
        }
        long deadline = System.nanoTime() + LONGEST_WAY.toNanos();
        while (!ended && sent - account.received() - lost >= MOST_UNDER_WAY) {
            if (System.nanoTime() - deadline > 0) {
                lost = sent - account.received();
                return;
            }
            LockSupport.parkNanos(nanosPerPacket);
        }
    }

    private void receive() {
        try {
            while (true) {
                for (Datagram datagram : receiver.receive()) {
                    byte[] octets = datagram.data();
                    if (octets.length == MARK_OCTETS.length + Integer.BYTES) {
                        account.arrived(ByteBuffer.wrap(octets).getInt(MARK_OCTETS.length));
                    }
                }
            }
        } catch (ClosedChannelException ends) {
            // The end of the flow.
        } catch (IOException | RuntimeException failed) {
            failure = failed;
        }
    }

    /** Waits until so many more packets have been sent, and arrived in part. */
    public void awaitSent(int more) {
        int goal = sent + more;
        Await.until(name + " sends " + more + " packets more", Await.SOON.plusSeconds(30), () -> sent >= goal || failure != null, this::toString);
    }

    /** How many have been sent. */
    public int sent() {
        return sent;
    }

    /** How many of those from {@code from} to {@code to}, which is not one of them, never arrived. After {@link #stop()}. */
    public long missing(int from, int to) {
        return account.missing(from, to);
    }

    /** Ends the flow, waits for what is still under way, and says what became of it. */
    public Report stop() {
        ended = true;
        try {
            sending.join();
            Await.holds(LAST_ARRIVAL, () -> account.received() == sent);
            receiver.close();
            receiving.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
        Exception why = failure;
        if (why != null) {
            throw new IllegalStateException(name + " broke", why);
        }
        return account.report(name, sent);
    }

    @Override
    public void close() {
        ended = true;
        sender.close();
        receiver.close();
    }

    @Override
    public String toString() {
        return name + ": " + sent + " sent, " + account.received() + " received";
    }
}
