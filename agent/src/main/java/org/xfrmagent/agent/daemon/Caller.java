package org.xfrmagent.agent.daemon;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Peer;

/**
 * Calls peers: finds the addresses outside the shard's thread, then tells the endpoint to begin or that it cannot. A peer with
 * several addresses is tried at the next one after each failure.
 */
final class Caller implements Outputs.Calls, AutoCloseable {
    private final Resolver resolver;
    private final Settings.Ports ports;
    private final BiConsumer<Profile, String> onUnreachable;
    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("call-", 0).factory());

    /** @param onUnreachable told along with the endpoint: who waits for the peer */
    Caller(Resolver resolver, Settings.Ports ports, BiConsumer<Profile, String> onUnreachable) {
        this.resolver = resolver;
        this.ports = ports;
        this.onUnreachable = onUnreachable;
    }

    @Override
    public void call(Shard shard, Profile profile, List<Input.Wish> wishes) {
        threads.execute(() -> {
            try {
                List<Ends> ends = resolver.resolve(profile.peer());
                int attempt = attempts.merge(profile.name(), 1, Integer::sum) - 1;
                Path path = path(profile.peer(), ends.get(Math.floorMod(attempt, ends.size())), ports);
                shard.post((to, at) -> to.initiate(profile, path, wishes, at));
            } catch (Resolver.Unreachable nowhere) {
                String reason = String.valueOf(nowhere.getMessage());
                shard.post((to, at) -> {
                    onUnreachable.accept(profile, reason);
                    return to.unreachable(profile, reason, at);
                });
            }
        });
    }

    /** A peer that answered is called at its first address again next time. */
    void heard(AgentEvent event) {
        if (event.event() instanceof Event.IkeUp) {
            attempts.remove(event.session().peerName());
        }
    }

    /**
     * The way of the first message. To a peer's NAT traversal port it leaves from ours, where both expect the non-ESP marker.
     */
    static Path path(Peer peer, Ends ends, Settings.Ports ports) {
        int remotePort = peer.remote().port() == Defaults.PORT ? ports.ike() : peer.remote().port();
        boolean marked = remotePort == ports.natTraversal() || peer.local().port() == ports.natTraversal();
        int localPort = marked ? ports.natTraversal() : ports.ike();
        return new Path(ends.local(), localPort, ends.remote(), marked && remotePort == ports.ike() ? ports.natTraversal() : remotePort);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
