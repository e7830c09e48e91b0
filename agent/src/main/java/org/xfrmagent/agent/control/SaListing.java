package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** An event that has grown to this takes no more children: an IKE SA that has more comes in several events. */
    private static final int FULL = Segment.MAX_OCTETS / 2;

    /** Children that stand for all when it is told how much is known of them: to look at each takes as long as to list it. */
    private static final int SAMPLES = 64;

    /** What is shown of one IKE SA. */
    private record Shown(SessionView view, List<ChildSa> children) {}

    ViciMessage list(ViciMessage request, ViciCommands.Client client) throws IOException, InterruptedException {
        if (!client.wants(ViciEvents.LIST_SA)) {
            return ViciMessage.EMPTY;
        }
        Wording wording = Wording.of(request, charons);
        SaView sas = new SaView(wording);
        Filter filter = Filter.of(request, wording);
        List<Shown> shown = new ArrayList<>();
        int count = 0;
        Departed.Seen gone = wording.isOurs() ? Departed.Seen.NONE : departed.seen();
        for (SessionView view : agent.sessions()) {
            if (filter.fits(view)) {
                List<ChildSa> children = filter.children(gone.with(view.session()));
                shown.add(new Shown(view, children));
                count += children.size();
            }
        }
        // Once for all: to read the counters of some may cost as much as to read all of them.
        Map<SaId, Usage> usage = gone.with(usage(shown, count));
        ListingMemory.Look look = memory.open(wording, count);
        ByteWriter out = new ByteWriter(CHUNK + CHUNK / 4);
        for (Shown each : shown) {
            Iterator<ChildSa> left = each.children.iterator();
            do {
                ByteWriter event = out;
                int full = event.length() + FULL;
                Segment.write(event, packet -> ViciPacket.writeEvent(
                        packet, ViciEvents.LIST_SA, sas.fields(each.view, left, () -> packet.length() < full, usage), look));
                if (out.length() > CHUNK) {
                    client.streamSegments(ViciEvents.LIST_SA, out.takeBytes());
                    out = new ByteWriter(CHUNK + CHUNK / 4);
                }
            } while (left.hasNext());
        }
        if (out.length() > 0) {
            client.streamSegments(ViciEvents.LIST_SA, out.takeBytes());
        }
        if (filter.isOfAll()) {
            look.keep();
        }
        return ViciMessage.EMPTY;
    }

    private Map<SaId, Usage> usage(List<Shown> shown, int count) {
        int step = Math.max(1, count / SAMPLES);
        List<SaId> some = new ArrayList<>();
        int first = 0;
        int next = 0;
        for (Shown each : shown) {
            for (; next < first + each.children.size(); next += step) {
                ChildSa child = each.children.get(next - first);
                some.add(child.inbound());
                some.add(child.outbound());
            }
            first += each.children.size();
        }
        return step == 1 ? agent.usage(some) : agent.usageOfAll(some);
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
