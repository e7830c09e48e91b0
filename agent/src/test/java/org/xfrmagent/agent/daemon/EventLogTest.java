package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Ip;

class EventLogTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private Instant now = Instant.parse("2026-01-02T03:04:05.678Z");

    private EventLog log(boolean journal) {
        InstantSource source = () -> now;
        return new EventLog(new PrintStream(written, true, StandardCharsets.UTF_8), source.withZone(ZoneOffset.UTC), journal);
    }

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static Session session() {
        Path path = new Path(Ip.parse("192.0.2.1").orElseThrow(), 500, Ip.parse("192.0.2.2").orElseThrow(), 500);
        Settings settings = new Settings(List.of(), (_, _) -> Optional.empty(), Settings.Ports.STANDARD);
        return Session.fresh(7, 0, false, true, settings, Optional.empty(), path, 0);
    }

    @Test
    void oneLineSaysWhenWhoAndWhy() {
        log(false).event(session(), new Event.IkeFailed("no proposal suits", session(), true));
        assertThat(lines()).containsExactly("2026-01-02T03:04:05.678Z ERROR 192.0.2.2[7]: IKE SA failed: no proposal suits");
    }

    @Test
    void underJournaldTheSeverityComesFirstAndTheTimeIsJournalds() {
        EventLog log = log(true);
        log.event(session(), new Event.IkeFailed("no proposal suits", session(), true));
        log.event(session(), new Event.ChildFailed("lans", "TS_UNACCEPTABLE"));
        log.info("agent", "hello");
        assertThat(lines()).containsExactly(
                "<3>192.0.2.2[7]: IKE SA failed: no proposal suits",
                "<3>192.0.2.2[7]/lans: child SA failed: TS_UNACCEPTABLE",
                "<6>agent: hello");
    }

    @Test
    void aClockThatIsSetBackDoesNotSilenceTheLog() {
        EventLog log = log(true);
        for (int i = 0; i < 1000; i++) {
            log.note(new Event.Dropped(Event.Rule.MALFORMED, "noise " + i));
        }
        now = now.minusSeconds(3_600);
        log.note(new Event.Dropped(Event.Rule.MALFORMED, "an hour earlier"));
        assertThat(lines()).endsWith("<6>ike: dropped (malformed): 995 more without a line", "<6>ike: dropped (malformed): an hour earlier");
    }

    @Test
    void whatAPeerChoosesStaysOnItsLine() {
        log(true).event(session(), new Event.Refused("AUTHENTICATION_FAILED", "\u001b[31mevil\n<0>kernel: panic\u202e"));
        assertThat(lines()).containsExactly(
                "<4>192.0.2.2[7]: refused with AUTHENTICATION_FAILED: \\u001b[31mevil\\u000a<0>kernel: panic\\u202e");
    }

    @Test
    void aFloodOfBadDatagramsIsCountedNotWritten() {
        EventLog log = log(true);
        for (int i = 0; i < 1000; i++) {
            log.note(new Event.Dropped(Event.Rule.MALFORMED, "noise " + i));
        }
        log.note(new Event.Dropped(Event.Rule.UNKNOWN_SPI, "another rule has its own measure"));
        assertThat(lines()).hasSize(EventLog.DROPS_PER_WINDOW + 1);
        now = now.plusSeconds(EventLog.WINDOW_SECONDS);
        log.note(new Event.Dropped(Event.Rule.MALFORMED, "again"));
        assertThat(lines()).endsWith("<6>ike: dropped (malformed): 995 more without a line", "<6>ike: dropped (malformed): again");
    }
}
