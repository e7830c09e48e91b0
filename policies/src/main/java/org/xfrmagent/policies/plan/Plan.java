package org.xfrmagent.policies.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.PskSecret;
import org.xfrmagent.policies.model.PublicKeys;

/** Compares policy sets. */
public final class Plan {
    private Plan() {}

    /**
     * The changes that make {@code wanted} of {@code now}, to be done in their order; none when the two say the same. What a
     * policy refers to is there before the policy is, and goes after it: pools, secrets, authorities and peers first, then
     * policies, then the peers, authorities, secrets and pools that nothing needs any more. The order of all but policies means nothing.
     */
    public static List<Change> between(PolicySet now, PolicySet wanted) {
        Difference<Pool> pools = Difference.of(now.pools(), wanted.pools(), Pool::name);
        Difference<Peer> peers = Difference.of(now.peers(), wanted.peers(), Peer::name);
        Difference<Policy> policies = Difference.of(now.policies(), wanted.policies(), Policy::name);
        Difference<Authority> authorities = Difference.of(now.publicKeys().authorities(), wanted.publicKeys().authorities(), Authority::name);
        Set<PskSecret> oldSecrets = new LinkedHashSet<>(now.secrets());
        Set<PskSecret> newSecrets = new LinkedHashSet<>(wanted.secrets());

        List<Change> changes = new ArrayList<>();
        if (!now.limits().equals(wanted.limits())) {
            changes.add(new Change.ChangeLimits(now.limits(), wanted.limits()));
        }
        if (!Set.copyOf(now.users()).equals(Set.copyOf(wanted.users()))) {
            changes.add(new Change.ChangeUsers(now.users(), wanted.users()));
        }
        if (!now.radius().equals(wanted.radius())) {
            changes.add(new Change.ChangeRadius(now.radius(), wanted.radius()));
        }
        pools.added.forEach(pool -> changes.add(new Change.AddPool(pool)));
        changes.addAll(pools.changes(Change.ChangePool::new));
        newSecrets.stream().filter(secret -> !oldSecrets.contains(secret)).forEach(secret -> changes.add(new Change.AddSecret(secret)));
        authorities.added.forEach(authority -> changes.add(new Change.AddAuthority(authority)));
        changes.addAll(authorities.changes(Change.ChangeAuthority::new));
        if (!sameCertificates(now.publicKeys(), wanted.publicKeys())) {
            changes.add(new Change.ChangeCertificates(now.publicKeys(), wanted.publicKeys()));
        }
        peers.added.forEach(peer -> changes.add(new Change.AddPeer(peer)));
        changes.addAll(peers.changes(Change.ChangePeer::new));

        policies.removed.forEach(policy -> changes.add(new Change.RemovePolicy(policy)));
        changes.addAll(policies.changes(Change.ChangePolicy::new));
        if (!policies.stayingBefore.equals(policies.stayingAfter)) {
            changes.add(new Change.Reorder(policies.stayingAfter));
        }
        policies.added.forEach(policy -> changes.add(new Change.AddPolicy(policy, policies.position(policy.name()))));

        peers.removed.forEach(peer -> changes.add(new Change.RemovePeer(peer)));
        authorities.removed.forEach(authority -> changes.add(new Change.RemoveAuthority(authority)));
        oldSecrets.stream().filter(secret -> !newSecrets.contains(secret)).forEach(secret -> changes.add(new Change.RemoveSecret(secret)));
        pools.removed.forEach(pool -> changes.add(new Change.RemovePool(pool)));
        return List.copyOf(changes);
    }

    private static boolean sameCertificates(PublicKeys now, PublicKeys wanted) {
        return Set.copyOf(now.certificates()).equals(Set.copyOf(wanted.certificates()))
                && Set.copyOf(now.crls()).equals(Set.copyOf(wanted.crls()))
                && Set.copyOf(now.attributeCertificates()).equals(Set.copyOf(wanted.attributeCertificates()))
                && Set.copyOf(now.attributeAuthorities()).equals(Set.copyOf(wanted.attributeAuthorities()))
                && Set.copyOf(now.keys()).equals(Set.copyOf(wanted.keys()))
                && Set.copyOf(now.containers()).equals(Set.copyOf(wanted.containers()));
    }

    private record Pair<T>(T before, T after) {}

    /**
     * Two lists of named things.
     *
     * @param stayingBefore names that both have, in the old order
     * @param stayingAfter the same names in the new order
     * @param positions of all names in the new order
     */
    private record Difference<T>(List<T> added, List<Pair<T>> changed, List<T> removed, List<String> stayingBefore,
            List<String> stayingAfter, Map<String, Integer> positions) {
        static <T> Difference<T> of(List<T> now, List<T> wanted, Function<T, String> name) {
            return now.equals(wanted)
                    ? new Difference<>(List.of(), List.of(), List.of(), List.of(), List.of(), Map.of())
                    : between(now, wanted, name);
        }

        private static <T> Difference<T> between(List<T> now, List<T> wanted, Function<T, String> name) {
            Map<String, T> before = byName(now, name);
            Map<String, T> after = byName(wanted, name);
            List<T> added = new ArrayList<>();
            List<Pair<T>> changed = new ArrayList<>();
            after.forEach((key, value) -> {
                T old = before.get(key);
                if (old == null) {
                    added.add(value);
                } else if (!old.equals(value)) {
                    changed.add(new Pair<>(old, value));
                }
            });
            List<T> removed = before.entrySet().stream().filter(entry -> !after.containsKey(entry.getKey())).map(Map.Entry::getValue).toList();
            return new Difference<>(added, changed, removed,
                    before.keySet().stream().filter(after::containsKey).toList(),
                    after.keySet().stream().filter(before::containsKey).toList(),
                    positions(after.keySet()));
        }

        private static Map<String, Integer> positions(Set<String> names) {
            Map<String, Integer> positions = new HashMap<>();
            names.forEach(name -> positions.put(name, positions.size()));
            return positions;
        }

        int position(String name) {
            return positions.getOrDefault(name, 0);
        }

        private static <T> Map<String, T> byName(List<T> things, Function<T, String> name) {
            Map<String, T> map = new LinkedHashMap<>();
            things.forEach(thing -> map.put(name.apply(thing), thing));
            return map;
        }

        List<Change> changes(BiFunction<T, T, Change> change) {
            return changed.stream().map(pair -> change.apply(pair.before, pair.after)).toList();
        }
    }
}
