package org.xfrmagent.agent.engine.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Start;

/** The configuration as sessions see it: one immutable value, replaced as a whole. Whatever it is asked for, it finds at once. */
public final class Settings {
    private final List<Profile> profiles;
    private final Credentials credentials;
    private final Ports ports;
    private final HalfOpenLimits limits;
    private final Map<String, Profile> byName = new HashMap<>();
    private final Map<Integer, List<Owner>> byReqid = new HashMap<>();

    /** The two IKE ports of this host and of every peer (RFC 7296, section 2). */
    public record Ports(int ike, int natTraversal) {
        public static final Ports STANDARD = new Ports(500, 4500);
    }

    public record Owner(Profile profile, ChildProfile child) {}

    /** Settings with the usual limits. */
    public Settings(List<Profile> profiles, Credentials credentials, Ports ports) {
        this(profiles, credentials, ports, Defaults.HALF_OPEN);
    }

    public Settings(List<Profile> profiles, Credentials credentials, Ports ports, HalfOpenLimits limits) {
        this.limits = limits;
        this.profiles = List.copyOf(profiles);
        this.credentials = credentials;
        this.ports = ports;
        for (Profile profile : this.profiles) {
            byName.putIfAbsent(profile.name(), profile);
            for (ChildProfile child : profile.children()) {
                byReqid.computeIfAbsent(child.reqid(), _ -> new ArrayList<>(1)).add(new Owner(profile, child));
            }
        }
    }

    public List<Profile> profiles() {
        return profiles;
    }

    public Credentials credentials() {
        return credentials;
    }

    public HalfOpenLimits limits() {
        return limits;
    }

    public Ports ports() {
        return ports;
    }

    public Optional<Profile> profile(String peer) {
        return Optional.ofNullable(byName.get(peer));
    }

    /**
     * The profile and child that own {@code reqid}. Policies for the same traffic have one in common: traffic asks for the first that it may
     * ask for.
     *
     * @param device the network interface by which the traffic leaves, where the policies tell it by that
     */
    public Optional<Owner> owner(int reqid, Optional<String> device) {
        List<Owner> all = byReqid.getOrDefault(reqid, List.of()).stream()
                .filter(owner -> device.isEmpty() || owner.child.policy().match().device().equals(device))
                .toList();
        return all.stream().filter(owner -> owner.child.protect().start() != Start.BY_PEER).findFirst().or(() -> all.stream().findFirst());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Settings settings
                && profiles.equals(settings.profiles)
                && credentials.equals(settings.credentials)
                && ports.equals(settings.ports)
                && limits.equals(settings.limits);
    }

    @Override
    public int hashCode() {
        return Objects.hash(profiles, credentials, ports, limits);
    }
}
