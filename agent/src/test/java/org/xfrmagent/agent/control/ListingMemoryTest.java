package org.xfrmagent.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.daemon.Loaded;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Session;

/** An agent that has listed its SAs before lists them as one that never has. */
@Timeout(60)
final class ListingMemoryTest {
    private static final String LISTING = "list-sas";

    private static final ViciMessage IN_OUR_WORDS = ViciMessage.of(out -> out.put("agent", "yes"));

    private final FakeAgent agent = Samples.agent();
    private final Session session = Samples.tunnel(agent.settings());

    @TempDir
    private Path folder = Path.of("");

    private static List<ViciMessage> list(ViciClient client, ViciMessage request) throws IOException {
        return client.list(LISTING, request, ViciEvents.LIST_SA);
    }

    private List<ViciMessage> listAnew(ViciMessage request) throws IOException {
        Path socket = folder.resolve("new.vici");
        try (ViciServer server = Vici.serve(agent, socket); ViciClient client = ViciClient.connect(socket)) {
            assertThat(server).isNotNull();
            return list(client, request);
        }
    }

    @Test
    void countersTimesStatesAndWordsAreThoseOfNow() throws IOException {
        ChildSa child = session.children().getFirst();
        Session rekeying = session.withChildren(List.of(child.withState(ChildSa.State.REKEYING)));
        Path socket = folder.resolve("old.vici");
        agent.with(Samples.NOW, session);
        try (ViciServer server = Vici.serve(agent, socket); ViciClient client = ViciClient.connect(socket)) {
            assertThat(server).isNotNull();
            List<ViciMessage> before = list(client, ViciMessage.EMPTY);
            assertThat(list(client, ViciMessage.EMPTY)).as("nothing happened").isEqualTo(before);

            agent.with(Samples.NOW + 5_000, session).used(child.inbound(), new Usage(123_456, 789, 2));
            List<ViciMessage> later = list(client, ViciMessage.EMPTY);
            assertThat(later).as("traffic, five seconds later").isNotEqualTo(before).isEqualTo(listAnew(ViciMessage.EMPTY));

            agent.with(Samples.NOW + 5_000, rekeying);
            List<ViciMessage> changed = list(client, ViciMessage.EMPTY);
            assertThat(changed).as("its successor is being negotiated").isNotEqualTo(later).isEqualTo(listAnew(ViciMessage.EMPTY));

            List<ViciMessage> ours = list(client, IN_OUR_WORDS);
            assertThat(ours).as("in our words").isNotEqualTo(changed).isEqualTo(listAnew(IN_OUR_WORDS));
            assertThat(list(client, ViciMessage.EMPTY)).as("in charon's again").isEqualTo(changed);
        }
    }

    /** What was asked for by name is not all that there is. */
    @Test
    void whoAsksForOneChildMakesNobodyForget() throws Exception {
        ListingMemory memory = new ListingMemory();
        SaListing listing = new SaListing(agent, () -> Wording.OURS, memory, new Departed(_ -> Map.of(), () -> 0));
        ChildSa child = session.children().getFirst();
        agent.with(Samples.NOW, session);

        listing.list(ViciMessage.EMPTY, NOBODY);
        listing.list(ViciMessage.of(out -> out.put("child", "nobody")), NOBODY);
        assertThat(memory.open(Wording.OURS, 1).find(child)).isPresent();

        agent.with(Samples.NOW);
        listing.list(ViciMessage.EMPTY, NOBODY);
        assertThat(memory.open(Wording.OURS, 1).find(child)).as("it has gone").isEmpty();
    }

    /** Nobody looks for what has come through all that there was. */
    @Test
    void whatStaysIsFoundBehindAFewThatHaveGoneAndNotBehindMany() {
        ListingMemory memory = new ListingMemory();
        List<Object> listed = IntStream.range(0, 200).mapToObj(_ -> new Object()).toList();
        ListingMemory.Look before = memory.open(Wording.OURS, 0);
        listed.forEach(each -> before.learn(each, new ListingMemory.Frame(Bytes.empty(), 0)));
        before.keep();

        ListingMemory.Look now = memory.open(Wording.OURS, 0);
        assertThat(now.find(listed.get(ListingMemory.NEAR - 1))).as("a few have gone").isPresent();
        assertThat(now.find(new Object())).as("it has come").isEmpty();
        assertThat(now.find(listed.get(2 * ListingMemory.NEAR))).as("many have gone").isEmpty();
        assertThat(now.find(listed.get(ListingMemory.NEAR))).as("the next is still there").isPresent();
    }

    /** Wants everything and keeps nothing. */
    private static final ViciCommands.Client NOBODY = new ViciCommands.Client() {
        @Override
        public boolean wants(String event) {
            return true;
        }

        @Override
        public void stream(String event, ViciMessage message) {}

        @Override
        public void streamSegments(String event, Bytes segments) {}

        @Override
        public void push(String event, Bytes packet) {}

        @Override
        public Map<String, UnaryOperator<Loaded>> refused() {
            return Map.of();
        }
    };
}
