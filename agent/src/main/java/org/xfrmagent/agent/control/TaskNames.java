package org.xfrmagent.agent.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Outstanding;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.TaskList;

/**
 * What an IKE SA has to do, in charon's words: it has a task for each part of an exchange, and all of those that bring an IKE SA up from
 * its first message on.
 *
 * @param queued waits for its turn
 * @param active the request that is on its way
 * @param passive what the peer is to ask for
 */
record TaskNames(List<String> queued, List<String> active, List<String> passive) {
    private static final String CREATE = "CHILD_CREATE";

    static TaskNames of(Session session) {
        List<String> tasks = names(session.tasks());
        return switch (session.phase()) {
            case Phase.Initiating initiating -> new TaskNames(more(initiating.wishes()),
                    with(Stream.of("IKE_VENDOR", "IKE_INIT", "IKE_NATD", "IKE_CERT_PRE", "IKE_AUTH", "IKE_CERT_POST", "IKE_CONFIG", "IKE_AUTH_LIFETIME",
                            "IKE_MOBIKE", "IKE_ESTABLISH"), initiating.wishes()), List.of());
            case Phase.Authenticating authenticating when session.initiator() -> new TaskNames(more(authenticating.wishes()),
                    with(Stream.of("IKE_CERT_PRE", "IKE_AUTH", "IKE_CERT_POST", "IKE_AUTH_LIFETIME", "IKE_MOBIKE", "IKE_ESTABLISH"), authenticating.wishes()),
                    List.of());
            case Phase.HalfOpen _ -> new TaskNames(List.of(), List.of(), List.of("IKE_INIT", "IKE_CERT_PRE", "IKE_AUTH", "IKE_CERT_POST", "IKE_CONFIG",
                    "IKE_MOBIKE", "IKE_ESTABLISH", "IKE_AUTH_LIFETIME", CREATE));
            case Phase.Authenticating _ -> new TaskNames(List.of(), List.of(), List.of("IKE_CERT_PRE", "IKE_AUTH", "IKE_CERT_POST", "IKE_CONFIG",
                    "IKE_MOBIKE", "IKE_ESTABLISH", "IKE_AUTH_LIFETIME", CREATE));
            default -> new TaskNames(tasks, outstanding(session.phase()).map(request -> List.of(name(request.exchange()))).orElse(List.of()), List.of());
        };
    }

    /** Most sessions have nothing to do, and in a listing there are thousands. */
    private static List<String> names(TaskList<Task> tasks) {
        return tasks.isEmpty() ? List.of() : tasks.stream().map(TaskNames::name).toList();
    }

    private static List<String> with(Stream<String> names, List<Wish> wishes) {
        return Stream.concat(names, wishes.stream().limit(1).map(_ -> CREATE)).toList();
    }

    /** IKE_AUTH makes one child. */
    private static List<String> more(List<Wish> wishes) {
        return wishes.stream().skip(1).map(_ -> CREATE).toList();
    }

    /** Our request that is on its way. */
    static Optional<Outstanding> outstanding(Phase phase) {
        return phase instanceof Phase.Initiating initiating
                ? Optional.of(initiating.outstanding())
                : phase.ikeSa().flatMap(sa -> sa.window().outstanding());
    }

    void list(ViciMessage.Builder out) {
        list(out, "tasks-queued", queued);
        list(out, "tasks-active", active);
        list(out, "tasks-passive", passive);
    }

    private static void list(ViciMessage.Builder out, String key, List<String> names) {
        if (!names.isEmpty()) {
            out.list(key, new ArrayList<>(names));
        }
    }

    private static String name(Exchange exchange) {
        return switch (exchange) {
            case Exchange.Init _ -> "IKE_INIT";
            case Exchange.Authenticate _, Exchange.Converse _, Exchange.ShowKey _ -> "IKE_AUTH";
            case Exchange.CreateChild(var offer, _) -> offer.replaces().isPresent() ? "CHILD_REKEY" : CREATE;
            case Exchange.DeleteChildren _, Exchange.Disown _ -> "CHILD_DELETE";
            case Exchange.DeleteIke _ -> "IKE_DELETE";
            case Exchange.Liveness _ -> "IKE_DPD";
            case Exchange.RekeyIke _ -> "IKE_REKEY";
            case Exchange.Redirect _ -> "IKE_REDIRECT";
            case Exchange.UpdateAddresses _, Exchange.ReturnRoutability _, Exchange.Announce _ -> "IKE_MOBIKE";
        };
    }

    private static String name(Task task) {
        return switch (task) {
            case Task.CreateChild _ -> CREATE;
            case Task.DeleteChild _, Task.DeletePolicy _, Task.EndIfIdle _, Task.Disown _ -> "CHILD_DELETE";
            case Task.DeleteIke _ -> "IKE_DELETE";
            case Task.Liveness _ -> "IKE_DPD";
            case Task.RekeyChild _, Task.SwitchOver _ -> "CHILD_REKEY";
            case Task.Reauthenticate _ -> "IKE_REAUTH";
            case Task.RekeyIke _ -> "IKE_REKEY";
            case Task.Redirect _ -> "IKE_REDIRECT";
            case Task.UpdateAddresses _, Task.ReturnRoutability _, Task.Announce _ -> "IKE_MOBIKE";
        };
    }
}
