package org.xfrmagent.agent.daemon;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.NarrowedReqids;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.Snapshot;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.algorithm.Protocol;

/**
 * Compares what a data plane holds with what it should hold. What is ours is known by its marks: policies by their priority, SAs by
 * their reqid, in ranges that nobody else uses, or named in the configuration. Everything else is somebody else's.
 */
final class Reconciler {
    /** A trap, its SA, that one's successor, and one for luck. */
    private static final int MOST_LAYERS = 4;
    /** The plane's own event has this long to come. */
    private static final long OVERDUE_SECONDS = 5;

    private final DataPlane plane;
    private final EventLog log;

    Reconciler(DataPlane plane, EventLog log) {
        this.plane = plane;
        this.log = log;
    }

    /** What a predecessor that died left behind: known by its marks, and asked for before this agent installs anything. */
    List<Operation> leftovers(Settings settings) {
        return ours(settings);
    }

    /** Removes leftovers. Keys without a negotiation are of no use to anybody; by now the standing policies cover the traffic. */
    void remove(List<Operation> leftovers) {
        if (leftovers.isEmpty()) {
            return;
        }
        long sas = leftovers.stream().filter(Operation.RemoveSa.class::isInstance).count();
        log.notice("data plane", "removing what is left behind: " + (leftovers.size() - sas) + " policies, " + sas + " SAs");
        if (plane.apply(leftovers) instanceof Outcome.Refused(_, String reason)) {
            log.error("data plane", "some of it stays: " + reason);
        }
    }

    /** Removes everything that is ours, layer by layer where policies cover each other; what an orderly end leaves is nothing. */
    void removeAll(Settings settings) {
        for (int sweep = 0; sweep < MOST_LAYERS; sweep++) {
            List<Operation> ours = ours(settings);
            if (ours.isEmpty() || plane.apply(ours) instanceof Outcome.Refused) {
                return;
            }
        }
    }

    private List<Operation> ours(Settings settings) {
        Set<Integer> reqids = reqids(settings);
        Snapshot found = plane.installed();
        List<Operation> operations = new ArrayList<>();
        for (PolicySpec policy : found.policies()) {
            boolean template = !(policy.verdict() instanceof PolicySpec.Protect protect) || isOurs(protect.reqid(), reqids);
            if (Priorities.isOurs(policy.priority()) && template) {
                operations.add(new Operation.RemovePolicy(policy));
            }
        }
        for (Snapshot.InstalledSa sa : found.sas()) {
            if (isOurs(sa.reqid(), reqids)) {
                operations.add(new Operation.RemoveSa(sa.id()));
            }
        }
        return operations;
    }

    /**
     * Mends what others did to the plane and compares its SAs with the sessions' children. In this order, because both change all the
     * time; what seems wrong for a moment only is wrong in no place twice:
     *
     * <pre>
     *   policies put back       what closes first: from here on nothing leaves in clear
     *   SAs listed              0
     *   sessions asked          1: an SA of 0 that no session knows or waits for now is nobody's; it is removed
     *   counters read           2: a child's SA that was missing at 0 and is missing still is gone
     * </pre>
     *
     * @param sessions those of every shard, after all it was given before; empty if that takes too long
     * @return what the sessions have to be told: SAs that are gone, and those whose soft limit passed unheard
     */
    List<DataPlaneEvent> compare(Settings settings, Supplier<Optional<List<Session>>> sessions, LongSupplier millis)
            throws DataPlaneException {
        plane.repair().forEach(sentence -> log.warning("data plane", sentence));
        List<Snapshot.InstalledSa> found = plane.installed().sas();
        Optional<List<Session>> known = sessions.get();
        if (known.isEmpty()) {
            return List.of();
        }
        removeStrays(settings, found, known.get());
        Map<SaId, ChildSa> children = new HashMap<>();
        known.get().stream().flatMap(session -> session.children().stream()).forEach(child -> child.sas().forEach(id -> children.put(id, child)));
        Set<SaId> there = new HashSet<>();
        List<DataPlaneEvent> events = new ArrayList<>();
        for (Snapshot.InstalledSa sa : found) {
            there.add(sa.id());
            ChildSa child = children.get(sa.id());
            // A compressing one counts octets that are not yet compressed, and no limit is meant for these.
            if (child != null && sa.id().protocol() != Protocol.IPCOMP && isDue(child, sa.usage(), millis.getAsLong())) {
                events.add(new DataPlaneEvent.SoftExpire(sa.id(), sa.reqid()));
            }
        }
        Set<SaId> gone = new HashSet<>(children.keySet());
        gone.removeAll(there);
        if (!gone.isEmpty()) {
            gone.removeAll(plane.usage(gone).keySet());
            gone.forEach(id -> events.add(new DataPlaneEvent.SaGone(id)));
        }
        return events;
    }

    /**
     * While a job of a session is under way, an SA of its policies may be installed that it does not know of yet, or no more. Of one that is
     * being removed the session knows nothing, nor of which part of a policy it was: those of parts are left until nothing is.
     */
    private void removeStrays(Settings settings, List<Snapshot.InstalledSa> found, List<Session> sessions) {
        Set<Integer> reqids = reqids(settings);
        Set<SaId> wanted = new HashSet<>();
        Set<Integer> unsettled = new HashSet<>();
        boolean removing = false;
        for (Session session : sessions) {
            session.children().forEach(child -> wanted.addAll(child.sas()));
            if (!session.jobs().isEmpty()) {
                session.profile().stream()
                        .flatMap(profile -> profile.children().stream())
                        .map(ChildProfile::reqid)
                        .forEach(unsettled::add);
                session.jobs().values().stream().flatMap(job -> job.installing().stream()).forEach(child -> wanted.addAll(child.sas()));
                removing |= session.jobs().values().stream().anyMatch(job -> job instanceof Awaiting.Change || job instanceof Awaiting.RemovalForAnswer);
            }
        }
        List<Operation> strays = new ArrayList<>();
        for (Snapshot.InstalledSa sa : found) {
            boolean settled = !unsettled.contains(sa.reqid()) && !(removing && NarrowedReqids.isOne(sa.reqid()));
            if (settled && isOurs(sa.reqid(), reqids) && !wanted.contains(sa.id())) {
                strays.add(new Operation.RemoveSa(sa.id()));
            }
        }
        if (!strays.isEmpty()) {
            log.warning("data plane", "removing " + strays.size() + " SAs that no session knows");
            plane.apply(strays);
        }
    }

    /** An event that was lost is made up for: an SA beyond its soft limit is to be rekeyed. */
    private static boolean isDue(ChildSa child, Usage usage, long millis) {
        SaLimits limits = child.limits();
        return limits.softSeconds() > 0 && millis - child.since() > TimeUnit.SECONDS.toMillis(limits.softSeconds() + OVERDUE_SECONDS)
                || limits.softBytes() > 0 && usage.bytes() > limits.softBytes()
                || limits.softPackets() > 0 && usage.packets() > limits.softPackets();
    }

    private static boolean isOurs(int reqid, Set<Integer> configured) {
        return Reqids.isOurs(reqid) || configured.contains(reqid);
    }

    private static Set<Integer> reqids(Settings settings) {
        Set<Integer> all = new HashSet<>();
        settings.profiles().forEach(profile -> profile.children().stream().map(ChildProfile::reqid).forEach(all::add));
        return all;
    }
}
