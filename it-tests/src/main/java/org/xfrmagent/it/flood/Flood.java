package org.xfrmagent.it.flood;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.FirstGlance;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.netlink.linux.Datagram;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.linux.Outgoing;
import org.xfrmagent.netlink.linux.RawSocket;
import org.xfrmagent.netlink.linux.UdpSocket;

/**
 * Sends datagrams to UDP port 500 of one host, from inside the network namespace of another that this program made, so many a second and
 * for a bounded time.
 */
public final class Flood {
    /** What it consists of. */
    public enum Kind {
        /** IKE_SA_INIT from 65,536 addresses that nobody has: 10.66.0.0/16. */
        SPOOFED,
        /** IKE_AUTH for IKE SAs that do not exist, from the same addresses. */
        UNKNOWN_SPI,
        /** Random octets, from the same addresses. */
        GARBAGE,
        /** IKE_SA_INIT from 254 addresses that the sender does have, with the cookies that it is given: 10.66.1.0/24. */
        COOKIES
    }

    /**
     * What was sent and what came back.
     *
     * @param answered datagrams that arrived at the sender's addresses
     */
    public record Outcome(long sent, long answered, Duration took) {
        public long perSecond() {
            return sent * 1000 / Math.max(1, took.toMillis());
        }
    }

    /** The addresses that a flood comes from: route them to the flooding host. */
    public static final String SPOOFED_NETWORK = "10.66.0.0/16";

    /** Those of them that the flooding host has. */
    public static final String OWN_NETWORK = "10.66.1.0/24";

    private static final int BATCH = 64;
    private static final int PORT = 500;
    private static final int UDP = 17;

    private final Kind kind;
    private final InetAddress target;
    private final int perSecond;
    private final Duration duration;
    private final Ammunition ammunition = new Ammunition(1);
    private final CountDownLatch inTheMiddle = new CountDownLatch(1);
    private volatile boolean ended;

    public Flood(Kind kind, String target, int perSecond, Duration duration) throws IOException {
        this.kind = kind;
        this.target = InetAddress.getByName(target);
        this.perSecond = perSecond;
        this.duration = duration;
    }

    /** Ends it before its time. */
    public void end() {
        ended = true;
    }

    /** Waits until it has been sending for a quarter of its time; false if it has not within {@code patience}. */
    public boolean underWay(Duration patience) throws InterruptedException {
        return inTheMiddle.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Sends from inside {@code host}, on a thread of its own; returns when the time is over. */
    public Outcome from(Host host) throws IOException {
        try (Netns inside = Netns.open(Path.of("/proc/" + host.pid() + "/ns/net"))) {
            return inside.call(() -> {
                if (Netns.identity().equals(Netns.identityOfProcess())) {
                    throw new IllegalStateException("a flood has no business in the namespace of this machine");
                }
                long before = received(host);
                Outcome sent = kind == Kind.COOKIES ? withCookies() : spoofed();
                return new Outcome(sent.sent, received(host) - before, sent.took);
            });
        }
    }

    private static long received(Host host) {
        return Long.parseLong(host.shell("cat /sys/class/net/*/statistics/rx_packets | paste -sd+ | bc").strip());
    }

    private Outcome spoofed() throws IOException {
        Supplier<byte[]> message = switch (kind) {
            case SPOOFED, COOKIES -> ammunition::initiation;
            case UNKNOWN_SPI -> ammunition::authentication;
            case GARBAGE -> ammunition::garbage;
        };
        // A thousand messages, each from many addresses: it is the gateway that is measured, and not this.
        List<byte[]> messages = new ArrayList<>();
        for (int i = 0; i < 1024; i++) {
            messages.add(message.get());
        }
        InetSocketAddress to = new InetSocketAddress(target, 0);
        try (RawSocket socket = RawSocket.open(InetAddress.getByAddress(new byte[4]), 255, RawSocket.Options.PLAIN)) {
            return paced(() -> {
                List<Outgoing> batch = new ArrayList<>(BATCH);
                for (int i = 0; i < BATCH; i++) {
                    batch.add(Outgoing.of(to, packet(messages.get(ammunition.below(messages.size())))));
                }
                return batch.size() - socket.send(batch).size();
            });
        }
    }

    /** An IPv4 header, whose checksum and length the kernel fills in, a UDP header without a checksum, and the message. */
    private byte[] packet(byte[] message) {
        byte[] packet = new byte[28 + message.length];
        ByteBuffer out = ByteBuffer.wrap(packet);
        out.put((byte) 0x45).put((byte) 0).putShort((short) packet.length).putShort((short) 0).putShort((short) 0);
        out.put((byte) 64).put((byte) UDP).putShort((short) 0);
        out.put(new byte[] {10, 66, (byte) ammunition.below(256), (byte) ammunition.below(256)}).put(target.getAddress());
        out.putShort((short) PORT).putShort((short) PORT).putShort((short) (8 + message.length)).putShort((short) 0).put(message);
        if (kind == Kind.SPOOFED) {
            // Another initiator's SPI and key: no two are the same request.
            out.putLong(28, ammunition.spi());
        }
        return packet;
    }

    /** Each message is sent again with the cookie that comes back for it. */
    private Outcome withCookies() throws IOException {
        UdpSocket.Options options = UdpSocket.Options.PLAIN.withFreeBind(true).withBuffers(1 << 20, 0);
        try (UdpSocket socket = UdpSocket.open(new InetSocketAddress(InetAddress.getByAddress(new byte[4]), PORT), options)) {
            Map<Long, Bytes> nonces = new HashMap<>();
            InetSocketAddress to = new InetSocketAddress(target, PORT);
            return paced(() -> {
                List<Outgoing> batch = new ArrayList<>(BATCH);
                for (Datagram answer : socket.receive(0)) {
                    again(answer, nonces).ifPresent(message -> batch.add(Outgoing.of(answer.destination(), to, message)));
                }
                if (nonces.size() > 100_000) {
                    nonces.clear();
                }
                while (batch.size() < BATCH) {
                    long spi = ammunition.spi();
                    Bytes nonce = ammunition.nonce();
                    nonces.put(spi, nonce);
                    InetAddress own = InetAddress.getByAddress(new byte[] {10, 66, 1, (byte) (1 + ammunition.below(254))});
                    batch.add(Outgoing.of(own, to, ammunition.initiation(spi, nonce, List.of())));
                }
                return batch.size() - socket.send(batch).size();
            });
        }
    }

    private Optional<byte[]> again(Datagram answer, Map<Long, Bytes> nonces) {
        Bytes message = Bytes.wrap(answer.data());
        if (message.length() < Header.LENGTH) {
            return Optional.empty();
        }
        FirstGlance glance = new FirstGlance(message);
        Optional<Bytes> nonce = Optional.ofNullable(nonces.remove(glance.initiatorSpi()));
        return nonce.flatMap(own -> glance.cookie()
                .map(cookie -> ammunition.initiation(glance.initiatorSpi(), own, List.of(cookie))));
    }

    @FunctionalInterface
    private interface Volley {
        int fire() throws IOException;
    }

    /** Volleys at the wanted rate until the time is over. What cannot be sent in time is not made up for. */
    private Outcome paced(Volley volley) throws IOException {
        long began = System.nanoTime();
        long end = began + duration.toNanos();
        long interval = BATCH * 1_000_000_000L / perSecond;
        long next = began;
        long sent = 0;
        while (!ended && System.nanoTime() < end) {
            long now = System.nanoTime();
            if (now < next) {
                LockSupport.parkNanos(next - now);
                continue;
            }
            sent += volley.fire();
            if (sent > 0 && now - began >= duration.toNanos() / 4) {
                inTheMiddle.countDown();
            }
            next = Math.max(next + interval, now - interval * 8);
        }
        return new Outcome(sent, 0, Duration.ofNanos(System.nanoTime() - began));
    }
}
