package org.xfrmagent.netlink.xfrm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.xfrmagent.netlink.netlink.NetlinkEvents;
import org.xfrmagent.netlink.netlink.NetlinkFamily;

/** Listens to the kernel's XFRM events. For one reading thread; {@link #close()} from another ends it. */
public final class XfrmEvents implements AutoCloseable {
    private final NetlinkEvents events;

    private XfrmEvents(NetlinkEvents events) {
        this.events = events;
    }

    /** What nobody here waits for, and what would bring keys along. */
    private static final Set<Integer> NOT_WANTED = Set.of(XfrmNumbers.NEWSA, XfrmNumbers.UPDSA, XfrmNumbers.NEWAE);

    /**
     * Opens a listener in the calling thread's network namespace.
     *
     * @param receiveBuffer octets that may wait unread; 0 leaves the system's default
     * @param own what is changed through these is not told
     */
    public static XfrmEvents open(int receiveBuffer, Set<XfrmEvent.Group> groups, Xfrm... own) throws IOException {
        Set<Integer> senders = Arrays.stream(own).map(Xfrm::number).collect(Collectors.toUnmodifiableSet());
        int[] numbers = groups.stream().mapToInt(XfrmEvent.Group::number).toArray();
        return new XfrmEvents(NetlinkEvents.open(NetlinkFamily.XFRM, receiveBuffer, new NetlinkEvents.Ignored(NOT_WANTED, senders), numbers));
    }

    /** Waits for events and returns those that are there, in order, at least one. */
    public List<XfrmEvent> receive() throws IOException {
        return receive(-1);
    }

    /**
     * As {@link #receive()}, but empty if there is none within {@code timeoutMillis}. {@link XfrmEvent.EventsLost} comes before the
     * events that still fitted in the buffer.
     */
    public List<XfrmEvent> receive(int timeoutMillis) throws IOException {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000L;
        List<XfrmEvent> decoded = new ArrayList<>();
        while (decoded.isEmpty()) {
            int left = timeoutMillis < 0 ? -1 : (int) Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
            List<NetlinkEvents.Notification> notifications = events.receive(left);
            if (notifications.isEmpty()) {
                return List.of();
            }
            for (NetlinkEvents.Notification notification : notifications) {
                switch (notification) {
                    case NetlinkEvents.Received received -> {
                        EventCodec.decode(received.message()).ifPresent(decoded::add);
                        // The news that a state is gone brings the state along, and its keys.
                        received.message().wipe();
                    }
                    case NetlinkEvents.EventsLost lost -> decoded.add(new XfrmEvent.EventsLost());
                }
            }
        }
        return decoded;
    }

    @Override
    public void close() {
        events.close();
    }
}
