package org.xfrmagent.agent.daemon;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Snapshot;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;

/**
 * Compares what a data plane holds with what it should hold. What is ours is known by its marks: policies by their priority, SAs by
 * their reqid, in ranges that nobody else uses, or named in the configuration. Everything else is somebody else's.
 */
final class Reconciler {
    /** A trap, its SA, that one's successor, and one for luck. */
    private static final int MOST_LAYERS = 4;

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

    /** Removes SAs that no session knows, and returns those that sessions believe in and that are gone. */
    Set<SaId> compare(Settings settings, List<Session> sessions) {
        Set<Integer> reqids = reqids(settings);
        Set<SaId> wanted = new HashSet<>();
        boolean jobsPending = false;
        for (Session session : sessions) {
            jobsPending |= !session.jobs().isEmpty();
            for (ChildSa child : session.children()) {
                wanted.add(child.inbound());
                wanted.add(child.outbound());
            }
        }
        List<Operation> strays = new ArrayList<>();
        Set<SaId> gone = new HashSet<>(wanted);
        for (Snapshot.InstalledSa sa : plane.installed().sas()) {
            gone.remove(sa.id());
            // While a job is under way an SA may be installed that its session does not know of yet.
            if (!jobsPending && isOurs(sa.reqid(), reqids) && !wanted.contains(sa.id())) {
                strays.add(new Operation.RemoveSa(sa.id()));
            }
        }
        if (!strays.isEmpty()) {
            log.warning("data plane", "removing " + strays.size() + " SAs that no session knows");
            plane.apply(strays);
        }
        return gone;
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
