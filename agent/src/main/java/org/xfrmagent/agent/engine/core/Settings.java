package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;

/** The configuration as sessions see it: one immutable value, replaced as a whole. */
public record Settings(List<Profile> profiles, Credentials credentials, Ports ports) {
    /** The two IKE ports of this host and of every peer (RFC 7296, section 2). */
    public record Ports(int ike, int natTraversal) {
        public static final Ports STANDARD = new Ports(500, 4500);
    }

    public Settings {
        profiles = List.copyOf(profiles);
    }

    public Optional<Profile> profile(String peer) {
        return profiles.stream().filter(profile -> profile.name().equals(peer)).findFirst();
    }

    /** The profile and child that own {@code reqid}. */
    public Optional<Owner> owner(int reqid) {
        for (Profile profile : profiles) {
            for (ChildProfile child : profile.children()) {
                if (child.reqid() == reqid) {
                    return Optional.of(new Owner(profile, child));
                }
            }
        }
        return Optional.empty();
    }

    public record Owner(Profile profile, ChildProfile child) {}
}
