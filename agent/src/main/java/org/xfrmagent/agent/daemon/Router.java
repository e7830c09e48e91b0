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
import org.xfrmagent.agent.engine.Doorkeeper;
import org.xfrmagent.agent.engine.Doorkeeper.Verdict;
import org.xfrmagent.agent.engine.core.Event;
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
    private final EventHub events;

    Router(List<Shard> shards, EventHub events) {
        this.shards = List.copyOf(shards);
        this.events = events;
    }

    /** The way in for one reading thread. */
    Entrance entrance() {
        return new Entrance(shards.stream().map(Shard::doorkeeper).toList());
    }

    /** From a datagram to its shard, past doorkeepers that are the reading thread's own. */
    final class Entrance {
        private final List<Doorkeeper> doorkeepers;

        private Entrance(List<Doorkeeper> doorkeepers) {
            this.doorkeepers = doorkeepers;
        }

        /** The answer, if it takes no more than a cookie. */
        Optional<Bytes> datagram(Path path, Bytes message) {
            Shard first = shard(path, message);
            Verdict verdict = examine(first, path, message);
            if (!(verdict instanceof Verdict.Known) && message.length() >= Header.LENGTH && isVersion1(message)) {
                // IKEv1's header does not say which of the two cookies is ours.
                Shard other = owner(message.i64(0));
                if (other != first && examine(other, path, message) instanceof Verdict.Known) {
                    other.datagram(path, message);
                    return Optional.empty();
                }
            }
            return carryOut(verdict, first, path, message);
        }

        private Verdict examine(Shard shard, Path path, Bytes message) {
            return doorkeepers.get(shard.number()).examine(path, message, shard.strangers(), shard.now());
        }

        private Optional<Bytes> carryOut(Verdict verdict, Shard shard, Path path, Bytes message) {
            return switch (verdict) {
                case Verdict.Known _ -> {
                    shard.datagram(path, message);
                    yield Optional.empty();
                }
                case Verdict.Stranger _ -> {
                    shard.stranger(path, message);
                    yield Optional.empty();
                }
                case Verdict.Challenge(Bytes reply) -> Optional.of(reply);
                case Verdict.Drop(Event.Rule rule) -> {
                    events.drop(rule, () -> path + ": " + reason(rule) + ", " + message.length() + " octets");
                    yield Optional.empty();
                }
            };
        }

        private static String reason(Event.Rule rule) {
            return switch (rule) {
                case MALFORMED -> "no IKE message, or none that may begin an exchange";
                case UNKNOWN_SPI -> "no IKE SA has that SPI";
                case OVERLOADED -> "too many are waiting";
                default -> "of no use";
            };
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
            case DataPlaneEvent.Acquire(int reqid, _, Optional<String> device) -> {
                Shard shard = holder(session -> owns(session, reqid, device)).orElseGet(() -> byHash(reqid));
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

    private static boolean owns(Session session, int reqid, Optional<String> device) {
        return session.settings().owner(reqid, device).filter(owner -> owner.profile().name().equals(session.peerName())).isPresent();
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
