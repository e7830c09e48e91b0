package org.xfrmagent.agent.control;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.agent.control.ViewsTest.SAS;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.daemon.AgentEvent;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;

/** What is told of events as they happen, beside what a real charon 5.9.8 told. */
final class EventViewTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Departed departed = new Departed(EventViewTest::carried, nanos::get);
    private final Settings settings = Samples.settings(Samples.policies());

    private static Map<SaId, Usage> carried(Set<SaId> which) {
        return which.stream().collect(toMap(sa -> sa, _ -> new Usage(252, 3, 3)));
    }

    @Test
    void upAndDownAreToldInCharonsWordsAndOrder() throws IOException {
        Session session = Samples.behindNat(settings);
        ChildSa host = session.children().getFirst();
        List<String> captured = ViewsTest.read("charon-events.raw").lines().toList();

        assertThat(told(session.withPhase(new Phase.Closed("deleted")), new Event.IkeDown("deleted", session, Event.End.OURS)))
                .isEqualTo(words(captured.get(1)));
        // The capture: a child with PFS goes down, (the IKE SA and its other child,) then both come up again.
        assertThat(told(session, new Event.IkeUp(true))).isEqualTo(words(captured.get(3)));
        assertThat(told(session, new Event.ChildUp(host))).isEqualTo(words(captured.get(4)));
        assertThat(told(session, new Event.ChildDown(host, "deleted", Event.End.OURS))).isEqualTo(words(captured.get(0).replaceFirst(" dh-group=MODP_2048 (?=bytes)", " ")));
    }

    @Test
    void aChildThatGoesAloneIsToldAsDeletedWithWhatItHasCarried() {
        Session session = Samples.tunnel(settings);
        ChildSa child = session.children().getFirst();
        EventView events = new EventView(SAS, EventViewTest::carried, departed);

        ViciMessage alone = child(events, new AgentEvent(Instant.EPOCH, session, new Event.ChildDown(child, "asked for", Event.End.OURS)));
        ViciMessage up = child(events, new AgentEvent(Instant.EPOCH, session, new Event.ChildUp(child)));

        assertThat(alone.text("state")).contains("DELETED");
        assertThat(alone.text("bytes-in")).contains("252");
        assertThat(up.text("packets-out")).as("nothing yet, and nobody is asked").contains("0");
    }

    /** As charon tells it: the IKE SA first, whether its children went at once or with the peer's confirmation. */
    @Test
    void childrenThatGoWithTheirIkeSaAreToldAfterIt() {
        Session session = Samples.tunnel(settings);
        ChildSa child = session.children().getFirst();
        Session closing = session.withPhase(new Phase.Closing(session.phase().ikeSa().orElseThrow(), "", List.of())).withChildren(List.of());
        EventView events = new EventView(SAS, EventViewTest::carried, departed);

        AgentEvent childDown = new AgentEvent(Instant.EPOCH, closing, new Event.ChildDown(child, "", Event.End.OURS));
        departed.note(childDown, false);
        assertThat(events.updown(childDown)).isEmpty();
        assertThat(departed.seen().with(closing)).as("listed until it is confirmed").containsExactly(child);
        assertThat(departed.seen().with(Map.of()).get(child.inbound())).isEqualTo(new Usage(252, 3, 3));
        AgentEvent ikeDown = new AgentEvent(Instant.EPOCH, closing.withPhase(new Phase.Closed("")), new Event.IkeDown("", closing, Event.End.OURS));
        List<EventView.Told> told = events.updown(ikeDown);
        departed.forget(ikeDown);

        assertThat(told).extracting(EventView.Told::name).containsExactly("ike-updown", "child-updown");
        assertThat(told).allSatisfy(each -> assertThat(each.message().section("ab").text("state")).contains("DELETING"));
        ViciMessage gone = told.getLast().message().section("ab").section("child-sas").section("net-1");
        assertThat(gone.text("state")).contains("INSTALLED");
        assertThat(gone.text("packets-out")).contains("3");
        assertThat(events.updown(new AgentEvent(Instant.EPOCH, closing, new Event.IkeDown("", closing, Event.End.OURS))))
                .extracting(EventView.Told::name).as("once").containsExactly("ike-updown");
    }

    /** Its SAs take what comes late, and charon shows it as long. */
    @Test
    void aChildThatHasBeenReplacedIsSeenForFiveSeconds() {
        Session session = Samples.tunnel(settings);
        ChildSa child = session.children().getFirst();
        ChildSa old = child.withState(ChildSa.State.REKEYED);
        departed.note(new AgentEvent(Instant.EPOCH, session.withChildren(List.of()), new Event.ChildDown(old, "", Event.End.CLOSED)), false);

        nanos.addAndGet(4_999_999_999L);
        assertThat(departed.seen().with(session.withChildren(List.of()))).singleElement()
                .satisfies(seen -> assertThat(seen.state()).isEqualTo(ChildSa.State.DELETED));
        assertThat(departed.seen().with(session)).as("one that is there is itself").containsExactly(child);
        nanos.addAndGet(1);
        assertThat(departed.seen()).isSameAs(Departed.Seen.NONE);
    }

    @Test
    void anIkeSaWhosePeerIsLostIsToldAsItWas() {
        Session session = Samples.tunnel(settings);

        assertThat(told(session.withPhase(new Phase.Closed("")), new Event.IkeDown("silent", session, Event.End.LOST)))
                .startsWith("ike-updown event {ab {").contains(" established=");
    }

    /** As charon: who was refused is told, who got no answer is not. */
    @Test
    void anIkeSaThatWasRefusedIsToldAsDown() {
        Session session = Samples.fresh(settings);
        EventView events = new EventView(SAS, _ -> Map.of(), new Departed(_ -> Map.of(), () -> 0));

        assertThat(told(session, new Event.IkeFailed("AUTHENTICATION_FAILED", session, true))).startsWith("ike-updown event {ab {");
        assertThat(events.updown(new AgentEvent(Instant.EPOCH, session, new Event.IkeFailed("it did not answer", session, false)))).isEmpty();
    }

    @Test
    void aRekeyedChildIsToldAsTheOldAndTheNewOne() {
        Session session = Samples.tunnel(settings);
        ChildSa old = session.children().getFirst();

        EventView.Told told = new EventView(SAS, _ -> Map.of(), new Departed(_ -> Map.of(), () -> 0))
                .updown(new AgentEvent(Instant.EPOCH, session, new Event.ChildRekeyed(old, old))).getFirst();

        ViciMessage pair = told.message().section("ab").section("child-sas").section("net");
        assertThat(told.name()).isEqualTo("child-rekey");
        assertThat(pair.sections().stream().map(ViciMessage.Section::name)).containsExactly("old", "new");
        assertThat(pair.section("old").text("state")).contains("REKEYED");
        assertThat(pair.section("new").text("state")).contains("INSTALLED");
        assertThat(pair.section("new").elements().getFirst().name()).isEqualTo("name");
    }

    private static ViciMessage child(EventView events, AgentEvent happened) {
        return events.updown(happened).getFirst().message().section("ab").section("child-sas").section("net-1");
    }

    @Test
    void anIkeSaThatWasReplacedIsToldWithBothItsSpis() {
        Session before = Samples.tunnel(settings);
        Phase.Established old = (Phase.Established) before.phase();
        Phase.Established fresh = new Phase.Established(Samples.ikeSa(0x11L, 0x22L, "aes256gcm16-prfsha256-x25519"), old.local(), old.remote(), old.user(),
                old.since(), old.inner(), List.of(new Phase.Retired(old.sa(), Samples.NOW)));

        EventView.Told told = new EventView(SAS, _ -> Map.of(), new Departed(_ -> Map.of(), () -> 0)).updown(new AgentEvent(Instant.EPOCH, before.withPhase(fresh), new Event.IkeRekeyed(before))).getFirst();

        assertThat(told.name()).isEqualTo("ike-rekey");
        assertThat(told.message().section("ab").section("old").text("initiator-spi")).contains("1790480c904cb0d2");
        assertThat(told.message().section("ab").section("new").text("initiator-spi")).contains("0000000000000011");
    }

    /** As charon tells it, which moves after it has told: the new addresses first, the old ones in the IKE SA. */
    @Test
    void anIkeSaThatHasMovedIsToldWithItsNewAddressesAndItsOldOnes() {
        Session before = Samples.tunnel(settings);
        Session moved = before.withPath(new Path(Samples.address("10.9.0.11"), 4500, before.path().remote(), 4501));

        EventView.Told told = new EventView(SAS, _ -> Map.of(), new Departed(_ -> Map.of(), () -> 0)).updown(new AgentEvent(Instant.EPOCH, moved, new Event.Moved(before, "moving"))).getFirst();

        assertThat(told.name()).isEqualTo("ike-update");
        assertThat(told.message().toString()).startsWith("local-host=10.9.0.11 local-port=4500 remote-host=10.9.0.2 remote-port=4501 ab {uniqueid=1 version=2 ");
        assertThat(told.message().section("ab").text("local-host")).contains("10.9.0.1");
        assertThat(told.message().section("ab").text("remote-port")).contains("4500");
        assertThat(told.message().section("ab").sections()).as("without children").isEmpty();
    }

    @Test
    void whatCharonAlertsToIsToldAsAnAlertWithItsIkeSa() {
        Session up = Samples.tunnel(settings);
        Session fresh = Samples.fresh(settings);
        assertThat(alert(fresh, new Event.Refused("AUTHENTICATION_FAILED", "wrong key"))).contains("peer-auth-failed");
        assertThat(alert(fresh, new Event.Refused("NO_PROPOSAL_CHOSEN", "none"))).contains("proposal-mismatch-ike");
        assertThat(alert(up, new Event.Refused("NO_PROPOSAL_CHOSEN", "none"))).contains("proposal-mismatch-child");
        assertThat(alert(up, new Event.Refused("TS_UNACCEPTABLE", "none"))).contains("ts-mismatch");
        assertThat(alert(up, new Event.Refused("TEMPORARY_FAILURE", "busy"))).isEmpty();
        assertThat(alert(up, new Event.Retransmitted(3, 1))).contains("retransmit-send");
        assertThat(alert(up, new Event.Dropped(Event.Rule.MALFORMED, "it is too short"))).contains("parse-error-body");
        assertThat(alert(up, new Event.Dropped(Event.Rule.UNAUTHENTIC, "it is not the peer's"))).isEmpty();
        assertThat(alert(up, new Event.IkeUp(false))).isEmpty();
    }

    private static Optional<String> alert(Session session, Event event) {
        return new EventView(SAS, _ -> Map.of(), new Departed(_ -> Map.of(), () -> 0)).alert(new AgentEvent(Instant.EPOCH, session, event)).flatMap(told -> {
            assertThat(told.name()).isEqualTo("alert");
            assertThat(told.message().section("ike-sa").section("ab").text("uniqueid")).contains("1");
            return told.message().text("type");
        });
    }

    private static String told(Session session, Event event) {
        EventView.Told told = new EventView(SAS, _ -> Map.of(), new Departed(_ -> Map.of(), () -> 0)).updown(new AgentEvent(Instant.EPOCH, session, event)).getFirst();
        return words(told.name() + " event {" + told.message() + "}");
    }

    /** A raw event without what differs from SA to SA, and without what we do not have. */
    private static String words(String raw) {
        return raw.replaceAll(" (rekey-time|life-time|tasks-active|agent-[a-z-]+)=(\\[[^]]*\\]|\\d+|[^ }]+)", "")
                .replaceAll("((?:spi(?:-in|-out)?|uniqueid|established|install-time|(?<!\\{)state)=)[0-9a-zA-Z]+", "$1*")
                .replaceAll("host-\\d+", "host-*");
    }
}
