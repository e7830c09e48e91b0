package org.xfrmagent.agent.engine.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;

/** A configured peer with the policies it protects, in the order of the SPD. */
public final class Profile {
    private final Peer peer;
    private final List<ChildProfile> children;
    private final List<ChildProfile> callers;
    private final Map<String, ChildProfile> byPolicy = new HashMap<>();
    private final List<Pool> pools;
    private final boolean loaded;
    private final Atlas atlas;

    /** A peer that gets no addresses. */
    public Profile(Peer peer, List<ChildProfile> children) {
        this(peer, children, List.of());
    }

    public Profile(Peer peer, List<ChildProfile> children, List<Pool> pools) {
        this(peer, children, pools, false);
    }

    /** @param loaded whether it is a connection that a client of the control socket has loaded, and not of a policy file */
    public Profile(Peer peer, List<ChildProfile> children, List<Pool> pools, boolean loaded) {
        this.peer = peer;
        this.pools = List.copyOf(pools);
        this.loaded = loaded;
        this.children = List.copyOf(children);
        this.callers = this.children.stream()
                .filter(child -> child.protect().start() == Start.AT_START || child.protect().endings().calls())
                .toList();
        this.atlas = new Atlas(this.children);
        this.children.forEach(child -> byPolicy.putIfAbsent(child.name(), child));
    }

    public Peer peer() {
        return peer;
    }

    public List<ChildProfile> children() {
        return children;
    }

    /** From which the peer gets addresses. */
    public List<Pool> pools() {
        return pools;
    }

    /** Those of them that some of {@code leases} are of. */
    public List<Pool> pools(List<Lease> leases) {
        return pools.stream().filter(pool -> leases.stream().anyMatch(lease -> lease.pool().equals(pool.name()))).toList();
    }

    /** Whether it is a connection that a client of the control socket has loaded. */
    public boolean isLoaded() {
        return loaded;
    }

    /** Those that may have to come up by themselves: from the start, or after an end. */
    public List<ChildProfile> callers() {
        return callers;
    }

    /** Those that may cover traffic between some of {@code ours} and some of {@code theirs}; of many hardly any others. */
    public List<ChildProfile> near(List<TrafficSelector> ours, List<TrafficSelector> theirs) {
        return atlas.near(ours, theirs);
    }

    /** What the policies say is on the peer's side. */
    public List<AddressRange> behind() {
        return children.stream()
                .map(child -> child.policy().match().remote())
                .<AddressRange>mapMulti((remote, found) -> {
                    if (remote instanceof Selectors.Fixed(var selectors)) {
                        selectors.stream().map(TrafficSelector::range).forEach(found);
                    }
                })
                .distinct()
                .toList();
    }

    public String name() {
        return peer.name();
    }

    /** Whether an IKE SA with {@code other} is one with this: reached at the same addresses, authenticated and protected alike. */
    public boolean isReachedAs(Profile other) {
        return peer.ike() == other.peer.ike()
                && peer.local().equals(other.peer.local())
                && peer.config() == other.peer.config()
                && peer.remote().equals(other.peer.remote())
                && peer.proposals().equals(other.peer.proposals())
                && peer.forceEncapsulation() == other.peer.forceEncapsulation();
    }

    public Optional<ChildProfile> child(String policy) {
        return Optional.ofNullable(byPolicy.get(policy));
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Profile profile && peer.equals(profile.peer)
                && children.equals(profile.children) && pools.equals(profile.pools) && loaded == profile.loaded;
    }

    @Override
    public int hashCode() {
        return Objects.hash(peer, children, pools, loaded);
    }
}
