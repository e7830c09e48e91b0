package org.xfrmagent.agent.daemon;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;

/**
 * Which of the hosts behind one NAT gets the packets for their common address. In transport mode all of them look the same from here:
 *
 * <pre>
 *   anna 172.16.0.2 ──┐
 *                     ├── NAT 192.0.2.1 ── 192.0.2.2: to 192.0.2.1, udp port 1701, in ESP to port 1024 (anna) or to 1025 (bert)?
 *   bert 172.16.0.3 ──┘
 * </pre>
 *
 * A policy cannot tell, and would send all to whoever came last. So what one host has, another one is refused as long as the first is
 * there; what differs in its protocol or ports goes side by side (RFC 7296, section 2.23.1, leaves that to the implementation).
 *
 * <p>IKEv1's responder adds what lets traffic leave when the peer has confirmed: an SA with one pair of selectors claims them before
 * that, so that the peer is refused and not granted what it will never get.
 */
final class TransportClaims {
    private record Claim(int reqid, int port, Set<SelectorPair> pairs) {
        private Claim at(int other) {
            return new Claim(reqid, other, pairs);
        }

        private boolean isOtherHosts(Claim other) {
            return reqid != other.reqid && port != other.port;
        }
    }

    private final Map<SaId, Claim> claims = new ConcurrentHashMap<>();

    /** Lets {@code operations} be applied unless they send one host's packets to another. */
    Outcome guard(List<Operation> operations, Supplier<Outcome> apply) {
        if (operations.stream().noneMatch(this::concerns)) {
            return apply.get();
        }
        synchronized (this) {
            Map<SaId, Claim> before = Map.copyOf(claims);
            Optional<Outcome.Refused> conflict = operations.stream().flatMap(operation -> note(operation).stream()).findFirst()
                    .or(() -> operations.stream().flatMap(operation -> ahead(operation).stream()).findFirst());
            Outcome outcome = conflict.isPresent() ? conflict.get() : apply.get();
            if (outcome instanceof Outcome.Refused) {
                claims.clear();
                claims.putAll(before);
            }
            return outcome;
        }
    }

    private boolean concerns(Operation operation) {
        return switch (operation) {
            case Operation.AddSa(SaSpec sa) -> claims(sa);
            case Operation.AddPolicy(PolicySpec policy) -> transport(policy).isPresent();
            case Operation.RemovePolicy _ -> false;
            case Operation.MoveSa move -> move.direction() == Direction.OUT && move.encapsulation().isPresent();
            case Operation.RemoveSa(SaId id) -> claims.containsKey(id);
            case Operation.RetireSa(SaId id) -> claims.containsKey(id);
        };
    }

    private static boolean claims(SaSpec sa) {
        return sa.direction() == Direction.OUT && sa.mode() == Mode.TRANSPORT && sa.encapsulation().isPresent();
    }

    /** The SA that an outbound policy of transport mode names. */
    private static Optional<PolicySpec.Protect> transport(PolicySpec policy) {
        return policy.direction() == Direction.OUT && policy.verdict() instanceof PolicySpec.Protect protect
                        && protect.endpoints().isEmpty() && protect.spi().isPresent()
                ? Optional.of(protect)
                : Optional.empty();
    }

    private Optional<Outcome.Refused> note(Operation operation) {
        switch (operation) {
            case Operation.AddSa(SaSpec sa) when claims(sa) ->
                claims.put(sa.id(), new Claim(sa.reqid(), sa.encapsulation().orElseThrow().destinationPort(), Set.of()));
            case Operation.RemoveSa(SaId id) -> claims.remove(id);
            case Operation.RetireSa(SaId id) -> claims.remove(id);
            case Operation.MoveSa move -> Optional.ofNullable(claims.remove(move.id())).ifPresent(claim -> move.encapsulation()
                    .ifPresent(udp -> claims.put(move.moved(), claim.at(udp.destinationPort()))));
            case Operation.AddPolicy(PolicySpec policy) -> {
                return transport(policy).flatMap(this::owner).flatMap(id -> claim(operation, id, policy.selectors()));
            }
            // Its SA goes too, or it has moved to another place in the SPD.
            case Operation.RemovePolicy _ -> {}
            case Operation.AddSa _ -> {}
        }
        return Optional.empty();
    }

    /** What an SA will carry, whose policies come later. */
    private Optional<Outcome.Refused> ahead(Operation operation) {
        return operation instanceof Operation.AddSa(SaSpec sa) && claims(sa)
                ? sa.selector().flatMap(pair -> claim(operation, sa.id(), pair))
                : Optional.empty();
    }

    private Optional<SaId> owner(PolicySpec.Protect protect) {
        return claims.entrySet().stream()
                .filter(entry -> entry.getKey().spi() == protect.spi().orElse(0) && entry.getValue().reqid == protect.reqid())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static Claim with(Claim claim, SelectorPair pair) {
        Set<SelectorPair> pairs = new HashSet<>(claim.pairs);
        pairs.add(pair);
        return new Claim(claim.reqid, claim.port, Set.copyOf(pairs));
    }

    private Optional<Outcome.Refused> claim(Operation operation, SaId id, SelectorPair pair) {
        Claim own = claims.getOrDefault(id, new Claim(0, 0, Set.of()));
        boolean taken = claims.entrySet().stream()
                .filter(entry -> entry.getKey().destination().equals(id.destination()) && entry.getValue().isOtherHosts(own))
                .flatMap(entry -> entry.getValue().pairs.stream())
                .anyMatch(other -> other.source().intersect(pair.source()).isPresent()
                        && other.destination().intersect(pair.destination()).isPresent());
        if (taken) {
            return Optional.of(new Outcome.Refused(operation, "another host behind the NAT at " + Ip.text(id.destination())
                    + " has " + pair + " in transport mode: only one of them can; a tunnel, or other ports for each, can go side by side"));
        }
        claims.put(id, with(own, pair));
        return Optional.empty();
    }
}
