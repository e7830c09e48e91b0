package org.xfrmagent.agent.daemon;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;

/**
 * Keeps {@link BaseSpd} in the data plane: all of it at the start, what differs when names become known or the policies change. New
 * policies go in before old ones go out, so that no moment is unprotected.
 */
final class StandingPolicies {
    private final DataPlane plane;
    private final Resolver resolver;
    private final EventLog log;
    private final Optional<KernelWays> ways;
    /** Another map whenever it changes: who only wants to know does not wait for the data plane. */
    private volatile Map<String, Ends> known = Map.of();
    private BaseSpd.Whole installed = BaseSpd.Whole.NOTHING;
    private Optional<Configured> configured = Optional.empty();

    private record Configured(PolicySet policies, Places places, Settings settings) {}

    /** @param ways where interfaces and routes of the policies are made; empty where the plane sees to routes itself */
    StandingPolicies(DataPlane plane, Resolver resolver, EventLog log, Optional<KernelWays> ways) {
        this.ways = ways;
        this.plane = plane;
        this.resolver = resolver;
        this.log = log;
    }

    /** Policies with everything known about them, ready to be installed. */
    record Draft(PolicySet policies, Places places, Settings settings, Map<String, Ends> known, BaseSpd.Whole spd) {}

    /** @throws DataPlaneException with the plane's sentence; what was there before is still in force */
    void install(PolicySet policies, Settings settings) throws DataPlaneException {
        install(draft(policies, new Places(policies.policies()), settings));
    }

    /** Looks the peers up, which may wait for name servers, and changes nothing. Peers that stay as they are stay where they are. */
    Draft draft(PolicySet policies, Places places, Settings settings) {
        Map<String, Ends> ends = new HashMap<>();
        BaseSpd.Whole before;
        synchronized (this) {
            before = installed;
            Map<String, Peer> peers = configured.map(old -> byName(old.policies)).orElse(Map.of());
            policies.peers().stream().filter(peer -> known.containsKey(peer.name()) && peer.equals(peers.get(peer.name())))
                    .forEach(peer -> ends.put(peer.name(), known.get(peer.name())));
        }
        ends.putAll(resolve(policies, peer -> !ends.containsKey(peer.name())));
        return new Draft(policies, places, settings, Map.copyOf(ends), BaseSpd.of(policies, places, settings, ends, before));
    }

    private static Map<String, Peer> byName(PolicySet policies) {
        Map<String, Peer> peers = new HashMap<>();
        policies.peers().forEach(peer -> peers.put(peer.name(), peer));
        return peers;
    }

    /** @throws DataPlaneException with the plane's sentence; what was there before is still in force */
    synchronized void install(Draft draft) throws DataPlaneException {
        BaseSpd.Whole before = installed;
        replace(draft.spd, draft.policies, draft.places);
        try {
            lead(draft.policies, draft.known);
        } catch (DataPlaneException impossible) {
            replace(before, draft.policies, draft.places);
            throw impossible;
        }
        known = draft.known;
        configured = Optional.of(new Configured(draft.policies, draft.places, draft.settings));
        Set<String> absent = plane.absentDevices();
        draft.policies.policies().forEach(policy -> policy.match().device().filter(absent::contains).ifPresent(device -> log.warning(
                "policies", "policy '" + policy.name() + "' stands by: there is no network interface " + device)));
    }

    /** Peers whose names could not be resolved before are tried again. */
    synchronized void refresh() {
        if (configured.isEmpty()) {
            return;
        }
        PolicySet policies = configured.get().policies;
        Map<String, Ends> more = new HashMap<>(known);
        more.putAll(resolve(
                policies, peer -> !known.containsKey(peer.name()) && peer.remote().addresses().stream().anyMatch(Host::callable)));
        if (more.size() == known.size()) {
            return;
        }
        known = Map.copyOf(more);
        try {
            Places places = configured.get().places;
            replace(BaseSpd.of(policies, places, configured.get().settings, known, installed), policies, places);
            lead(policies, known);
        } catch (DataPlaneException refused) {
            log.error("policies", String.valueOf(refused.getMessage()));
        }
    }

    /** Where the peers are. */
    Map<String, Ends> ends() {
        return known;
    }

    /** Makes interfaces and routes anew that somebody took away. */
    synchronized void restore() {
        try {
            if (configured.isPresent()) {
                lead(configured.get().policies, known);
            }
        } catch (DataPlaneException refused) {
            log.error("policies", String.valueOf(refused.getMessage()));
        }
    }

    /** Whether {@link #refresh} may find something. */
    synchronized boolean incomplete() {
        return configured.isPresent()
                && configured.get().policies.peers().stream().anyMatch(peer ->
                        !known.containsKey(peer.name()) && peer.remote().addresses().stream().anyMatch(Host::callable));
    }

    /** Peers are asked about at the same time: one slow name server costs its own time only. */
    private Map<String, Ends> resolve(PolicySet policies, Predicate<Peer> wanted) {
        Map<String, Ends> found = new HashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Peer, CompletableFuture<Optional<Ends>>> asked = new HashMap<>();
            policies.peers().stream()
                    .filter(wanted)
                    .forEach(peer -> asked.put(peer, CompletableFuture.supplyAsync(() -> ends(peer), threads)));
            asked.forEach((peer, answer) -> answer.join().ifPresent(ends -> found.put(peer.name(), ends)));
        }
        return found;
    }

    private Optional<Ends> ends(Peer peer) {
        try {
            return Optional.of(resolver.resolve(peer).getFirst());
        } catch (Resolver.Unreachable nowhere) {
            // No way there yet, but we know where it is: the template does without our own address, the kernel's routes give it.
            return peer.remote().addresses().stream()
                    .<InetAddress>mapMulti((host, found) -> {
                        if (host instanceof Host.Address(InetAddress address)) {
                            found.accept(address);
                        }
                    })
                    .findFirst()
                    .map(remote -> new Ends(Ip.of(new byte[AddressFamily.of(remote).bytes()]), remote));
        }
    }

    /**
     * What both have stays untouched; the rest goes in and out so that traffic that neither the old nor the new policies let pass
     * is not let pass at any moment between:
     *
     * <pre>
     *   + protect, discard    only closes what was open
     *   + bypass              behind the closed ones of both that come first for a packet
     *   - bypass              the old ones go while everything closed, old and new, is there
     *   - protect, discard    from here on the new policies decide alone
     * </pre>
     *
     * <p>In any other order a bypass may for a moment come before every policy that closes: an old one whose place in the order the
     * new policies have given to another, or a new one that only an old policy precedes.
     */
    private void replace(BaseSpd.Whole wanted, PolicySet policies, Places places) throws DataPlaneException {
        List<PolicySpec> gone = without(installed, wanted);
        List<PolicySpec> fresh = without(wanted, installed);
        List<Operation> operations = new ArrayList<>();
        fresh.stream().filter(spec -> !isOpen(spec)).map(Operation.AddPolicy::new).forEach(operations::add);
        fresh.stream().filter(StandingPolicies::isOpen).map(Operation.AddPolicy::new).forEach(operations::add);
        gone.stream().filter(StandingPolicies::isOpen).map(Operation.RemovePolicy::new).forEach(operations::add);
        gone.stream().filter(spec -> !isOpen(spec)).map(Operation.RemovePolicy::new).forEach(operations::add);
        if (operations.isEmpty()) {
            return;
        }
        if (plane.apply(operations) instanceof Outcome.Refused(Operation operation, String reason)) {
            throw new DataPlaneException("the policies cannot be installed: " + name(operation, policies, places) + reason);
        }
        installed = wanted;
    }

    /** Those of {@code all} that {@code others} has no match for; what is there twice needs two. Groups that both have match each other. */
    private static List<PolicySpec> without(BaseSpd.Whole all, BaseSpd.Whole others) {
        Map<PolicySpec, Integer> matches = new HashMap<>();
        withoutCommon(others, all).forEach(spec -> matches.merge(spec, 1, Integer::sum));
        List<PolicySpec> rest = new ArrayList<>();
        for (PolicySpec spec : withoutCommon(all, others)) {
            if (matches.merge(spec, -1, Integer::sum) < 0) {
                rest.add(spec);
            }
        }
        return rest;
    }

    private static List<PolicySpec> withoutCommon(BaseSpd.Whole all, BaseSpd.Whole others) {
        Set<List<PolicySpec>> theirs = Collections.newSetFromMap(new IdentityHashMap<>(others.groups().size()));
        theirs.addAll(others.groups());
        return all.groups().stream().filter(group -> !theirs.contains(group)).flatMap(List::stream).toList();
    }

    /** Whose policy it was: each has a priority of its own. */
    private static String name(Operation operation, PolicySet policies, Places places) {
        if (operation instanceof Operation.AddPolicy(PolicySpec spec)) {
            for (int i = 0; i < policies.policies().size(); i++) {
                if (places.priority(i) == spec.priority()) {
                    return "policy '" + policies.policies().get(i).name() + "': ";
                }
            }
        }
        return "";
    }

    /** Interfaces and routes come after the policies and go after them: what they lead to the policies is never without. */
    private void lead(PolicySet policies, Map<String, Ends> ends) throws DataPlaneException {
        if (ways.isPresent()) {
            ways.get().replace(Ways.of(policies, ends, ways.get().addresses()));
        }
    }

    private static boolean isOpen(PolicySpec spec) {
        return spec.verdict() instanceof PolicySpec.Bypass;
    }

    /** Takes all away: from here on traffic is as if there were no agent. */
    synchronized void remove() {
        configured = Optional.empty();
        try {
            replace(BaseSpd.Whole.NOTHING, PolicySet.EMPTY, Places.NONE);
            if (ways.isPresent()) {
                ways.get().replace(Ways.NONE);
            }
        } catch (DataPlaneException refused) {
            log.error("policies", String.valueOf(refused.getMessage()));
        }
    }
}
