package org.xfrmagent.agent.control;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.xfrmagent.agent.daemon.AgentEvent;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;

/**
 * What happens to sessions, as vici's events tell it.
 *
 * @param usage what SAs have carried, asked before they go: clients settle their accounts by it
 */
record EventView(SaView sas, Function<Set<SaId>, Map<SaId, Usage>> usage) {
    /** A vici event with its name. */
    record Told(String name, ViciMessage message) {}

    /** charon's numbers: 0 only the essential, 1 what happens, 2 what was ignored. */
    static int level(Event event) {
        return switch (event) {
            case Event.IkeUp _, Event.IkeDown _, Event.IkeFailed _, Event.ChildUp _, Event.ChildDown _, Event.ChildFailed _,
                    Event.IkeRekeyed _, Event.ChildRekeyed _ -> 0;
            case Event.Entered _, Event.Refused _, Event.Retransmitted _, Event.ReauthenticationDue _, Event.Moved _, Event.Remark _,
                    Event.PasswordShown _, Event.ChildIdle _ -> 1;
            case Event.Dropped _ -> 2;
        };
    }

    private static String group(Event event) {
        return switch (event) {
            case Event.ChildUp _, Event.ChildDown _, Event.ChildFailed _, Event.ChildRekeyed _, Event.ChildIdle _ -> "CHD";
            case Event.Dropped _, Event.Retransmitted _ -> "NET";
            case Event.Entered _, Event.IkeUp _, Event.IkeDown _, Event.IkeFailed _, Event.IkeRekeyed _, Event.Refused _,
                    Event.ReauthenticationDue _, Event.Moved _, Event.Remark _, Event.PasswordShown _ -> "IKE";
        };
    }

    static ViciMessage controlLog(AgentEvent happened) {
        return log(happened, false);
    }

    private static ViciMessage log(AgentEvent happened, boolean withThread) {
        return ViciMessage.of(out -> {
            out.put("group", group(happened.event())).put("level", level(happened.event()));
            if (withThread) {
                out.put("thread", happened.session().shard());
            }
            out.put("ikesa-name", happened.session().peerName()).put("ikesa-uniqueid", happened.session().id());
            out.put("msg", happened.sentence());
        });
    }

    /** {@code log}, which every event is. */
    static Told log(AgentEvent happened) {
        return new Told(ViciEvents.LOG, log(happened, true));
    }

    /** The event beside the log that {@code happened} means to vici, if any. */
    Optional<Told> updown(AgentEvent happened) {
        Session session = happened.session();
        return switch (happened.event()) {
            case Event.IkeUp _ -> Optional.of(ike(session, true));
            case Event.IkeDown(_, Phase was) -> Optional.of(ike(session.withPhase(ending(was)), false));
            case Event.ChildUp(ChildSa child) -> Optional.of(child(session, child, true));
            // To charon's clients a child lives on in its successor.
            case Event.ChildDown(ChildSa child, _, _) -> isReplaced(child, session) ? Optional.empty() : Optional.of(child(session, child, false));
            case Event.ChildRekeyed(ChildSa old, ChildSa fresh) -> Optional.of(rekeyed(session, old, fresh));
            case Event.IkeRekeyed _ -> rekeyed(session);
            case Event.Moved(Path before, _) -> Optional.of(moved(session, before));
            case Event.IkeFailed _, Event.ChildFailed _, Event.Entered _, Event.Dropped _, Event.Refused _,
                    Event.Retransmitted _, Event.ReauthenticationDue _, Event.Remark _, Event.PasswordShown _,
                    Event.ChildIdle _ -> Optional.empty();
        };
    }

    /** To charon an IKE SA is being deleted when it tells of its end. */
    private static Phase ending(Phase was) {
        return was.ikeSa().<Phase>map(sa -> new Phase.Closing(sa, "", List.of())).orElse(was);
    }

    /** What charon's clients hear of as an alert, {@code type} and {@code ike-sa{<ike>{…}}}; of ours those that charon has a word for. */
    Optional<Told> alert(AgentEvent happened) {
        Session session = happened.session();
        return alert(happened.event(), session.phase().isUp()).map(type -> new Told(ViciEvents.ALERT, ViciMessage.of(out -> out
                .put("type", type)
                .section("ike-sa", list -> list.section(session.peerName(), sas.ikeSa(asOfNow(session)))))));
    }

    private static Optional<String> alert(Event event, boolean up) {
        return switch (event) {
            case Event.Refused(String notification, _) -> switch (notification) {
                case "AUTHENTICATION_FAILED" -> Optional.of("peer-auth-failed");
                case "NO_PROPOSAL_CHOSEN" -> Optional.of(up ? "proposal-mismatch-child" : "proposal-mismatch-ike");
                case "TS_UNACCEPTABLE" -> Optional.of("ts-mismatch");
                default -> Optional.empty();
            };
            case Event.Dropped(Event.Rule rule, _) -> rule == Event.Rule.MALFORMED ? Optional.of("parse-error-body") : Optional.empty();
            case Event.Retransmitted _ -> Optional.of("retransmit-send");
            default -> Optional.empty();
        };
    }

    private static boolean isReplaced(ChildSa child, Session session) {
        return child.state() == ChildSa.State.REKEYED || session.children().stream().anyMatch(other -> other.succeeds(child.serial()));
    }

    private Told ike(Session session, boolean up) {
        return new Told(ViciEvents.IKE_UPDOWN, ViciMessage.of(out ->
                out.flag("up", up).section(session.peerName(), sas.ikeSa(asOfNow(session)))));
    }

    private Told child(Session session, ChildSa child, boolean up) {
        // To charon a child that goes alone is deleted when it tells so, and one that goes with its IKE SA is as it was.
        boolean alone = !up && session.phase().isUp();
        Map<SaId, Usage> carried = up ? Map.of() : usage.apply(Set.of(child.inbound(), child.outbound()));
        return new Told(ViciEvents.CHILD_UPDOWN, ViciMessage.of(out ->
                out.flag("up", up).addAll(alone
                ? sas.withDeleted(asOfNow(session), child, carried)
                : sas.of(asOfNow(session), List.of(child), carried))));
    }

    /** Where the ends are now, and {@code <ike>{…}} with where they were: charon tells it before it moves. */
    private Told moved(Session session, Path before) {
        return new Told(ViciEvents.IKE_UPDATE, ViciMessage.of(out -> out
                .addAll(SaView.path(session.path()))
                .section(session.peerName(), sas.ikeSa(asOfNow(session.withPath(before))))));
    }

    /** {@code <ike>{old{…} new{…}}}: the old IKE SA is still there, until the peer has confirmed its end. */
    private Optional<Told> rekeyed(Session session) {
        if (!(session.phase() instanceof Phase.Established(var _, var local, var remote, var user, long since, var inner, List<Phase.Retired> retired))) {
            return Optional.empty();
        }
        return retired.stream().reduce((_, latest) -> latest).map(old -> {
            Session before = session.withDelayed(List.of())
                    .withPhase(new Phase.Established(old.sa(), local, remote, user, since, inner, List.of()));
            return new Told(ViciEvents.IKE_REKEY, ViciMessage.of(out -> out.section(session.peerName(), ike -> ike
                    .section("old", sas.ikeSa(asOfNow(before)))
                    .section("new", sas.ikeSa(asOfNow(session))))));
        });
    }

    /** {@code <ike>{… child-sas{<child>{old{<child>-<serial>{…}} new{…}}}}} */
    private Told rekeyed(Session session, ChildSa old, ChildSa fresh) {
        SessionView view = asOfNow(session);
        return new Told(ViciEvents.CHILD_REKEY, ViciMessage.of(out -> out.section(session.peerName(), ike -> {
            ike.addAll(sas.ikeSa(view));
            ike.section("child-sas", list -> list.section(sas.wording().child(old.name()), pair -> pair
                    .section("old", sas.children(view, List.of(old), Map.of()))
                    .section("new", sas.children(view, List.of(fresh), Map.of()))));
        })));
    }

    /** An event carries no engine time; the last that the session knows is when it heard or sent something, or came to be. */
    private static SessionView asOfNow(Session session) {
        long since = session.phase() instanceof Phase.Established established ? established.since() : 0;
        return new SessionView(session, Math.max(since, Math.max(session.lastHeard(), session.lastSent())));
    }
}
