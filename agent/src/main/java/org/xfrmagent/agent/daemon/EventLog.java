package org.xfrmagent.agent.daemon;

import java.io.PrintStream;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.xfrmagent.agent.daemon.LogLine.Level;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;

/**
 * The log: one line per event on stderr. Under journald a line begins with its severity and journald adds the time; elsewhere it
 * begins with the time. What anybody can cause at will, dropped inputs and callers that never say who they are, is limited to
 * {@value #DROPS_PER_WINDOW} lines per rule, or {@value #STRANGERS_PER_WINDOW} in all, in {@value #WINDOW_SECONDS} seconds, and the rest
 * is counted. What a peer chooses never reaches the terminal unescaped.
 */
final class EventLog {
    static final int DROPS_PER_WINDOW = 5;
    static final int STRANGERS_PER_WINDOW = 100;
    static final int WINDOW_SECONDS = 10;
    private static final int LONGEST = 2_000;

    private final PrintStream out;
    private final Clock clock;
    private final boolean journal;
    private final Map<Event.Rule, Window> drops = new EnumMap<>(Event.Rule.class);
    private final Window strangers = new Window();

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
        if (event instanceof Event.Dropped dropped ? admit(dropped.rule()) : session.profile().isPresent() || admitStranger()) {
            write(EventTexts.of(session, event));
        }
    }

    /** A dropped input that no event was made of. */
    void drop(Event.Rule rule, Supplier<String> detail) {
        if (admit(rule)) {
            write(EventTexts.without("ike", new Event.Dropped(rule, detail.get())));
        }
    }

    /** An event that belongs to no session. */
    void note(Event event) {
        boolean admitted = switch (event) {
            case Event.Dropped(Event.Rule rule, _) -> admit(rule);
            case Event.Refused _ -> admitStranger();
            default -> true;
        };
        if (admitted) {
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
        synchronized (drops) {
            return admit(drops.computeIfAbsent(rule, _ -> new Window()), DROPS_PER_WINDOW, "dropped (" + EventTexts.label(rule) + ")");
        }
    }

    /** Whether an event of a caller that has not said who it is still gets a line. */
    private boolean admitStranger() {
        synchronized (drops) {
            return admit(strangers, STRANGERS_PER_WINDOW, "callers that nobody knows");
        }
    }

    private boolean admit(Window window, int most, String what) {
        // The wall clock may be set back: then a window that would last as long as that step ends at once.
        long now = clock.instant().getEpochSecond();
        if (window.began == Long.MIN_VALUE || now < window.began || now - window.began >= WINDOW_SECONDS) {
            int missed = window.silent;
            window.began = now;
            window.lines = 0;
            window.silent = 0;
            if (missed > 0) {
                write(new LogLine(Level.INFO, "ike", what + ": " + missed + " more without a line"));
            }
        }
        if (window.lines >= most) {
            window.silent++;
            return false;
        }
        window.lines++;
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
