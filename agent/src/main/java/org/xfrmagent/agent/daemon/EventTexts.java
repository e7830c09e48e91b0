package org.xfrmagent.agent.daemon;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;
import java.util.Locale;
import org.xfrmagent.agent.daemon.LogLine.Level;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.TrafficSelector;

/** What each event is called, in the log and on the control socket. */
final class EventTexts {
    private EventTexts() {}

    /**
     * An event in words.
     *
     * @param about the child or policy it concerns, such as {@code net{3}}
     */
    record Said(Level level, Optional<String> about, String text) {
        /** For those who know the peer already. */
        String sentence() {
            return about.map(child -> child + ": ").orElse("") + text;
        }

        LogLine line(String subject) {
            return new LogLine(level, subject + about.map(child -> "/" + child).orElse(""), text);
        }
    }

    /** The line for an event of a session. */
    static LogLine of(Session session, Event event) {
        return said(event, Optional.of(session)).line(session.peerName() + "[" + session.id() + "]");
    }

    /** The line for an event that belongs to no session; {@code subject} says where it comes from. */
    static LogLine without(String subject, Event event) {
        return said(event, Optional.empty()).line(subject);
    }

    static Said said(Event event, Optional<Session> session) {
        return switch (event) {
            case Event.Entered(String phase, String story) -> said(Level.INFO, phase + ": " + story);
            case Event.IkeUp(boolean initialContact) -> said(
                    Level.NOTICE,
                    "IKE SA up" + session.map(up -> ": " + ikeSa(up)).orElse("") + (initialContact ? ", initial contact" : ""));
            case Event.IkeDown(String reason, _, _) -> said(Level.NOTICE, "IKE SA down: " + reason);
            case Event.IkeFailed(String reason, _, _) -> said(Level.ERROR, "IKE SA failed: " + reason);
            case Event.Redirected(var gateway) -> said(Level.INFO, "the peer sends us to " + Ip.text(gateway));
            case Event.ReauthenticationDue() -> said(Level.INFO, "its authentication is to be renewed: making a new IKE SA");
            case Event.Moved(_, String story) -> said(Level.INFO, story);
            case Event.IkeRekeyed _ -> said(Level.INFO, "IKE SA replaced by its successor");
            case Event.ChildUp(ChildSa child) -> said(Level.NOTICE, child, "child SA up: " + details(child));
            case Event.ChildDown(ChildSa child, String reason, _) -> said(Level.NOTICE, child, "child SA down: " + reason);
            case Event.ChildIdle(ChildSa child) -> said(Level.INFO, child, "is idle: deleting it");
            case Event.ChildFailed(String policy, String reason) ->
                new Said(Level.ERROR, Optional.of(policy), "child SA failed: " + reason);
            case Event.ChildRekeyed(ChildSa old, ChildSa fresh) ->
                said(Level.INFO, fresh, "child SA replaces {" + old.serial() + "}: " + details(fresh));
            case Event.Dropped(Event.Rule rule, String detail) ->
                said(rule == Event.Rule.BUG ? Level.ERROR : Level.INFO, "dropped (" + label(rule) + "): " + detail);
            case Event.Refused(String notify, String detail) -> said(Level.WARNING, "refused with " + notify + ": " + detail);
            case Event.PasswordShown(String user, boolean right) ->
                said(Level.INFO, "user '" + user + "' showed a " + (right ? "right" : "wrong") + " password");
            case Event.Retransmitted(int messageId, int attempt) ->
                said(Level.INFO, "request " + Integer.toUnsignedString(messageId) + " sent again, attempt " + attempt);
            case Event.Remark(String text) -> said(Level.INFO, text);
        };
    }

    private static Said said(Level level, String text) {
        return new Said(level, Optional.empty(), text);
    }

    private static Said said(Level level, ChildSa child, String text) {
        return new Said(level, Optional.of(child.name() + "{" + child.serial() + "}"), text);
    }

    static String label(Event.Rule rule) {
        return rule.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String ikeSa(Session session) {
        StringBuilder text = new StringBuilder();
        session.phase().localIdentity().ifPresent(local -> text.append(local).append(" === "));
        session.phase().remoteIdentity().ifPresent(remote -> text.append(remote).append(", "));
        text.append(session.path());
        switch (session.phase()) {
            case Phase.Established up -> text.append(", ").append(up.sa().suite());
            case PhaseV1.Up up -> text.append(", IKEv1, ").append(up.sa().suite());
            default -> {}
        }
        text.append(session.initiator() ? ", initiator" : ", responder");
        if (session.nat().any()) {
            text.append(", NAT ").append(session.nat().local() && session.nat().remote() ? "on both sides"
                    : session.nat().local() ? "on our side" : "on the peer's side");
        }
        return text.toString();
    }

    private static String details(ChildSa child) {
        return "%s %s%s%s, in %08x out %08x, %s, %s === %s".formatted(
                child.inbound().protocol(),
                child.mode().word(),
                child.udpEncapsulated() ? " in UDP" : "",
                child.cpis().isPresent() ? ", compressed" : "",
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
