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
    private final Runnable changed;

    /** Listens in the calling thread's network namespace: from here on no change is missed. */
    static NetworkWatch open(Runnable changed) throws IOException {
        return new NetworkWatch(RouteEvents.open(RECEIVE_BUFFER), changed);
    }

    private NetworkWatch(RouteEvents events, Runnable changed) {
        this.events = events;
        this.changed = changed;
    }

    void start() {
        Thread.ofPlatform().name("network-monitor").daemon().start(this::watch);
    }

    private void watch() {
        for (int failures = 0; failures < MOST_FAILURES; ) {
            try {
                if (matters(events.receive(-1))) {
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
        while (System.nanoTime() < latest && matters(events.receive(QUIET_MILLIS))) {
            // Another change: wait for quiet once more.
        }
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
