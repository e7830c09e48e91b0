package org.xfrmagent.agent.daemon;

import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;

/** Where every event passes: it is counted, logged, and handed to those who listen. Called on the session's own thread. */
final class EventHub {
    private final EventLog log;
    private final Clock clock;
    private final List<Consumer<AgentEvent>> sinks = new CopyOnWriteArrayList<>();
    private final IkeCounters messages = new IkeCounters();
    private final LongAdder ikeUps = new LongAdder();
    private final LongAdder ikeFailures = new LongAdder();
    private final LongAdder retransmissions = new LongAdder();
    private final Map<Event.Rule, LongAdder> dropped = new EnumMap<>(Event.Rule.class);

    EventHub(EventLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
        for (Event.Rule rule : Event.Rule.values()) {
            dropped.put(rule, new LongAdder());
        }
    }

    EventLog log() {
        return log;
    }

    IkeCounters messages() {
        return messages;
    }

    void publish(Session session, Event event) {
        count(event);
        messages.happened(Optional.of(session), event);
        log.event(session, event);
        AgentEvent said = new AgentEvent(clock.instant(), session, event);
        sinks.forEach(sink -> tell(sink, said));
    }

    private void tell(Consumer<AgentEvent> sink, AgentEvent said) {
        try {
            sink.accept(said);
        } catch (RuntimeException broken) {
            // A listener's bug must not stop the session it listens to.
            log.error("events", "a listener failed and is no longer told: " + broken);
            sinks.remove(sink);
        }
    }

    /** An event that belongs to no session. */
    void note(Event event) {
        count(event);
        messages.happened(Optional.empty(), event);
        log.note(event);
    }

    /** An input that was dropped; {@code detail} is put into words only if there is a line for it. */
    void drop(Event.Rule rule, Supplier<String> detail) {
        count(rule);
        messages.dropped(Optional.empty(), rule);
        log.drop(rule, detail);
    }

    AgentControl.Subscription listen(Consumer<AgentEvent> sink) {
        // Who listened first is told last: what carries out orders answers after those who watch them have heard.
        sinks.addFirst(sink);
        return () -> sinks.remove(sink);
    }

    private void count(Event event) {
        switch (event) {
            case Event.IkeUp _ -> ikeUps.increment();
            case Event.IkeFailed _ -> ikeFailures.increment();
            case Event.Retransmitted _ -> retransmissions.increment();
            case Event.Dropped(Event.Rule rule, _) -> count(rule);
            default -> {}
        }
    }

    private void count(Event.Rule rule) {
        LongAdder counter = dropped.get(rule);
        if (counter != null) {
            counter.increment();
        }
    }

    AgentInfo.Counters counters(long halfOpen, long established) {
        Map<Event.Rule, Long> drops = new EnumMap<>(Event.Rule.class);
        dropped.forEach((rule, counter) -> drops.put(rule, counter.sum()));
        return new AgentInfo.Counters(halfOpen, established, ikeUps.sum(), ikeFailures.sum(), retransmissions.sum(), drops);
    }
}
