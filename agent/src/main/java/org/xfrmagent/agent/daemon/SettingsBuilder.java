package org.xfrmagent.agent.daemon;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Pool;

/** Turns policies as declared into the settings that sessions live by. One for the agent's life: it remembers the reqids. */
final class SettingsBuilder {
    private final Reqids reqids = new Reqids();
    private final Map<String, Profile> known = new HashMap<>();
    private final Settings.Ports ports;

    SettingsBuilder(Settings.Ports ports) {
        this.ports = ports;
    }

    /** Settings of policy files alone. */
    Settings build(PolicySet policies, Credentials credentials) {
        return build(policies, new Places(policies.policies()), credentials, Set.of());
    }

    /**
     * @param places of the policies
     * @param loaded the peers that clients have loaded
     */
    Settings build(PolicySet policies, Places places, Credentials credentials, Set<String> loaded) {
        keep(policies.policies(), places);
        Map<String, List<ChildProfile>> children = children(policies.policies(), places);
        List<Profile> profiles = policies.peers().stream()
                .map(peer -> profile(peer, children.getOrDefault(peer.name(), List.of()), peer.pools().stream().flatMap(name -> policies.pool(name).stream()).toList(),
                        loaded.contains(peer.name())))
                .toList();
        known.keySet().retainAll(policies.peers().stream().map(Peer::name).collect(Collectors.toSet()));
        return new Settings(profiles, credentials, ports, policies.limits());
    }

    /** Who comes to the traffic of others gets what they have: their SAs stay. */
    private void keep(List<Policy> all, Places places) {
        for (int i = 0; i < all.size(); i++) {
            if (places.isShared(i) && all.get(i).action() instanceof Protect protect && reqids.has(all.get(i))) {
                var _ = reqids.of(all.get(i), protect, true);
            }
        }
    }

    /** By peer, in the order of the SPD. */
    private Map<String, List<ChildProfile>> children(List<Policy> all, Places places) {
        Map<String, List<ChildProfile>> children = new HashMap<>();
        for (int i = 0; i < all.size(); i++) {
            Policy policy = all.get(i);
            if (policy.action() instanceof Protect protect) {
                children.computeIfAbsent(protect.peer(), _ -> new ArrayList<>()).add(child(policy, protect, places.isShared(i), places.priority(i)));
            }
        }
        return children;
    }

    /** The same one as before, where it would say the same. */
    private ChildProfile child(Policy policy, Protect protect, boolean isShared, int priority) {
        Optional<ChildProfile> before = isShared ? Optional.empty() : Optional.ofNullable(known.get(protect.peer())).flatMap(profile -> profile.child(policy.name()));
        return before.filter(child -> child.policy().equals(policy) && child.priority() == priority)
                .orElseGet(() -> new ChildProfile(policy, protect, reqids.of(policy, protect, isShared), priority));
    }

    /** The same one as before, where it would say the same: it has been indexed, and is known by what it is. */
    private Profile profile(Peer peer, List<ChildProfile> children, List<Pool> pools, boolean isLoaded) {
        Profile before = known.get(peer.name());
        if (before != null && before.peer().equals(peer) && before.children().equals(children) && before.pools().equals(pools) && before.isLoaded() == isLoaded) {
            return before;
        }
        Profile profile = new Profile(peer, children, pools, isLoaded);
        known.put(peer.name(), profile);
        return profile;
    }
}
