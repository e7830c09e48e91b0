package org.xfrmagent.policies.model;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Everything an operator has declared. Names are unique within each list.
 *
 * @param policies the SPD in its order: the first that matches a packet decides
 * @param limits of what strangers may ask of the agent
 * @param publicKeys certificates and private keys
 * @param radius who judges users instead of us
 */
public record PolicySet(
        List<Peer> peers,
        List<Policy> policies,
        List<PskSecret> secrets,
        List<User> users,
        List<Pool> pools,
        HalfOpenLimits limits,
        PublicKeys publicKeys,
        Radius radius) {
    public static final PolicySet EMPTY = new PolicySet(List.of(), List.of(), List.of(), List.of());

    public PolicySet(List<Peer> peers, List<Policy> policies, List<PskSecret> secrets, List<Pool> pools) {
        this(peers, policies, secrets, pools, Defaults.HALF_OPEN);
    }

    /** Without users. */
    public PolicySet(List<Peer> peers, List<Policy> policies, List<PskSecret> secrets, List<Pool> pools, HalfOpenLimits limits) {
        this(peers, policies, secrets, List.of(), pools, limits);
    }

    /** Without certificates. */
    public PolicySet(
            List<Peer> peers, List<Policy> policies, List<PskSecret> secrets, List<User> users, List<Pool> pools, HalfOpenLimits limits) {
        this(peers, policies, secrets, users, pools, limits, PublicKeys.NONE);
    }

    /** Without RADIUS. */
    public PolicySet(
            List<Peer> peers, List<Policy> policies, List<PskSecret> secrets, List<User> users, List<Pool> pools, HalfOpenLimits limits,
            PublicKeys publicKeys) {
        this(peers, policies, secrets, users, pools, limits, publicKeys, Radius.NONE);
    }

    public PolicySet {
        peers = List.copyOf(peers);
        policies = List.copyOf(policies);
        secrets = List.copyOf(secrets);
        users = List.copyOf(users);
        pools = List.copyOf(pools);
    }

    public Optional<Peer> peer(String name) {
        return peers.stream().filter(peer -> peer.name().equals(name)).findFirst();
    }

    public Optional<Policy> policy(String name) {
        return policies.stream().filter(policy -> policy.name().equals(name)).findFirst();
    }

    public Optional<Pool> pool(String name) {
        return pools.stream().filter(pool -> pool.name().equals(name)).findFirst();
    }

    public Optional<User> user(String name) {
        return users.stream().filter(user -> user.name().equals(name)).findFirst();
    }

    /** The policies whose traffic {@code peer} protects, in order. */
    public List<Policy> protectedBy(String peer) {
        return policies.stream()
                .filter(policy -> policy.action() instanceof Action.Protect protect && protect.peer().equals(peer))
                .toList();
    }

    /** The postquantum pre-shared key of this name. */
    public Optional<PskSecret> ppk(Identity id) {
        return secrets.stream().filter(secret -> secret.isNamed(id)).findFirst();
    }

    /** The pre-shared key that fits the two identities best; of equally good ones the first. */
    public Optional<PskSecret> psk(Identity local, Identity remote) {
        return secrets.stream()
                .filter(secret -> secret.fit(local, remote) > 0)
                .max(Comparator.comparingInt((PskSecret secret) -> secret.fit(local, remote))
                        .thenComparingInt(secret -> -secrets.indexOf(secret)));
    }
}
