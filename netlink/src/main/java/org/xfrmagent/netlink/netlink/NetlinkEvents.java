package org.xfrmagent.netlink.netlink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.linux.LinuxException;
import org.xfrmagent.netlink.linux.NetlinkPort;

/**
 * Listens to multicast groups of a family. {@link #close()} from another thread ends a waiting {@link #receive} with {@link
 * java.nio.channels.ClosedChannelException}.
 */
public final class NetlinkEvents implements AutoCloseable {
    /** Something from the kernel: a message, or the news that messages are missing here. */
    public sealed interface Notification {}

    public record Received(NetlinkMessage message) implements Notification {}

    /** The receive buffer overflowed (ENOBUFS): whoever follows the state must dump it and compare. */
    public record EventsLost() implements Notification {}

    private final NetlinkPort port;

    private NetlinkEvents(NetlinkPort port) {
        this.port = port;
    }

    /**
     * @param receiveBuffer octets that may wait unread; 0 leaves the system's default (208 KiB). Beyond net.core.rmem_max only with
     *     CAP_NET_ADMIN
     * @param groups numbers of multicast groups
     */
    public static NetlinkEvents open(NetlinkFamily family, int receiveBuffer, int... groups) throws IOException {
        return open(family, receiveBuffer, Ignored.NOTHING, groups);
    }

    /**
     * What the kernel is not to hand over.
     *
     * @param types of messages
     * @param senders {@link NetlinkSocket#number} of those whose changes are known anyway
     */
    public record Ignored(Set<Integer> types, Set<Integer> senders) {
        public static final Ignored NOTHING = new Ignored(Set.of(), Set.of());

        public Ignored {
            types = Set.copyOf(types);
            senders = Set.copyOf(senders);
        }
    }

    /** As {@link #open(NetlinkFamily, int, int...)}, without what is to be ignored. */
    public static NetlinkEvents open(NetlinkFamily family, int receiveBuffer, Ignored ignored, int... groups) throws IOException {
        NetlinkPort port = NetlinkPort.open(family.number(), receiveBuffer);
        try {
            if (!ignored.equals(Ignored.NOTHING)) {
                port.ignore(array(ignored.types), array(ignored.senders));
            }
            for (int group : groups) {
                port.join(group);
            }
            return new NetlinkEvents(port);
        } catch (IOException refused) {
            port.close();
            throw refused;
        }
    }

    private static int[] array(Set<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Waits for the next events, in order; empty if {@code timeoutMillis} is over (negative waits for ever). */
    public List<Notification> receive(int timeoutMillis) throws IOException {
        byte[] datagram;
        try {
            datagram = port.receive(timeoutMillis);
        } catch (LinuxException failure) {
            if (failure.is(Errno.ENOBUFS)) {
                return List.of(new EventsLost());
            }
            throw failure;
        }
        List<Notification> events = new ArrayList<>();
        for (NetlinkMessage message : NetlinkMessage.readAll(datagram)) {
            events.add(new Received(message));
        }
        return events;
    }

    @Override
    public void close() {
        port.close();
    }
}
