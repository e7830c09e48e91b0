package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.xfrmagent.netlink.route.Route;
import org.xfrmagent.netlink.route.RouteEvents;

/**
 * Tells when this host's addresses, links or routes have changed. A link that flaps, or a DHCP client at work, makes dozens of changes:
 * they are told once, when there was quiet for a moment, or at the latest after some time.
 *
 * <pre>
 *   change  change change      change          told
 *   |-------|------|-----------|---- quiet ----|
 *   |-------------------- at the latest --------------------|
 * </pre>
 */
final class NetworkWatch implements AutoCloseable {
    private static final int RECEIVE_BUFFER = 1 << 20;
    private static final int QUIET_MILLIS = 250;
    private static final long LATEST_MILLIS = 1_000;

    /** The socket is broken for good when so many reads in a row fail. */
    private static final int MOST_FAILURES = 100;

    private final RouteEvents events;
    private final Runnable linkChanged;
    private final Runnable changed;

    /**
     * Listens in the calling thread's network namespace: from here on no change is missed.
     *
     * @param linkChanged told at once of links that come, go or change, since a packet may leave by them the next moment
     */
    static NetworkWatch open(Runnable linkChanged, Runnable changed) throws IOException {
        return new NetworkWatch(RouteEvents.open(RECEIVE_BUFFER), linkChanged, changed);
    }

    private NetworkWatch(RouteEvents events, Runnable linkChanged, Runnable changed) {
        this.events = events;
        this.linkChanged = linkChanged;
        this.changed = changed;
    }

    void start() {
        Thread.ofPlatform().name("network-monitor").daemon().start(this::watch);
    }

    private void watch() {
        for (int failures = 0; failures < MOST_FAILURES; ) {
            try {
                if (matters(next(-1))) {
                    settle();
                    changed.run();
                }
                failures = 0;
            } catch (ClosedChannelException ended) {
                return;
            } catch (IOException unreadable) {
                failures++;
            }
        }
    }

    private void settle() throws IOException {
        long latest = System.nanoTime() + LATEST_MILLIS * 1_000_000;
        while (System.nanoTime() < latest && matters(next(QUIET_MILLIS))) {
            // Another change: wait for quiet once more.
        }
    }

    private List<RouteEvents.RouteEvent> next(int millis) throws IOException {
        List<RouteEvents.RouteEvent> some = events.receive(millis);
        if (some.stream().anyMatch(event -> event instanceof RouteEvents.LinkChanged || event instanceof RouteEvents.EventsLost)) {
            linkChanged.run();
        }
        return some;
    }

    private static boolean matters(List<RouteEvents.RouteEvent> some) {
        return some.stream().anyMatch(NetworkWatch::matters);
    }

    /** Routes of other tables are mostly our own: the userspace plane steers packets with them. */
    private static boolean matters(RouteEvents.RouteEvent event) {
        return switch (event) {
            case RouteEvents.RouteChanged(Route route, _) -> route.table() == Route.MAIN;
            case RouteEvents.RuleChanged _ -> false;
            case RouteEvents.LinkChanged _, RouteEvents.AddressChanged _, RouteEvents.EventsLost _ -> true;
        };
    }

    @Override
    public void close() {
        events.close();
    }
}
