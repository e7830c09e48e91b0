package org.xfrmagent.agent.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Start;

/**
 * Keeps the policies that start by themselves up: for ever, with growing pauses after failures, until the user takes one down.
 */
final class KeepUp {
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 120_000;

    /** An attempt that was asked for is expected to be reported on within this time; a lost report must not stop us for ever. */
    private static final long PATIENCE_MILLIS = 60_000;

    private record Attempts(int failures, long nextAt) {}

    private final Map<String, Attempts> byPeer = new HashMap<>();
    private final Set<String> takenDown = new HashSet<>();

    /** The user wants this policy down until further notice. */
    void takeDown(String policy) {
        takenDown.add(policy);
    }

    void wanted(String policy) {
        takenDown.remove(policy);
    }

    /** A child of the peer came up: the next failure starts with a short pause. */
    void succeeded(String peer) {
        byPeer.remove(peer);
    }

    void failed(String peer, Moment at) {
        int failures = Optional.ofNullable(byPeer.get(peer)).map(Attempts::failures).orElse(0) + 1;
        double pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * Math.pow(2, failures - 1));
        // Between half and all of it: many tunnels of one gateway do not come back in step.
        long jittered = Math.round(pause * (0.5 + at.entropy().nextDouble() / 2));
        byPeer.put(peer, new Attempts(failures, at.millis() + jittered));
    }

    /** What to start now. {@code missing}: whether a policy has neither a child nor an attempt under way. */
    List<Output.Wanted> due(Settings settings, Predicate<ChildProfile> missing, Moment at) {
        List<Output.Wanted> wanted = new ArrayList<>();
        for (Profile profile : settings.profiles()) {
            if (nextAt(profile) > at.millis()) {
                continue;
            }
            List<Wish> wishes = wishes(profile, missing);
            if (!wishes.isEmpty()) {
                wanted.add(new Output.Wanted(profile, wishes));
                int failures = Optional.ofNullable(byPeer.get(profile.name())).map(Attempts::failures).orElse(0);
                byPeer.put(profile.name(), new Attempts(failures, at.millis() + PATIENCE_MILLIS));
            }
        }
        return wanted;
    }

    /** When {@link #due} next has something to say. */
    OptionalLong next(Settings settings, Predicate<ChildProfile> missing) {
        return settings.profiles().stream()
                .filter(profile -> !wishes(profile, missing).isEmpty())
                .mapToLong(this::nextAt)
                .min();
    }

    private long nextAt(Profile profile) {
        return Optional.ofNullable(byPeer.get(profile.name())).map(Attempts::nextAt).orElse(Long.MIN_VALUE);
    }

    private List<Wish> wishes(Profile profile, Predicate<ChildProfile> missing) {
        return profile.children().stream()
                .filter(child -> child.protect().start() == Start.AT_START)
                .filter(child -> !takenDown.contains(child.name()))
                .filter(missing)
                .map(child -> new Wish(child.name(), Optional.empty()))
                .toList();
    }
}
