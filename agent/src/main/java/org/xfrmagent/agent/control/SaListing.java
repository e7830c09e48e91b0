package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;

/** {@code list-sas}: one event for each IKE SA that fits. A filter on children hides the others, and no IKE SA. */
record SaListing(AgentControl agent, Supplier<Wording> charons) {
    /** Events that one processor writes before they are sent: a listing of thousands starts at once and holds little. */
    private static final int CHUNK = 64;

    /** Chunks that all processors write at a time. */
    private static final int CHUNKS = 8;

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
        for (SessionView view : agent.sessions()) {
            if (filter.fits(view)) {
                portions(filter.children(view), portion -> shown.add(new Shown(view, portion)));
            }
        }
        // Once for all: to read the counters of some may cost as much as to read all of them.
        Map<SaId, Usage> usage = agent.usage(sas(shown));
        List<List<Shown>> chunks = chunks(shown, CHUNK);
        for (List<List<Shown>> together : chunks(chunks, CHUNKS)) {
            for (Bytes segments : together.parallelStream().map(chunk -> segments(chunk, sas, usage)).toList()) {
                client.streamSegments(ViciEvents.LIST_SA, segments);
            }
        }
        return ViciMessage.EMPTY;
    }

    private static Bytes segments(List<Shown> chunk, SaView sas, Map<SaId, Usage> usage) {
        ByteWriter out = new ByteWriter(CHUNK * 1024);
        for (Shown each : chunk) {
            Segment.write(out, packet -> ViciPacket.writeEvent(packet, ViciEvents.LIST_SA, sas.fields(each.view, each.children, usage)));
        }
        return out.takeBytes();
    }

    private static <E> List<List<E>> chunks(List<E> all, int size) {
        return IntStream.iterate(0, from -> from < all.size(), from -> from + size)
                .mapToObj(from -> all.subList(from, Math.min(from + size, all.size())))
                .toList();
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

    private static Set<SaId> sas(List<Shown> shown) {
        Set<SaId> all = new HashSet<>(4 * shown.size());
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

        private boolean fits(SessionView view) {
            return equal(ike, () -> view.session().peerName()) && equal(ikeId, () -> Long.toString(view.session().id()));
        }

        private List<ChildSa> children(SessionView view) {
            List<ChildSa> all = view.session().children();
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
