package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;

/** {@code list-sas}: one event for each IKE SA that fits. A filter on children hides the others, and no IKE SA. */
record SaListing(AgentControl agent, Supplier<Wording> charons, ListingMemory memory, Departed departed) {
    /** Octets that are written before they are sent: a listing of thousands starts at once and holds little. */
    private static final int CHUNK = 64 * 1024;

    /**
     * Of children and their selectors in one event, each selector as one and what else a child has as {@link #CHILD}: about half of what
     * a segment may hold. An IKE SA that has more comes in several events, each with some of its children.
     */
    private static final int MOST_IN_AN_EVENT = 4_096;

    private static final int CHILD = 16;

    /** What one event shows. */
    private record Shown(SessionView view, List<ChildSa> children) {}

    ViciMessage list(ViciMessage request, ViciCommands.Client client) throws IOException, InterruptedException {
        if (!client.wants(ViciEvents.LIST_SA)) {
            return ViciMessage.EMPTY;
        }
        Wording wording = Wording.of(request, charons);
        SaView sas = new SaView(wording);
        Filter filter = Filter.of(request, wording);
        List<Shown> shown = new ArrayList<>();
        Departed.Seen gone = wording.isOurs() ? Departed.Seen.NONE : departed.seen();
        for (SessionView view : agent.sessions()) {
            if (filter.fits(view)) {
                portions(filter.children(gone.with(view.session())), portion -> shown.add(new Shown(view, portion)));
            }
        }
        List<SaId> ids = sas(shown);
        // Once for all: to read the counters of some may cost as much as to read all of them.
        Map<SaId, Usage> usage = gone.with(agent.usage(ids));
        ListingMemory.Look look = memory.open(wording, ids.size() / 2);
        ByteWriter out = new ByteWriter(CHUNK + CHUNK / 4);
        for (Shown each : shown) {
            Segment.write(out, packet -> ViciPacket.writeEvent(packet, ViciEvents.LIST_SA, sas.fields(each.view, each.children, usage), look));
            if (out.length() > CHUNK) {
                client.streamSegments(ViciEvents.LIST_SA, out.takeBytes());
                out = new ByteWriter(CHUNK + CHUNK / 4);
            }
        }
        if (out.length() > 0) {
            client.streamSegments(ViciEvents.LIST_SA, out.takeBytes());
        }
        if (filter.isOfAll()) {
            look.keep();
        }
        return ViciMessage.EMPTY;
    }

    /** Those of one IKE SA by the event; at least one, which may have none. */
    private static void portions(List<ChildSa> children, Consumer<List<ChildSa>> sink) {
        int from = 0;
        int size = 0;
        int to = 0;
        for (ChildSa next : children) {
            int more = CHILD + next.local().size() + next.remote().size();
            if (size + more > MOST_IN_AN_EVENT && to > from) {
                sink.accept(children.subList(from, to));
                from = to;
                size = 0;
            }
            size += more;
            to++;
        }
        sink.accept(from == 0 ? children : children.subList(from, to));
    }

    private static List<SaId> sas(List<Shown> shown) {
        List<SaId> all = new ArrayList<>(2 * shown.stream().mapToInt(each -> each.children.size()).sum());
        for (Shown each : shown) {
            for (ChildSa child : each.children) {
                all.add(child.inbound());
                all.add(child.outbound());
            }
        }
        return all;
    }

    /** What a request asks for, read once. */
    private record Filter(
            Optional<String> ike, Optional<String> ikeId, Optional<String> child, Optional<String> childId, Wording wording) {
        private static Filter of(ViciMessage request, Wording wording) {
            return new Filter(request.text("ike"), request.text("ike-id"), request.text("child"), request.text("child-id"), wording);
        }

        private boolean isOfAll() {
            return Stream.of(ike, ikeId, child, childId).allMatch(Optional::isEmpty);
        }

        private boolean fits(SessionView view) {
            return equal(ike, () -> view.session().peerName()) && equal(ikeId, () -> Long.toString(view.session().id()));
        }

        private List<ChildSa> children(List<ChildSa> all) {
            return child.isEmpty() && childId.isEmpty() ? all : all.stream().filter(this::fits).toList();
        }

        private boolean fits(ChildSa sa) {
            return child.map(name -> wording.means(name, sa.name())).orElse(true) && equal(childId, () -> Integer.toString(sa.serial()));
        }

        private static boolean equal(Optional<String> wanted, Supplier<String> value) {
            return wanted.isEmpty() || wanted.get().equals(value.get());
        }
    }
}
