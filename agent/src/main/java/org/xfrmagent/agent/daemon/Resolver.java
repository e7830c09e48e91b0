package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Peer;

/** Finds out between which addresses a peer can be reached now: literal addresses, names, and the source that the routes choose. */
final class Resolver implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** A name server that hangs must not take more than these threads with it. */
    private static final int MOST_LOOKUPS = 16;

    /** The local address from which a packet to {@code destination} would leave; empty if there is no way. */
    @FunctionalInterface
    interface RouteLookup {
        Optional<InetAddress> source(InetAddress destination) throws IOException;
    }

    /** All addresses of a name. */
    @FunctionalInterface
    interface Names {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    /** A peer cannot be reached; the message is a sentence. */
    static final class Unreachable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreachable(String sentence) {
            super(sentence, null, false, false);
        }
    }

    private final RouteLookup routes;
    private final Names names;
    private final Duration patience;
    private final ExecutorService lookups =
            Executors.newFixedThreadPool(MOST_LOOKUPS, Thread.ofPlatform().name("dns-", 0).daemon().factory());

    Resolver(RouteLookup routes, Names names) {
        this(routes, names, PATIENCE);
    }

    Resolver(RouteLookup routes, Names names, Duration patience) {
        this.routes = routes;
        this.names = names;
        this.patience = patience;
    }

    /**
     * All pairs of addresses that may serve, the preferred one first; at least one. Waits for name servers, a bounded time each.
     */
    List<Ends> resolve(Peer peer) throws Unreachable {
        List<Host> callable = peer.remote().addresses().stream().filter(Host::callable).toList();
        if (callable.isEmpty()) {
            throw new Unreachable("it can only call us: no address of it is configured");
        }
        Set<Ends> found = new LinkedHashSet<>();
        List<String> reasons = new ArrayList<>();
        for (Host host : callable) {
            for (InetAddress remote : addresses(host, reasons)) {
                local(peer, remote, reasons).ifPresent(local -> found.add(new Ends(local, remote)));
            }
        }
        if (found.isEmpty()) {
            throw new Unreachable(String.join("; ", reasons));
        }
        return List.copyOf(found);
    }

    private List<InetAddress> addresses(Host host, List<String> reasons) {
        return switch (host) {
            case Host.Address(InetAddress address) -> List.of(address);
            case Host.DnsName(String name) -> lookUp(name, reasons);
            case Host.Range _, Host.Any _ -> List.of();
        };
    }

    private List<InetAddress> lookUp(String name, List<String> reasons) {
        Future<InetAddress[]> lookup = lookups.submit(() -> names.addresses(name));
        try {
            return List.of(lookup.get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            lookup.cancel(true);
            reasons.add("'" + name + "' was not resolved within " + patience.toSeconds() + " s");
        } catch (ExecutionException failed) {
            reasons.add("'" + name + "' cannot be resolved" + (failed.getCause() instanceof UnknownHostException ? "" : ": " + failed.getCause()));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            reasons.add("'" + name + "' was not resolved: the agent is ending");
        }
        return List.of();
    }

    /** Our address towards {@code remote}: the first configured one that can talk to it. */
    private Optional<InetAddress> local(Peer peer, InetAddress remote, List<String> reasons) {
        AddressFamily family = AddressFamily.of(remote);
        for (Host host : peer.local().addresses().isEmpty() ? List.of(Host.any()) : peer.local().addresses()) {
            Optional<InetAddress> local = switch (host) {
                case Host.Address(InetAddress address) -> Optional.of(address);
                case Host.DnsName(String name) ->
                    lookUp(name, reasons).stream().filter(address -> AddressFamily.of(address) == family).findFirst();
                case Host.Any _ -> source(remote, reasons);
                case Host.Range(var range) -> source(remote, reasons).filter(range::contains);
            };
            if (local.isPresent() && AddressFamily.of(local.get()) == family) {
                return local;
            }
        }
        if (reasons.isEmpty()) {
            reasons.add("no local address suits " + Ip.text(remote));
        }
        return Optional.empty();
    }

    private Optional<InetAddress> source(InetAddress remote, List<String> reasons) {
        try {
            Optional<InetAddress> source = routes.source(remote);
            if (source.isEmpty()) {
                reasons.add("there is no route to " + Ip.text(remote));
            }
            return source;
        } catch (IOException failed) {
            reasons.add("the route to " + Ip.text(remote) + " cannot be found: " + failed.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
