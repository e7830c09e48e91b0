package org.xfrmagent.agent.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;

/**
 * Finds the shard for whatever comes from outside, without a lock or a shared map: our SPI carries its shard's number in the top
 * octet, a first message goes by a hash of who sends it, a data plane's event by the reqid's session.
 */
final class Router {
    private static final int INITIATOR_FLAG = 0x08;
    private static final int RESPONDER_OFFSET = 8;
    private static final int VERSION_OFFSET = 17;
    private static final int FLAGS_OFFSET = 19;

    private final List<Shard> shards;

    Router(List<Shard> shards) {
        this.shards = List.copyOf(shards);
    }

    void datagram(Path path, Bytes message) {
        Shard first = shard(path, message);
        first.datagram(path, message);
        if (isVersion1(message)) {
            // IKEv1's header does not say which of the two cookies is ours: whichever shard has no such session drops it.
            Shard other = owner(message.i64(0));
            if (other != first && message.i64(RESPONDER_OFFSET) != 0) {
                other.datagram(path, message);
            }
        }
    }

    private Shard shard(Path path, Bytes message) {
        if (message.length() < Header.LENGTH) {
            // The endpoint says what is wrong with it.
            return shards.getFirst();
        }
        boolean fromInitiator = isVersion1(message) || (message.u8(FLAGS_OFFSET) & INITIATOR_FLAG) != 0;
        long ours = message.i64(fromInitiator ? RESPONDER_OFFSET : 0);
        if (ours == 0) {
            return byHash(31 * path.remote().hashCode() + Long.hashCode(message.i64(0)));
        }
        return owner(ours);
    }

    private static boolean isVersion1(Bytes message) {
        return message.length() >= Header.LENGTH && message.u8(VERSION_OFFSET) >>> 4 == IsakmpHeader.MAJOR_VERSION;
    }

    private Shard owner(long spi) {
        int number = (int) (spi >>> 56);
        return shards.get(number < shards.size() ? number : 0);
    }

    private Shard byHash(int hash) {
        return shards.get(Math.floorMod(hash, shards.size()));
    }

    /** Where the peer's live session is, or where a new one belongs. */
    Shard ofPeer(String peer) {
        return holder(session -> session.peerName().equals(peer)).orElseGet(() -> byHash(peer.hashCode()));
    }

    private Optional<Shard> holder(Predicate<Session> wanted) {
        if (shards.size() == 1) {
            return Optional.of(shards.getFirst());
        }
        return shards.stream().filter(shard -> shard.sessions().values().stream().anyMatch(wanted)).findFirst();
    }

    void event(DataPlaneEvent event) {
        switch (event) {
            case DataPlaneEvent.Acquire(int reqid, _) -> {
                Shard shard = holder(session -> owns(session, reqid)).orElseGet(() -> byHash(reqid));
                shard.post((to, at) -> to.kernel(event, at));
            }
            case DataPlaneEvent.SoftExpire _,
                    DataPlaneEvent.HardExpire _,
                    DataPlaneEvent.SaGone _,
                    DataPlaneEvent.MappingChanged _,
                    DataPlaneEvent.EventsLost _,
                    DataPlaneEvent.Disturbed _ -> all((to, at) -> to.kernel(event, at));
        }
    }

    private static boolean owns(Session session, int reqid) {
        return session.profile().stream().flatMap(profile -> profile.children().stream()).anyMatch(child -> child.reqid() == reqid);
    }

    /** Hands every shard other settings. The answer is complete when no session has the old ones any more. */
    CompletableFuture<Void> reconfigure(Settings settings) {
        List<CompletableFuture<?>> done = new ArrayList<>();
        for (Shard shard : shards) {
            CompletableFuture<Void> over = new CompletableFuture<>();
            done.add(over);
            shard.post((endpoint, at) -> {
                try {
                    return endpoint.reconfigure(settings, at);
                } finally {
                    over.complete(null);
                }
            });
        }
        return CompletableFuture.allOf(done.toArray(CompletableFuture[]::new));
    }

    /**
     * Every shard's sessions, after all that it was given before.
     *
     * @return empty if one of them does not come to it in time
     */
    Optional<List<Session>> sessions(long millis) {
        List<CompletableFuture<List<Session>>> asked = new ArrayList<>();
        for (Shard shard : shards) {
            CompletableFuture<List<Session>> answer = new CompletableFuture<>();
            asked.add(answer);
            shard.post((endpoint, _) -> {
                answer.complete(List.copyOf(endpoint.sessions().values()));
                return List.of();
            });
        }
        try {
            CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).get(millis, TimeUnit.MILLISECONDS);
            return Optional.of(asked.stream().flatMap(answer -> answer.join().stream()).toList());
        } catch (TimeoutException | ExecutionException busy) {
            return Optional.empty();
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    void all(Shard.Work work) {
        shards.forEach(shard -> shard.post(work));
    }

    List<Shard> shards() {
        return shards;
    }
}
