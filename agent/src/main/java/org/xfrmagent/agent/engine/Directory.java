package org.xfrmagent.agent.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;

/** The sessions of one endpoint, found by what datagrams, kernel events and users name them by, at the same cost however many. */
final class Directory {
    private final Map<Long, Session> byId = new HashMap<>();
    private final Map<Long, Long> bySpi = new HashMap<>();
    private final Map<SaId, Long> bySa = new HashMap<>();
    private final Map<String, Set<Long>> byPeer = new HashMap<>();

    Map<Long, Session> all() {
        return byId;
    }

    Optional<Session> byId(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    Optional<Session> bySpi(long localSpi) {
        return Optional.ofNullable(bySpi.get(localSpi)).map(byId::get);
    }

    /** The session whose child has this SA, in either direction. */
    Optional<Session> bySa(SaId id) {
        return Optional.ofNullable(bySa.get(id)).map(byId::get);
    }

    /** The sessions with a peer, oldest first, by {@link Session#peerName}. */
    List<Session> ofPeer(String name) {
        Set<Long> ids = byPeer.getOrDefault(name, Set.of());
        List<Session> found = new ArrayList<>(ids.size());
        for (Long id : ids) {
            byId(id).ifPresent(found::add);
        }
        return found;
    }

    void put(Session session) {
        remove(session.id());
        byId.put(session.id(), session);
        localSpis(session).forEach(spi -> bySpi.put(spi, session.id()));
        for (ChildSa child : session.children()) {
            bySa.put(child.inbound(), session.id());
            bySa.put(child.outbound(), session.id());
        }
        byPeer.computeIfAbsent(session.peerName(), _ -> new LinkedHashSet<>()).add(session.id());
    }

    void remove(long id) {
        Optional.ofNullable(byId.remove(id)).ifPresent(session -> {
            localSpis(session).forEach(spi -> bySpi.remove(spi, id));
            for (ChildSa child : session.children()) {
                bySa.remove(child.inbound(), id);
                bySa.remove(child.outbound(), id);
            }
            byPeer.computeIfPresent(session.peerName(), (_, ids) -> {
                ids.remove(id);
                return ids.isEmpty() ? null : ids;
            });
        });
    }

    private static List<Long> localSpis(Session session) {
        return switch (session.phase()) {
            case Phase.Initiating initiating -> List.of(initiating.spi());
            case PhaseV1 v1 -> List.of(v1.localCookie());
            case Phase.Idle _, Phase.HalfOpen _, Phase.Authenticating _, Phase.Established _, Phase.Closing _, Phase.Closed _ ->
                Stream.concat(
                                session.phase().ikeSa().stream(),
                                session.phase().retired().stream().map(Phase.Retired::sa))
                        .map(IkeSa::localSpi)
                        .toList();
        };
    }
}
