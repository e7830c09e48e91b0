package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;

/** {@code list-sas}: one event for each IKE SA that fits. A filter on children hides the others, and no IKE SA. */
record SaListing(AgentControl agent, Supplier<Wording> charons) {
    /** Sessions that all processors describe at a time: a listing of thousands starts at once and holds little. */
    private static final int CHUNK = 256;

    ViciMessage list(ViciMessage request, ViciCommands.Client client) throws IOException, InterruptedException {
        Wording wording = Wording.of(request, charons);
        SaView sas = new SaView(wording);
        List<SessionView> fitting = agent.sessions().stream().filter(view -> fits(request, view)).toList();
        // Once for all: to read the counters of some may cost as much as to read all of them.
        Map<SaId, Usage> usage = agent.usage(sas(fitting, request, wording));
        for (int from = 0; from < fitting.size(); from += CHUNK) {
            List<SessionView> chunk = fitting.subList(from, Math.min(from + CHUNK, fitting.size()));
            client.stream(ViciEvents.LIST_SA,
                    chunk.parallelStream().map(view -> sas.of(view, children(view, request, wording), usage)).toList());
        }
        return ViciMessage.EMPTY;
    }

    private static Set<SaId> sas(List<SessionView> listed, ViciMessage request, Wording wording) {
        return listed.stream()
                .flatMap(view -> children(view, request, wording).stream())
                .flatMap(child -> Stream.of(child.inbound(), child.outbound()))
                .collect(Collectors.toSet());
    }

    private static boolean fits(ViciMessage request, SessionView view) {
        return equal(request.text("ike"), view.session().peerName()) && equal(request.text("ike-id"), Long.toString(view.session().id()));
    }

    private static List<ChildSa> children(SessionView view, ViciMessage request, Wording wording) {
        return view.session().children().stream()
                .filter(child -> request.text("child").map(name -> wording.means(name, child.name())).orElse(true)
                        && equal(request.text("child-id"), Integer.toString(child.serial())))
                .toList();
    }

    private static boolean equal(Optional<String> wanted, String value) {
        return wanted.isEmpty() || wanted.get().equals(value);
    }
}
