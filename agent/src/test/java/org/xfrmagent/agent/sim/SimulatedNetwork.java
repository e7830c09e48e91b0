package org.xfrmagent.agent.sim;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Path;

/** Time and the wire: everything that happens, in order, without a clock. */
final class SimulatedNetwork {
    /** What the wire does to datagrams: shares of 1, and milliseconds. */
    record Weather(double loss, double duplication, int minDelay, int maxDelay) {
        static final Weather FAIR = new Weather(0, 0, 5, 5);
    }

    /** A datagram as an observer between the hosts sees it. */
    record Sighting(long at, String from, Path path, Bytes datagram) {}

    /** Somebody between the hosts who changes what arrives. */
    @FunctionalInterface
    interface Interceptor {
        Interceptor NONE = (to, path, datagram) -> List.of(datagram);

        /** @param path as the receiver sees it */
        List<Bytes> arriving(SimulatedHost to, Path path, Bytes datagram);
    }

    private record Happening(long at, long order, Runnable what) {}

    private final PriorityQueue<Happening> future =
            new PriorityQueue<>(Comparator.comparingLong(Happening::at).thenComparingLong(Happening::order));
    private final Map<InetAddress, SimulatedHost> hosts = new HashMap<>();
    private final Random chance;
    final List<Sighting> seen = new ArrayList<>();
    Weather weather = Weather.FAIR;
    UnaryOperator<Path> translation = UnaryOperator.identity();
    Interceptor interceptor = Interceptor.NONE;
    private long now = 1_000_000;
    private long order;

    SimulatedNetwork(long seed) {
        chance = new Random(seed);
    }

    long now() {
        return now;
    }

    void attach(SimulatedHost host) {
        hosts.put(host.address, host);
    }

    /** A peer is called as its host is, and more connections with it by that and a number. */
    InetAddress addressOf(String peer) {
        return hosts.values().stream().filter(host -> host.name.equals(peer.replaceFirst("-\\d$", ""))).findFirst().orElseThrow().address;
    }

    void later(long millis, Runnable what) {
        future.add(new Happening(now + millis, order++, what));
    }

    /** Carries a datagram: the receiver sees the path the other way round, after any translation. */
    void send(SimulatedHost from, Path path, Bytes datagram) {
        seen.add(new Sighting(now, from.name, path, datagram));
        int copies = chance.nextDouble() < weather.loss() ? 0 : chance.nextDouble() < weather.duplication() ? 2 : 1;
        Path translated = translation.apply(path);
        // A host whose address was taken away sends nothing from it, and receives nothing there.
        boolean sent = from.addresses.contains(path.local());
        Optional<SimulatedHost> to = sent ? at(translated.remote()) : Optional.empty();
        for (int i = 0; i < copies && to.isPresent(); i++) {
            int delay = weather.minDelay() + chance.nextInt(weather.maxDelay() - weather.minDelay() + 1);
            Path seen = asSeen(translated);
            later(delay, () -> {
                if (to.get().addresses.contains(seen.local())) {
                    interceptor.arriving(to.get(), seen, datagram).forEach(arriving -> to.get().receive(seen, arriving));
                }
            });
        }
    }

    private static Path asSeen(Path path) {
        return new Path(
                /* local= */ path.remote(), /* localPort= */ path.remotePort(), /* remote= */ path.local(), /* remotePort= */ path.localPort());
    }

    private Optional<SimulatedHost> at(InetAddress address) {
        return hosts.values().stream().filter(host -> host.addresses.contains(address)).findFirst();
    }

    /** Lets things happen until {@code done}, at most so long. */
    boolean until(long millis, BooleanSupplier done) {
        long end = now + millis;
        while (!done.getAsBoolean()) {
            OptionalLong timer = hosts.values().stream()
                    .map(SimulatedHost::deadline)
                    .filter(OptionalLong::isPresent)
                    .mapToLong(OptionalLong::getAsLong)
                    .min();
            long nextHappening = future.isEmpty() ? Long.MAX_VALUE : future.peek().at();
            long next = Math.min(nextHappening, timer.orElse(Long.MAX_VALUE));
            if (next > end) {
                now = end;
                return done.getAsBoolean();
            }
            now = Math.max(now, next);
            if (nextHappening <= next) {
                future.remove().what().run();
            } else {
                hosts.values().forEach(SimulatedHost::tick);
            }
        }
        return true;
    }

    void run(long millis) {
        until(millis, () -> false);
    }
}
