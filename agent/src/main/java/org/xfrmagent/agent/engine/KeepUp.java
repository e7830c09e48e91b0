package org.xfrmagent.agent.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.policies.model.Afterwards;
import org.xfrmagent.policies.model.Start;

/**
 * Keeps the policies that start by themselves up: for ever, with growing pauses after failures, until the user takes one down, or the
 * other side ends it and the policy leaves it at that.
 */
final class KeepUp {
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 120_000;

    /** An attempt that was asked for is expected to be reported on within this time; a lost report must not stop us for ever. */
    private static final long PATIENCE_MILLIS = 60_000;

    private record Attempts(int failures, long nextAt) {}

    /** @param policies what the peer lacks, by name: changed from review to review */
    private record Missing(Profile profile, Set<String> policies) {
        Output.Wanted wanted() {
            return new Output.Wanted(profile, policies.stream().map(policy -> new Wish(policy, Optional.empty())).toList());
        }
    }

    private final Map<String, Attempts> byPeer = new HashMap<>();
    private final Map<String, Missing> missing = new HashMap<>();
    private final Deadlines<String> due = new Deadlines<>();
    private final Set<String> takenDown = new HashSet<>();

    /** Peers that have not answered as often as their policies want them to be asked. */
    private final Set<String> givenUp = new HashSet<>();

    /** What followed the last end of a policy's SAs, until they are up again. */
    private final Map<String, Afterwards> ended = new HashMap<>();

    /** The other side has ended the last SAs of the policy. */
    void ended(ChildProfile child, Event.End end) {
        switch (end) {
            case CLOSED -> ended.put(child.name(), child.protect().endings().closed());
            case LOST -> ended.put(child.name(), child.protect().endings().lost());
            case OURS -> {}
        }
    }

    /** Nobody needs the policy's SAs for now: they are deleted, and come with the next packet if they may come from here at all. */
    void idle(ChildProfile child) {
        ended.put(child.name(), child.protect().start() == Start.BY_PEER ? Afterwards.NOTHING : Afterwards.ON_TRAFFIC);
    }

    /** Whether traffic may bring the policy up. */
    boolean followsTraffic(ChildProfile child) {
        return child.protect().start() != Start.BY_PEER || Optional.ofNullable(ended.get(child.name())).filter(now -> now != Afterwards.NOTHING).isPresent();
    }

    /** Whether the policy is to be up now, whatever the traffic. */
    private boolean isWanted(ChildProfile child) {
        Afterwards now = Optional.ofNullable(ended.get(child.name()))
                .orElse(child.protect().start() == Start.AT_START ? Afterwards.AT_ONCE : Afterwards.NOTHING);
        return now == Afterwards.AT_ONCE && !takenDown.contains(child.name());
    }

    /** The user wants this policy down until further notice. */
    void takeDown(String policy) {
        takenDown.add(policy);
    }

    /** The peer is not called by itself any more, until somebody wants it or it is configured anew. */
    void giveUp(String peer) {
        givenUp.add(peer);
    }

    /** Somebody wants the peer, however often it has not answered. */
    void tryAgain(String peer) {
        givenUp.remove(peer);
    }

    void wanted(String policy) {
        takenDown.remove(policy);
        ended.remove(policy);
    }

    /** Names that are configured no longer are forgotten: a policy that returns under one is a new one. */
    void known(List<Profile> profiles) {
        Set<String> peers = new HashSet<>();
        Set<String> policies = new HashSet<>();
        for (Profile profile : profiles) {
            peers.add(profile.name());
            profile.children().forEach(child -> policies.add(child.name()));
        }
        byPeer.keySet().retainAll(peers);
        givenUp.retainAll(peers);
        takenDown.retainAll(policies);
        ended.keySet().retainAll(policies);
    }

    /** A child of the peer came up: the next failure starts with a short pause. */
    void succeeded(String peer) {
        givenUp.remove(peer);
        byPeer.remove(peer);
    }

    /** What an earlier end has led to is over. */
    void cameUp(String policy) {
        ended.remove(policy);
    }

    void failed(String peer, Moment at) {
        int failures = failures(peer) + 1;
        double pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * Math.pow(2, failures - 1));
        // Between half and all of it: many tunnels of one gateway do not come back in step.
        long jittered = Math.round(pause * (0.5 + at.entropy().nextDouble() / 2));
        byPeer.put(peer, new Attempts(failures, at.millis() + jittered));
    }

    int failures(String peer) {
        return Optional.ofNullable(byPeer.get(peer)).map(Attempts::failures).orElse(0);
    }

    /**
     * Looks at one peer again, after something about it changed. {@code lacking}: whether a policy has neither a child nor an attempt
     * under way.
     */
    void review(Profile profile, Predicate<ChildProfile> lacking) {
        missing.put(profile.name(), new Missing(profile, new LinkedHashSet<>()));
        review(profile, profile.callers(), lacking);
    }

    /** Looks at some policies of a peer again; all of it have been looked at since {@code profile} came. */
    void review(Profile profile, List<ChildProfile> some, Predicate<ChildProfile> lacking) {
        Set<String> policies =
                missing.computeIfAbsent(profile.name(), _ -> new Missing(profile, new LinkedHashSet<>())).policies;
        for (ChildProfile child : some) {
            if (isWanted(child) && lacking.test(child) && !givenUp.contains(profile.name())) {
                policies.add(child.name());
            } else {
                policies.remove(child.name());
            }
        }
        if (policies.isEmpty()) {
            forget(profile.name());
        } else {
            due.set(profile.name(), OptionalLong.of(
                    Optional.ofNullable(byPeer.get(profile.name())).map(Attempts::nextAt).orElse(Long.MIN_VALUE)));
        }
    }

    /** The peer is no longer configured, or lacks nothing. */
    void forget(String peer) {
        missing.remove(peer);
        due.set(peer, OptionalLong.empty());
    }

    /** What to start now. */
    List<Output.Wanted> due(Moment at) {
        List<Output.Wanted> wanted = new ArrayList<>();
        for (Optional<String> peer = due.takeDue(at.millis()); peer.isPresent(); peer = due.takeDue(at.millis())) {
            String name = peer.get();
            Optional.ofNullable(missing.get(name)).map(Missing::wanted).ifPresent(wanted::add);
            long patience = at.millis() + PATIENCE_MILLIS;
            byPeer.put(name, new Attempts(failures(name), patience));
            due.set(name, OptionalLong.of(patience));
        }
        return wanted;
    }

    /** When {@link #due} next has something to say. */
    OptionalLong next() {
        return due.next();
    }
}
