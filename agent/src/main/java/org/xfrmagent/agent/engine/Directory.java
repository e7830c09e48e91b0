package org.xfrmagent.agent.engine;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.ChildSas;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Neighbours;
import org.xfrmagent.agent.engine.core.NumberMap;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.Identity;

/** The sessions of one endpoint, found by what datagrams, kernel events and users name them by, at the same cost however many. */
final class Directory {
    private final Map<Long, Session> byId = new HashMap<>();
    /** Also asked by those who read datagrams. */
    private final Map<Long, Long> bySpi = new ConcurrentHashMap<>();
    private final Map<SaId, Long> bySa = new HashMap<>();
    private final Map<String, Set<Long>> byPeer = new HashMap<>();
    private final Set<Long> changed = new HashSet<>();

    Map<Long, Session> all() {
        return byId;
    }

    Optional<Session> byId(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    Optional<Session> bySpi(long localSpi) {
        return Optional.ofNullable(bySpi.get(localSpi)).map(byId::get);
    }

    /** Any thread may ask. */
    boolean isSpi(long localSpi) {
        return bySpi.containsKey(localSpi);
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

    /** Whether an IKE SA is up with the peer, or under another name between the same identities: a peer may have several connections. */
    boolean isUp(Profile profile) {
        Identity local = profile.peer().local().id();
        Identity remote = profile.peer().remote().id();
        return ofPeer(profile.name()).stream().anyMatch(other -> other.phase() instanceof Phase.Established)
                || byId.values().stream().anyMatch(other -> other.phase() instanceof Phase.Established up && up.remote().equals(remote)
                        && (up.local().equals(local) || local instanceof Identity.Any));
    }

    /** The ids of sessions that came, changed or went since the last time. */
    Set<Long> takeChanged() {
        Set<Long> taken = Set.copyOf(changed);
        changed.clear();
        return taken;
    }

    /** What else is up with the peer of {@code session}; for a caller that has not said who it is, with whoever it may be. */
    Neighbours neighbours(Session session) {
        Stream<String> peers = switch (session.phase()) {
            case Phase.HalfOpen halfOpen -> halfOpen.candidates().stream().map(Profile::name);
            case PhaseV1.Keyed keyed -> keyed.agreed().candidates().stream().map(Profile::name);
            default -> Stream.of(session.peerName());
        };
        List<Session> others = peers.flatMap(peer -> ofPeer(peer).stream()).filter(other -> other.id() != session.id()).toList();
        List<Neighbours.Living> established = others.stream()
                .filter(other -> !other.outlasts())
                .<Neighbours.Living>mapMulti((other, found) -> {
                    if (other.phase() instanceof Phase.Established up) {
                        found.accept(new Neighbours.Living(up.local(), up.caller(), other.path(), other.children()));
                    }
                })
                .toList();
        List<InetAddress> given = others.stream().flatMap(other -> other.phase().inner().ours().stream()).distinct().toList();
        List<Neighbours.Lodger> lodgers = others.stream()
                .<Neighbours.Lodger>mapMulti((other, found) -> {
                    List<InetAddress> lent = other.phase().inner().theirs();
                    if (!lent.isEmpty() && other.phase() instanceof PhaseV1.Up up) {
                        String user = up.guest().map(PhaseV1.Guest::user).orElse("");
                        found.accept(new Neighbours.Lodger(up.local(), up.remote(), user, other.path(), lent));
                    } else if (!lent.isEmpty() && other.phase() instanceof Phase.Established up) {
                        found.accept(new Neighbours.Lodger(up.local(), up.remote(), up.user().orElse(""), other.path(), lent));
                    }
                })
                .toList();
        return new Neighbours(established, given, lodgers, Neighbours.Barred.NOBODY);
    }

    void put(Session session) {
        long id = session.id();
        changed.add(id);
        Optional<Session> before = Optional.ofNullable(byId.put(id, session));
        List<Long> spis = localSpis(session);
        // An SPI that stays is known without a gap: others look while we write.
        before.ifPresent(old -> localSpis(old).stream().filter(spi -> !spis.contains(spi)).forEach(spi -> bySpi.remove(spi, id)));
        spis.forEach(spi -> bySpi.put(spi, id));
        index(id, before.map(Session::children).orElse(ChildSas.NONE), session.children());
        if (before.filter(old -> old.peerName().equals(session.peerName())).isEmpty()) {
            before.ifPresent(old -> leave(old.peerName(), id));
            byPeer.computeIfAbsent(session.peerName(), _ -> new LinkedHashSet<>()).add(id);
        }
    }

    void remove(long id) {
        Optional.ofNullable(byId.remove(id)).ifPresent(session -> {
            changed.add(id);
            localSpis(session).forEach(spi -> bySpi.remove(spi, id));
            index(id, session.children(), ChildSas.NONE);
            leave(session.peerName(), id);
        });
    }

    private void leave(String peer, long id) {
        byPeer.computeIfPresent(peer, (_, ids) -> {
            ids.remove(id);
            return ids.isEmpty() ? null : ids;
        });
    }

    private void index(long id, ChildSas before, ChildSas after) {
        NumberMap.Difference<ChildSa> changed = after.since(before);
        for (ChildSa child : changed.gone()) {
            child.sas().forEach(sa -> bySa.remove(sa, id));
        }
        for (ChildSa child : changed.come()) {
            child.sas().forEach(sa -> bySa.put(sa, id));
        }
    }

    private static List<Long> localSpis(Session session) {
        return switch (session.phase()) {
            case Phase.Initiating initiating -> List.of(initiating.spi());
            case PhaseV1 v1 -> List.of(v1.localCookie());
            case Phase.Idle _, Phase.HalfOpen _, Phase.Authenticating _, PhaseEap _, Phase.Established _, Phase.Closing _, Phase.Closed _ ->
                Stream.concat(
                                session.phase().ikeSa().stream(),
                                session.phase().retired().stream().map(Phase.Retired::sa))
                        .map(IkeSa::localSpi)
                        .toList();
        };
    }
}
