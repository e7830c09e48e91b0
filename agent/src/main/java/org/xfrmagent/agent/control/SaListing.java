package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;

/** {@code list-sas}: one event for each IKE SA that fits. A filter on children also hides the IKE SA's other children. */
record SaListing(AgentControl agent) {
    /** Sessions whose counters are read at a time: a listing of thousands starts at once and holds little. */
    private static final int CHUNK = 256;

    ViciMessage list(ViciMessage request, ViciCommands.Client client) throws IOException, InterruptedException {
        List<SessionView> fitting = agent.sessions().stream().filter(view -> fits(request, view)).toList();
        for (int from = 0; from < fitting.size(); from += CHUNK) {
            List<SessionView> chunk = fitting.subList(from, Math.min(from + CHUNK, fitting.size()));
            Map<SaId, Usage> usage = agent.usage(sas(chunk, request));
            for (SessionView view : chunk) {
                client.stream(ViciEvents.LIST_SA, SaView.of(view, children(view, request), usage));
            }
        }
        return ViciMessage.EMPTY;
    }

    private static Set<SaId> sas(List<SessionView> chunk, ViciMessage request) {
        return chunk.stream()
                .flatMap(view -> children(view, request).stream())
                .flatMap(child -> Stream.of(child.inbound(), child.outbound()))
                .collect(Collectors.toSet());
    }

    private static boolean fits(ViciMessage request, SessionView view) {
        boolean childWanted = request.text("child").isPresent() || request.text("child-id").isPresent();
        return equal(request.text("ike"), view.session().peerName())
                && equal(request.text("ike-id"), Long.toString(view.session().id()))
                && (!childWanted || !children(view, request).isEmpty());
    }

    private static List<ChildSa> children(SessionView view, ViciMessage request) {
        return view.session().children().stream()
                .filter(child -> equal(request.text("child"), child.name()) && equal(request.text("child-id"), Integer.toString(child.serial())))
                .toList();
    }

    private static boolean equal(Optional<String> wanted, String value) {
        return wanted.isEmpty() || wanted.get().equals(value);
    }
}
