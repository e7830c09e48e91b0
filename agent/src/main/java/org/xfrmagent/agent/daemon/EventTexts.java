package org.xfrmagent.agent.daemon;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import org.xfrmagent.agent.daemon.LogLine.Level;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.TrafficSelector;

/** What each event is called in the log. */
final class EventTexts {
    private EventTexts() {}

    /** The line for an event of a session. */
    static LogLine of(Session session, Event event) {
        String subject = session.peerName() + "[" + session.id() + "]";
        return switch (event) {
            case Event.IkeUp(boolean initialContact) ->
                new LogLine(Level.NOTICE, subject, "IKE SA up: " + ikeSa(session) + (initialContact ? ", initial contact" : ""));
            case Event.ChildUp(ChildSa child) -> new LogLine(Level.NOTICE, child(subject, child), "child SA up: " + child(child));
            case Event.ChildDown(ChildSa child, String reason) ->
                new LogLine(Level.NOTICE, child(subject, child), "child SA down: " + reason);
            case Event.ChildRekeyed(ChildSa old, ChildSa fresh) ->
                new LogLine(Level.INFO, child(subject, fresh), "child SA replaces {" + old.serial() + "}: " + child(fresh));
            case Event.ChildFailed(String policy, String reason) ->
                new LogLine(Level.ERROR, subject + "/" + policy, "child SA failed: " + reason);
            default -> without(subject, event);
        };
    }

    /** The line for an event that belongs to no session; {@code subject} says where it comes from. */
    static LogLine without(String subject, Event event) {
        return switch (event) {
            case Event.Entered(String phase, String story) -> new LogLine(Level.INFO, subject, phase + ": " + story);
            case Event.IkeUp _ -> new LogLine(Level.NOTICE, subject, "IKE SA up");
            case Event.IkeDown(String reason) -> new LogLine(Level.NOTICE, subject, "IKE SA down: " + reason);
            case Event.IkeFailed(String reason) -> new LogLine(Level.ERROR, subject, "IKE SA failed: " + reason);
            case Event.ChildUp(ChildSa child) -> new LogLine(Level.NOTICE, child(subject, child), "child SA up: " + child(child));
            case Event.ChildDown(ChildSa child, String reason) ->
                new LogLine(Level.NOTICE, child(subject, child), "child SA down: " + reason);
            case Event.ChildFailed(String policy, String reason) ->
                new LogLine(Level.ERROR, subject + "/" + policy, "child SA failed: " + reason);
            case Event.IkeRekeyed() -> new LogLine(Level.INFO, subject, "IKE SA replaced by its successor");
            case Event.ChildRekeyed(_, ChildSa fresh) -> new LogLine(Level.INFO, child(subject, fresh), "child SA rekeyed: " + child(fresh));
            case Event.Dropped(Event.Rule rule, String detail) ->
                new LogLine(rule == Event.Rule.BUG ? Level.ERROR : Level.INFO, subject, "dropped (" + label(rule) + "): " + detail);
            case Event.Refused(String notify, String detail) -> new LogLine(Level.WARNING, subject, "refused with " + notify + ": " + detail);
            case Event.Retransmitted(int messageId, int attempt) ->
                new LogLine(Level.INFO, subject, "request " + Integer.toUnsignedString(messageId) + " sent again, attempt " + attempt);
            case Event.Remark(String text) -> new LogLine(Level.INFO, subject, text);
        };
    }

    static String label(Event.Rule rule) {
        return rule.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String ikeSa(Session session) {
        StringBuilder text = new StringBuilder();
        if (session.phase() instanceof Phase.Established up) {
            text.append(up.local()).append(" === ").append(up.remote()).append(", ");
            text.append(session.path()).append(", ").append(up.sa().suite());
        } else {
            text.append(session.path());
        }
        text.append(session.initiator() ? ", initiator" : ", responder");
        if (session.nat().any()) {
            text.append(", NAT ").append(session.nat().local() && session.nat().remote() ? "on both sides"
                    : session.nat().local() ? "on our side" : "on the peer's side");
        }
        return text.toString();
    }

    private static String child(String subject, ChildSa child) {
        return subject + "/" + child.name() + "{" + child.serial() + "}";
    }

    private static String child(ChildSa child) {
        return "%s %s%s, in %08x out %08x, %s, %s === %s".formatted(
                child.inbound().protocol(),
                child.mode().word(),
                child.udpEncapsulated() ? " in UDP" : "",
                child.inbound().spi(),
                child.outbound().spi(),
                child.suite(),
                selectors(child.local()),
                selectors(child.remote()));
    }

    private static String selectors(List<TrafficSelector> selectors) {
        return selectors.stream().map(TrafficSelector::toString).collect(joining(" "));
    }
}
