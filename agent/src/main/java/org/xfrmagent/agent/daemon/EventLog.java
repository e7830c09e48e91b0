package org.xfrmagent.agent.daemon;

import java.io.PrintStream;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import org.xfrmagent.agent.daemon.LogLine.Level;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;

/**
 * The log: one line per event on stderr. Under journald a line begins with its severity and journald adds the time; elsewhere it
 * begins with the time. What a peer can cause at will, dropped inputs, is limited to {@value #DROPS_PER_WINDOW} lines per rule in
 * {@value #WINDOW_SECONDS} seconds, and the rest is counted. What a peer chooses never reaches the terminal unescaped.
 */
final class EventLog {
    static final int DROPS_PER_WINDOW = 5;
    static final int WINDOW_SECONDS = 10;
    private static final int LONGEST = 2_000;

    private final PrintStream out;
    private final Clock clock;
    private final boolean journal;
    private final Map<Event.Rule, Window> drops = new EnumMap<>(Event.Rule.class);

    private static final class Window {
        private long began = Long.MIN_VALUE;
        private int lines;
        private int silent;
    }

    EventLog(PrintStream out, Clock clock, boolean journal) {
        this.out = out;
        this.clock = clock;
        this.journal = journal;
    }

    /** The agent's own: stderr, which is journald's if JOURNAL_STREAM is set (systemd.exec(5)). */
    static EventLog onStderr() {
        return new EventLog(System.err, Clock.systemUTC(), System.getenv("JOURNAL_STREAM") != null);
    }

    void event(Session session, Event event) {
        if (!(event instanceof Event.Dropped dropped) || admit(dropped.rule())) {
            write(EventTexts.of(session, event));
        }
    }

    /** An event that belongs to no session. */
    void note(Event event) {
        if (!(event instanceof Event.Dropped dropped) || admit(dropped.rule())) {
            write(EventTexts.without("ike", event));
        }
    }

    void error(String subject, String text) {
        write(new LogLine(Level.ERROR, subject, text));
    }

    void warning(String subject, String text) {
        write(new LogLine(Level.WARNING, subject, text));
    }

    void notice(String subject, String text) {
        write(new LogLine(Level.NOTICE, subject, text));
    }

    void info(String subject, String text) {
        write(new LogLine(Level.INFO, subject, text));
    }

    /** Whether a dropped input still gets a line; says how many did not when a window ends. */
    private boolean admit(Event.Rule rule) {
        int missed;
        synchronized (drops) {
            Window window = drops.computeIfAbsent(rule, _ -> new Window());
            long now = clock.instant().getEpochSecond();
            if (window.began == Long.MIN_VALUE || now - window.began >= WINDOW_SECONDS) {
                missed = window.silent;
                window.began = now;
                window.lines = 0;
                window.silent = 0;
            } else {
                missed = 0;
            }
            if (window.lines >= DROPS_PER_WINDOW) {
                window.silent++;
                return false;
            }
            window.lines++;
        }
        if (missed > 0) {
            write(new LogLine(Level.INFO, "ike", "dropped (" + EventTexts.label(rule) + "): " + missed + " more without a line"));
        }
        return true;
    }

    private void write(LogLine line) {
        StringBuilder text = new StringBuilder(160);
        if (journal) {
            text.append('<').append(line.level().severity()).append('>');
        } else {
            text.append(clock.instant().truncatedTo(ChronoUnit.MILLIS)).append(' ');
            if (line.level().severity() <= Level.WARNING.severity()) {
                text.append(line.level() == Level.ERROR ? "ERROR " : "WARNING ");
            }
        }
        escape(text, line.subject());
        text.append(": ");
        escape(text, line.text());
        // One call, one line: threads do not interleave inside it.
        out.println(text);
    }

    private static void escape(StringBuilder into, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (i == LONGEST) {
                into.append('…');
                return;
            }
            char c = text.charAt(i);
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || c == '\u2028' || c == '\u2029') {
                into.append("\\u%04x".formatted((int) c));
            } else {
                into.append(c);
            }
        }
    }
}
