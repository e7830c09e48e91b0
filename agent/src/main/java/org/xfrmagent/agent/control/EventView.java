package org.xfrmagent.agent.control;

import java.util.ArrayList;
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
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;

/**
 * What happens to sessions, as vici's events tell it.
 *
 * @param usage what SAs have carried, asked before they go: clients settle their accounts by it
 * @param departed children whose IKE SA is going
 */
record EventView(SaView sas, Function<Set<SaId>, Map<SaId, Usage>> usage, Departed departed) {
    /** A vici event with its name. */
    record Told(String name, ViciMessage message) {}

    /** charon's numbers: 0 only the essential, 1 what happens, 2 what was ignored. */
    static int level(Event event) {
        return switch (event) {
            case Event.IkeUp _, Event.IkeDown _, Event.IkeFailed _, Event.ChildUp _, Event.ChildDown _, Event.ChildFailed _,
                    Event.IkeRekeyed _, Event.ChildRekeyed _ -> 0;
            case Event.Entered _, Event.Refused _, Event.Retransmitted _, Event.ReauthenticationDue _, Event.Redirected _, Event.Moved _, Event.Remark _,
                    Event.PasswordShown _, Event.ChildIdle _ -> 1;
            case Event.Dropped _ -> 2;
        };
    }

    private static String group(Event event) {
        return switch (event) {
            case Event.ChildUp _, Event.ChildDown _, Event.ChildFailed _, Event.ChildRekeyed _, Event.ChildIdle _ -> "CHD";
            case Event.Dropped _, Event.Retransmitted _ -> "NET";
            case Event.Entered _, Event.IkeUp _, Event.IkeDown _, Event.IkeFailed _, Event.IkeRekeyed _, Event.Refused _,
                    Event.ReauthenticationDue _, Event.Redirected _, Event.Moved _, Event.Remark _, Event.PasswordShown _ -> "IKE";
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

    /** The events beside the log that {@code happened} means to vici. */
    List<Told> updown(AgentEvent happened) {
        Session session = happened.session();
        return switch (happened.event()) {
            case Event.IkeUp _ -> List.of(ike(session, true));
            case Event.IkeDown(_, Session was, Event.End end) -> down(end == Event.End.LOST ? was : was.withPhase(ending(was.phase())));
            case Event.IkeFailed(_, Session was, boolean refused) -> refused ? List.of(ike(was, false)) : List.of();
            case Event.ChildUp(ChildSa child) -> List.of(child(session, child, true));
            case Event.ChildDown(ChildSa child, _, _) -> gone(session, child);
            case Event.ChildRekeyed(ChildSa old, ChildSa fresh) -> List.of(rekeyed(session, old, fresh));
            case Event.IkeRekeyed(Session was) -> List.of(rekeyed(was, session));
            case Event.Moved(Session was, _) -> List.of(moved(was, session));
            case Event.ChildFailed _, Event.Entered _, Event.Dropped _, Event.Refused _,
                    Event.Retransmitted _, Event.ReauthenticationDue _, Event.Redirected _, Event.Remark _, Event.PasswordShown _,
                    Event.ChildIdle _ -> List.of();
        };
    }

    /** To charon an IKE SA is being deleted when it tells of its end, unless its peer is lost. */
    private static Phase ending(Phase was) {
        return was.ikeSa().<Phase>map(sa -> new Phase.Closing(sa, "", List.of())).orElse(was);
    }

    /** The IKE SA first, then the children that have gone with it. */
    private List<Told> down(Session was) {
        List<Told> told = new ArrayList<>();
        told.add(ike(was, false));
        departed.going(was.id()).forEach(gone -> told.add(new Told(ViciEvents.CHILD_UPDOWN, sas.of(asOfNow(was), List.of(gone.child()), gone.carried()))));
        return told;
    }

    /** To charon's clients a child lives on in its successor; one that goes with its IKE SA is told of after that, as it was. */
    private List<Told> gone(Session session, ChildSa child) {
        return !Departed.isReplaced(child, session) && session.phase().isUp() ? List.of(child(session, child, false)) : List.of();
    }

    private Map<SaId, Usage> carried(ChildSa child) {
        return usage.apply(Set.of(child.inbound(), child.outbound()));
    }

    /** What charon's clients hear of as an alert, {@code type} and {@code ike-sa{<ike>{…}}}; of ours those that charon has a word for. */
    Optional<Told> alert(AgentEvent happened) {
        Session session = happened.session();
        return alert(happened.event(), session.phase().isUp()).map(type -> new Told(ViciEvents.ALERT, ViciMessage.of(out -> out
                .put("type", type)
                .section("ike-sa", list -> list.section(sas.wording().peer(session), sas.ikeSa(asOfNow(session)))))));
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

    private Told ike(Session session, boolean up) {
        return new Told(ViciEvents.IKE_UPDOWN, ViciMessage.of(out ->
                out.flag("up", up).section(sas.wording().peer(session), sas.ikeSa(asOfNow(session)))));
    }

    private Told child(Session session, ChildSa child, boolean up) {
        return new Told(ViciEvents.CHILD_UPDOWN, ViciMessage.of(out -> out.flag("up", up).addAll(up
                ? sas.of(asOfNow(session), List.of(child), Map.of())
                : sas.withDeleted(asOfNow(session), child, carried(child)))));
    }

    /** Where the ends are now, and {@code <ike>{…}} with where they were: charon tells it before it moves. */
    private Told moved(Session was, Session session) {
        return new Told(ViciEvents.IKE_UPDATE, ViciMessage.of(out -> out
                .addAll(SaView.path(session.path()))
                .section(sas.wording().peer(was), sas.ikeSa(asOfNow(was)))));
    }

    /** {@code <ike>{old{…} new{…}}}: who has asked for it sees the old one in that state, who was asked does not. */
    private Told rekeyed(Session was, Session session) {
        boolean ours = session.phase().ikeSa().map(IkeSa::initiator).orElse(false);
        return new Told(ViciEvents.IKE_REKEY, ViciMessage.of(out -> out.section(sas.wording().peer(session), ike -> ike
                .section("old", ours ? sas.rekeying(asOfNow(was)) : sas.ikeSa(asOfNow(was)))
                .section("new", sas.ikeSa(asOfNow(session))))));
    }

    /** {@code <ike>{… child-sas{<child>{old{…} new{…}}}}} */
    private Told rekeyed(Session session, ChildSa old, ChildSa fresh) {
        SessionView view = asOfNow(session);
        return new Told(ViciEvents.CHILD_REKEY, ViciMessage.of(out -> out.section(sas.wording().peer(session), ike -> {
            ike.addAll(sas.ikeSa(view));
            ike.section("child-sas", list -> list.section(sas.wording().child(old.name()), pair -> pair
                    .section("old", sas.child(view, old, ChildSa.State.REKEYED, carried(old)))
                    .section("new", sas.child(view, fresh, fresh.state(), Map.of()))));
        })));
    }

    /**
     * An event carries no engine time; the last that the session knows is when it heard or sent something, or came to be. It is told of
     * the exchange that has just ended: what has begun since is not yet there.
     */
    private static SessionView asOfNow(Session session) {
        long since = session.phase() instanceof Phase.Established established ? established.since() : 0;
        return new SessionView(ended(session), Math.max(since, Math.max(session.lastHeard(), session.lastSent())));
    }

    private static Session ended(Session session) {
        return session.phase() instanceof Phase.Established established
                ? session.withPhase(established.withIkeSa(established.sa().withWindow(established.sa().window().withoutOutstanding()))).withTasks(List.of())
                : session;
    }
}
