package org.xfrmagent.it.flood;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.capture.Packet;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Link;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.linux.Outgoing;
import org.xfrmagent.netlink.linux.RawSocket;

/**
 * Somebody on a link between two hosts who reads each IKE message that crosses it, and at once sends its receiver ten that differ from it
 * a little, from the genuine sender's address and port. IPv4 only. It works until it is closed.
 */
public final class Meddler implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(3);

    // Of a frame: where Ethernet's header ends; of an IPv4 and a UDP header: their lengths.
    private static final int ETHERNET = 14;
    private static final int IPV4 = 20;
    private static final int UDP = 8;
    private static final int UDP_PROTOCOL = 17;

    // Where the header of IKE has its fields, IKEv1's (RFC 2408, section 3.1) and IKEv2's (RFC 7296, section 3.1) alike.
    private static final int INITIATOR_SPI = 7;
    private static final int RESPONDER_SPI = 15;
    private static final int NEXT_PAYLOAD = 16;
    private static final int EXCHANGE = 18;
    private static final int FLAGS = 19;
    private static final int MESSAGE_ID = 23;
    private static final int LENGTH = 27;
    private static final int FIRST_LENGTH = 31;
    private static final int BODY = 28;
    private static final int BLOCK = 16;

    private final Capture capture;
    private final Link link;
    private final Set<Host> victims;
    private final String addressesOfA;
    private final RawSocket socketOfA;
    private final RawSocket socketOfB;
    private final Set<Bytes> known = new HashSet<>();
    private final Map<Integer, Integer> messages = new HashMap<>();
    private final Thread thread;
    private volatile boolean ended;
    private volatile Optional<Throwable> failure = Optional.empty();

    private Meddler(Capture capture, Link link, Set<Host> victims) throws IOException {
        this.capture = capture;
        this.link = link;
        this.victims = victims;
        this.addressesOfA = link.a().shell("ip -4 -o address show dev " + link.b().name());
        this.socketOfA = within(link.a());
        this.socketOfB = within(link.b());
        this.thread = Thread.ofPlatform().name("meddler").daemon().start(this::work);
    }

    /**
     * Begins with what {@code capture} has recorded of {@code link}, whose hosts have their addresses already.
     *
     * @param victims which of the two hosts are to get mutants
     */
    public static Meddler on(Link link, Capture capture, Host... victims) {
        try {
            return new Meddler(capture, link, Set.of(victims));
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    private static RawSocket within(Host host) throws IOException {
        try (Netns inside = Netns.open(Path.of("/proc/" + host.pid() + "/ns/net"))) {
            return inside.call(() -> {
                if (Netns.identity().equals(Netns.identityOfProcess())) {
                    throw new IllegalStateException("forged messages have no business in the namespace of this machine");
                }
                return RawSocket.open(InetAddress.getByAddress(new byte[4]), 255, RawSocket.Options.BYPASS);
            });
        }
    }

    /** Ends it. How many different genuine messages it made mutants of, by the numbers of their exchanges. */
    public Map<Integer, Integer> stop() {
        close();
        failure.ifPresent(why -> {
            throw new AssertionError("the meddler gave up", why);
        });
        return Map.copyOf(messages);
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join(Await.SOON);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        socketOfA.close();
        socketOfB.close();
    }

    private void work() {
        try {
            while (!ended) {
                for (Packet packet : capture.soFar().packets()) {
                    if (packet.content() instanceof Content.Ike(Bytes message, boolean natPort) && known.add(message)) {
                        meddle(packet, message, natPort);
                    }
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        } catch (IOException | RuntimeException | Error why) {
            failure = Optional.of(why);
        }
    }

    private void meddle(Packet packet, Bytes message, boolean natPort) throws IOException {
        boolean fromA = addressesOfA.contains(" " + packet.source() + "/");
        if (!victims.contains(fromA ? link.b() : link.a())) {
            return;
        }
        messages.merge(message.u8(EXCHANGE), 1, Integer::sum);
        // Before they leave: they are recorded as well.
        List<Bytes> mutants = mutants(message);
        known.addAll(mutants);
        InetSocketAddress to = new InetSocketAddress(InetAddress.ofLiteral(packet.destination()), 0);
        List<Outgoing> batch = new ArrayList<>();
        for (Bytes mutant : mutants) {
            batch.add(Outgoing.of(to, datagram(packet.frame(), natPort ? Bytes.concat(Bytes.wrap(new byte[4]), mutant) : mutant)));
        }
        List<Outgoing.Failure> failures = (fromA ? socketOfA : socketOfB).send(batch);
        if (!failures.isEmpty()) {
            throw new IOException("from " + packet.source() + ": " + failures);
        }
    }

    /** With the genuine packet's addresses and ports; the kernel fills in checksum and length of the IPv4 header. */
    private static byte[] datagram(Bytes frame, Bytes payload) {
        int udp = ETHERNET + (frame.u8(ETHERNET) & 0x0f) * 4;
        byte[] packet = new byte[IPV4 + UDP + payload.length()];
        ByteBuffer out = ByteBuffer.wrap(packet);
        out.put((byte) 0x45).put((byte) 0).putShort((short) packet.length).putInt(0);
        out.put((byte) 64).put((byte) UDP_PROTOCOL).putShort((short) 0).put(frame.slice(ETHERNET + 12, ETHERNET + IPV4).toArray());
        out.put(frame.slice(udp, udp + 4).toArray()).putShort((short) (UDP + payload.length())).putShort((short) 0).put(payload.toArray());
        return packet;
    }

    /** Ten ways: bits of every field of the header, lengths, an end that is missing, a hash that is wrong, parts that are exchanged. */
    static List<Bytes> mutants(Bytes genuine) {
        return List.of(
                flipped(genuine, INITIATOR_SPI), flipped(genuine, RESPONDER_SPI), flipped(genuine, NEXT_PAYLOAD), flipped(genuine, EXCHANGE),
                flipped(genuine, FLAGS), flipped(genuine, MESSAGE_ID), cut(genuine), flipped(genuine, FIRST_LENGTH),
                flipped(genuine, genuine.length() - 1), exchanged(genuine));
    }

    private static Bytes flipped(Bytes genuine, int at) {
        byte[] octets = genuine.toArray();
        octets[at] ^= 1;
        return Bytes.wrap(octets);
    }

    /** Cut off in the middle, and saying so. */
    private static Bytes cut(Bytes genuine) {
        byte[] octets = genuine.slice(0, BODY + (genuine.length() - BODY) / 2).toArray();
        octets[LENGTH - 1] = (byte) (octets.length >> Byte.SIZE);
        octets[LENGTH] = (byte) octets.length;
        return Bytes.wrap(octets);
    }

    private static Bytes exchanged(Bytes genuine) {
        int end = Math.min(genuine.length(), BODY + 2 * BLOCK);
        int middle = BODY + (end - BODY) / 2;
        return Bytes.concat(genuine.slice(0, BODY), genuine.slice(middle, end), genuine.slice(BODY, middle), genuine.from(end));
    }
}
