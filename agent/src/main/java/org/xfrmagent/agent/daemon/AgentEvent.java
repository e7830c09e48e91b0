package org.xfrmagent.agent.daemon;

import static java.util.stream.Collectors.joining;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Something that happened to a session.
 *
 * @param at by the wall clock
 * @param session as it is after the step that emitted the event; a child that went down is in the event, not in the session
 */
public record AgentEvent(Instant at, Session session, Event event) {
    /** The event as one line for people: what happened, to what, and why. The peer's name is not in it: a line starts with that. */
    public String sentence() {
        return switch (event) {
            case Event.Entered(String phase, String story) -> phase + ": " + story;
            case Event.IkeUp(boolean initialContact) -> "IKE SA up" + identities() + (initialContact ? ", the peer's first contact" : "");
            case Event.IkeDown(String reason) -> "IKE SA down: " + reason;
            case Event.IkeFailed(String reason) -> "IKE SA failed: " + reason;
            case Event.ChildUp(ChildSa child) -> child.name() + " up: " + describe(child);
            case Event.ChildDown(ChildSa child, String reason) -> child.name() + " down, " + spis(child) + ": " + reason;
            case Event.ChildFailed(String policy, String reason) -> policy + " failed: " + reason;
            case Event.IkeRekeyed() -> "IKE SA rekeyed";
            case Event.ChildRekeyed(ChildSa old, ChildSa fresh) -> old.name() + " rekeyed: " + describe(fresh) + ", instead of " + spis(old);
            case Event.Dropped(Event.Rule rule, String detail) -> "dropped (" + rule.name().toLowerCase(Locale.ROOT) + "): " + detail;
            case Event.Refused(String notify, String detail) -> "refused with " + notify + ": " + detail;
            case Event.Retransmitted(int messageId, int attempt) -> "request " + messageId + " sent again, attempt " + attempt;
            case Event.Remark(String text) -> text;
        };
    }

    private String identities() {
        return session.phase() instanceof Phase.Established(_, var local, var remote, _, _)
                ? " between " + session.path().local().getHostAddress() + "[" + local + "] and " + session.path().remote().getHostAddress()
                        + "[" + remote + "]"
                : "";
    }

    private static String describe(ChildSa child) {
        return spis(child) + ", " + text(child.local()) + " === " + text(child.remote()) + ", " + child.suite();
    }

    private static String spis(ChildSa child) {
        return "SPI %08x in, %08x out".formatted(child.inbound().spi(), child.outbound().spi());
    }

    private static String text(List<TrafficSelector> selectors) {
        return selectors.stream().map(TrafficSelector::toString).collect(joining(" "));
    }
}
