package org.xfrmagent.agent.dataplane.user;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec.Protect;
import org.xfrmagent.agent.dataplane.SaId;

/**
 * The security association database (RFC 4301, section 4.4.2). Inbound packets find their SA by (destination, protocol, SPI), outbound
 * ones by what the policy names: the SPI, or the reqid, and then the newest SA.
 */
final class Sad {
    /** One that has moved is here twice for a while: under the id that it has, and under the one that it had. */
    private final Map<SaId, Sa> all = new ConcurrentHashMap<>();
    /** Outbound SAs, the newest first. Lists are replaced, never changed. */
    private final Map<Integer, List<Sa>> outboundByReqid = new ConcurrentHashMap<>();

    Optional<Sa> get(SaId id) {
        return Optional.ofNullable(all.get(id));
    }

    /** Each once. */
    Collection<Sa> all() {
        return Set.copyOf(all.values());
    }

    /** Goes through all of them again and again, in so many steps each time: those that came meanwhile may have to wait for the next. */
    Round round(int steps) {
        return new Round(steps);
    }

    /** For one thread. */
    final class Round {
        private final int steps;
        private Iterator<Sa> left = Collections.emptyIterator();
        private int step;

        private Round(int steps) {
            this.steps = steps;
        }

        /** The next part. */
        List<Sa> next() {
            if (step == 0) {
                left = all.values().iterator();
            }
            // The last takes the rest, however many have come since the first.
            step = (step + 1) % steps;
            int share = step == 0 ? Integer.MAX_VALUE : all.size() / steps;
            List<Sa> part = new ArrayList<>();
            while (part.size() < share && left.hasNext()) {
                part.add(left.next());
            }
            return part;
        }
    }

    /** {@code sa}, one of these, is found as {@code next} too, and not looked for elsewhere in between. */
    void alsoAs(SaId next, Sa sa) {
        all.put(next, sa);
    }

    /** It is no longer found by {@code former}, an id that it had. */
    void forget(SaId former) {
        all.computeIfPresent(former, (id, sa) -> sa.id().equals(id) ? sa : null);
    }

    /** Adds it, unless its id is taken. */
    boolean add(Sa sa) {
        if (all.putIfAbsent(sa.id(), sa) != null) {
            return false;
        }
        if (sa.spec().direction() == Direction.OUT) {
            outboundByReqid.merge(sa.spec().reqid(), List.of(sa), (old, added) -> {
                List<Sa> both = new ArrayList<>(added);
                both.addAll(old);
                return List.copyOf(both);
            });
        }
        return true;
    }

    Optional<Sa> remove(SaId id) {
        Sa sa = all.remove(id);
        if (sa != null && sa.spec().direction() == Direction.OUT) {
            outboundByReqid.computeIfPresent(sa.spec().reqid(), (reqid, list) -> {
                List<Sa> rest = list.stream().filter(other -> other != sa).toList();
                return rest.isEmpty() ? null : rest;
            });
        }
        return Optional.ofNullable(sa);
    }

    /** The outbound SA that {@code protect} asks for and that may carry {@code packet}. */
    Optional<Sa> outbound(Protect protect, PacketSelectors packet) {
        for (Sa sa : outboundByReqid.getOrDefault(protect.reqid(), List.of())) {
            boolean named = protect.spi().isEmpty() || protect.spi().getAsInt() == sa.id().spi();
            if (named && sa.serves(protect) && leadsThere(sa, protect, packet) && sa.carries(packet) && !sa.dead()) {
                return Optional.of(sa);
            }
        }
        return Optional.empty();
    }

    /** A tunnel ends where the policy says; in transport mode the SA's peer is the packet's own destination. */
    private static boolean leadsThere(Sa sa, Protect protect, PacketSelectors packet) {
        return switch (sa.spec().mode()) {
            case TUNNEL -> protect.endpoints().isEmpty() || protect.endpoints().get().destination().equals(sa.id().destination());
            case TRANSPORT -> protect.endpoints().isEmpty() && sa.id().destination().equals(packet.destination());
        };
    }
}
