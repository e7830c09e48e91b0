package org.xfrmagent.agent.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;

/** Turns policies as declared into the settings that sessions live by. One for the agent's life: it remembers the reqids. */
final class SettingsBuilder {
    private final Reqids reqids = new Reqids();
    private final Settings.Ports ports;

    SettingsBuilder(Settings.Ports ports) {
        this.ports = ports;
    }

    /** Settings of policy files alone. */
    Settings build(PolicySet policies, Credentials credentials) {
        return build(policies, credentials, Set.of());
    }

    /** @param loaded the peers that clients have loaded */
    Settings build(PolicySet policies, Credentials credentials, Set<String> loaded) {
        List<Profile> profiles = new ArrayList<>();
        Places places = new Places(policies.policies());
        keep(policies.policies(), places);
        for (Peer peer : policies.peers()) {
            profiles.add(new Profile(peer, children(peer, policies.policies(), places), peer.pools().stream().flatMap(name -> policies.pool(name).stream()).toList(),
                    loaded.contains(peer.name())));
        }
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

    private List<ChildProfile> children(Peer peer, List<Policy> all, Places places) {
        List<ChildProfile> children = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Policy policy = all.get(i);
            if (policy.action() instanceof Protect protect && protect.peer().equals(peer.name())) {
                children.add(new ChildProfile(policy, protect, reqids.of(policy, protect, places.isShared(i)), Priorities.base(places.of(i))));
            }
        }
        return children;
    }
}
