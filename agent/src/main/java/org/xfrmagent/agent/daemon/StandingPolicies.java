package org.xfrmagent.agent.daemon;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final Map<String, Ends> known = new HashMap<>();
    private List<PolicySpec> installed = List.of();
    private Optional<Configured> configured = Optional.empty();

    private record Configured(PolicySet policies, Settings settings) {}

    StandingPolicies(DataPlane plane, Resolver resolver, EventLog log) {
        this.plane = plane;
        this.resolver = resolver;
        this.log = log;
    }

    /** @throws DataPlaneException with the plane's sentence; what was there before is still in force */
    synchronized void install(PolicySet policies, Settings settings) throws DataPlaneException {
        known.clear();
        resolve(policies, _ -> true);
        replace(BaseSpd.of(policies, settings, known));
        configured = Optional.of(new Configured(policies, settings));
    }

    /** Peers whose names could not be resolved before are tried again. */
    synchronized void refresh() {
        if (configured.isEmpty()) {
            return;
        }
        PolicySet policies = configured.get().policies;
        int before = known.size();
        resolve(policies, peer -> !known.containsKey(peer.name()) && peer.remote().addresses().stream().anyMatch(Host::callable));
        if (known.size() == before) {
            return;
        }
        try {
            replace(BaseSpd.of(policies, configured.get().settings, known));
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
    private void resolve(PolicySet policies, Predicate<Peer> wanted) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Peer, CompletableFuture<Optional<Ends>>> asked = new HashMap<>();
            policies.peers().stream()
                    .filter(wanted)
                    .forEach(peer -> asked.put(peer, CompletableFuture.supplyAsync(() -> ends(peer), threads)));
            asked.forEach((peer, answer) -> answer.join().ifPresent(ends -> known.put(peer.name(), ends)));
        }
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

    private void replace(List<PolicySpec> wanted) throws DataPlaneException {
        List<Operation> operations = new ArrayList<>();
        List<PolicySpec> gone = new ArrayList<>(installed);
        for (PolicySpec spec : wanted) {
            if (!gone.remove(spec)) {
                operations.add(new Operation.AddPolicy(spec));
            }
        }
        gone.forEach(spec -> operations.add(new Operation.RemovePolicy(spec)));
        if (operations.isEmpty()) {
            return;
        }
        if (plane.apply(operations) instanceof Outcome.Refused(_, String reason)) {
            throw new DataPlaneException("the policies cannot be installed: " + reason);
        }
        installed = wanted;
    }

    /** Takes all away: from here on traffic is as if there were no agent. */
    synchronized void remove() {
        configured = Optional.empty();
        try {
            replace(List.of());
        } catch (DataPlaneException refused) {
            log.error("policies", String.valueOf(refused.getMessage()));
        }
    }
}
