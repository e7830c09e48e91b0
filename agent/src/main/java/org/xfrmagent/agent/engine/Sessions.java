package org.xfrmagent.agent.engine;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.Rule;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Input.Order;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Neighbours;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Step;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.TokenSignatures;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Commands;
import org.xfrmagent.agent.engine.v2.Completion;
import org.xfrmagent.agent.engine.v2.Ending;
import org.xfrmagent.agent.engine.v2.IkeSaInit;
import org.xfrmagent.agent.engine.v2.NatMapping;
import org.xfrmagent.agent.engine.v2.Overdue;
import org.xfrmagent.agent.engine.v2.Reauthentication;
import org.xfrmagent.agent.engine.v2.Receiving;
import org.xfrmagent.agent.engine.v2.Reconfiguring;
import org.xfrmagent.agent.engine.v2.Succession;
import org.xfrmagent.agent.engine.v2.Tasks;
import org.xfrmagent.agent.engine.v2.Timers;
import org.xfrmagent.agent.engine.v2.Ways;

/** One input, one session, one step. */
public final class Sessions {
    private Sessions() {}

    /**
     * The next session and what to do. Atomic: an input whose handling fails by a mistake of ours changes nothing and is reported as
     * {@link Rule#BUG}; only when standing still would repeat it for ever (a timer, a lost result) does the session end.
     */
    public static Step handle(Session session, Input input, Moment at) {
        return handle(session, input, at, () -> Neighbours.NONE);
    }

    /** @param neighbours the other sessions with the peer, for a message of the peer */
    static Step handle(Session session, Input input, Moment at, Supplier<Neighbours> neighbours) {
        if (input instanceof Input.Completed(long ticket, var result)
                && session.jobs().get(ticket) instanceof Awaiting.TokenSignature(var job, var waiting, var before)) {
            Turn turn = new Turn(session, at);
            var _ = turn.take(ticket);
            return handle(turn.session(), waiting, at, neighbours, before.with(job, result));
        }
        return handle(session, input, at, neighbours, TokenSignatures.NONE);
    }

    private static Step handle(Session session, Input input, Moment at, Supplier<Neighbours> neighbours, TokenSignatures signatures) {
        Turn turn = new Turn(session, at, neighbours, signatures);
        try {
            dispatch(turn, input);
            if (turn.session().phase() instanceof PhaseV1) {
                org.xfrmagent.agent.engine.v1.Tasks.pump(turn);
            } else {
                Tasks.pump(turn);
            }
            return turn.finish();
        } catch (TokenSignatures.Awaited awaited) {
            turn.abandon();
            return await(session, input, at, new Awaiting.TokenSignature(awaited.job(), input, signatures));
        } catch (RuntimeException bug) {
            Event report = new Event.Dropped(Rule.BUG, describe(bug));
            return switch (input) {
                case Input.Datagram _, Input.Command _, Input.Kernel _, Input.NetworkChanged _ -> new Step(session, List.of(new Action.Emit(report)));
                case Input.Tick _, Input.Completed _ -> end(session, at, report);
            };
        }
    }

    /** The session stays as it is until the token has signed. What the peer says again meanwhile asks for nothing more. */
    private static Step await(Session session, Input input, Moment at, Awaiting.TokenSignature signature) {
        if (input instanceof Input.Datagram && session.jobs().values().stream().anyMatch(Awaiting.TokenSignature.class::isInstance)) {
            return new Step(session, List.of());
        }
        Turn turn = new Turn(session, at);
        turn.start(signature.job(), signature);
        return turn.finish();
    }

    static String describe(RuntimeException bug) {
        StackTraceElement[] trace = bug.getStackTrace();
        return bug + (trace.length > 0 ? " at " + trace[0] : "");
    }

    private static Step end(Session session, Moment at, Event report) {
        Turn turn = new Turn(session, at);
        turn.emit(report);
        if (!session.isClosed()) {
            end(turn, "an internal error");
        }
        return turn.finish();
    }

    private static void end(Turn turn, String reason) {
        if (turn.session().phase() instanceof PhaseV1) {
            org.xfrmagent.agent.engine.v1.Ending.down(turn, reason);
        } else {
            Ending.down(turn, reason);
        }
    }

    private static void dispatch(Turn turn, Input input) {
        switch (input) {
            case Input.Datagram datagram -> {
                if (turn.session().phase() instanceof PhaseV1 phase) {
                    org.xfrmagent.agent.engine.v1.Receiving.datagram(turn, phase, datagram);
                } else if (!turn.session().isClosed()) {
                    Receiving.datagram(turn, datagram);
                }
            }
            case Input.Tick() -> {
                if (turn.session().phase() instanceof PhaseV1 phase) {
                    org.xfrmagent.agent.engine.v1.Timers.tick(turn, phase);
                } else {
                    Timers.tick(turn);
                }
            }
            case Input.Command(Order order) -> {
                if (!turn.session().isClosed()) {
                    order(turn, order);
                }
            }
            case Input.Completed(long ticket, var result) -> {
                Optional<Awaiting> awaiting = turn.take(ticket);
                awaiting.ifPresent(what -> {
                    if (what instanceof AwaitingV1 v1) {
                        org.xfrmagent.agent.engine.v1.Completion.completed(turn, v1, result);
                    } else {
                        Completion.completed(turn, what, result);
                    }
                });
            }
            case Input.Kernel(DataPlaneEvent event) -> event(turn, event);
            case Input.NetworkChanged() -> Ways.networkChanged(turn);
        }
    }

    private static void order(Turn turn, Order order) {
        switch (order) {
            case Order.Initiate(List<Wish> wishes) -> initiate(turn, wishes);
            case Order.Terminate(String reason) -> terminate(turn, reason);
            case Order.GiveUp(String reason) -> giveUp(turn, reason);
            case Order.TerminateChild(String policy, String reason) -> {
                turn.forget(policy, Task.CreateChild.class::isInstance);
                turn.queue(new Task.DeletePolicy(policy, reason));
            }
            case Order.DeleteChild(int serial, String reason) -> turn.queue(new Task.DeleteChild(serial, reason));
            case Order.Rekey(OptionalInt child) -> {
                if (turn.session().phase().isUp()) {
                    turn.queue(child.isPresent() ? new Task.RekeyChild(child.getAsInt()) : new Task.RekeyIke());
                }
            }
            case Order.Reauthenticate() -> {
                if (turn.session().phase().isUp()) {
                    // In IKEv1 both are the same: phase 1 is always done anew.
                    turn.queue(turn.session().phase() instanceof PhaseV1 ? new Task.RekeyIke() : new Task.Reauthenticate());
                }
            }
            case Order.Retire(String reason, long millis) -> turn.queueIn(millis, new Task.DeleteIke(reason, true));
            case Order.ReauthenticateLater() -> Reauthentication.later(turn);
            case Order.SwitchOver(String policy) -> turn.session().children().named(policy).forEach(child -> Succession.begin(turn, child.serial()));
            case Order.Redirect(String gateway) -> {
                if (turn.session().mobility().redirectable() && turn.session().phase() instanceof Phase.Established) {
                    turn.queue(new Task.Redirect(gateway));
                }
            }
            case Order.Reconfigure(Settings settings) -> reconfigure(turn, settings);
        }
    }

    private static void initiate(Turn turn, List<Wish> wishes) {
        switch (turn.session().phase()) {
            case Phase.Idle(boolean succeedsV1, var redirectedFrom) -> {
                Profile profile =
                        turn.session().profile().orElseThrow(() -> new IllegalStateException("an initiator without a peer"));
                if (profile.peer().ike().hasV2() && !succeedsV1) {
                    IkeSaInit.initiate(turn, profile, wishes, redirectedFrom);
                } else {
                    Commands.begin(turn, profile, wishes);
                }
            }
            case Phase.Initiating initiating ->
                turn.change(session -> session.withPhase(new Phase.Initiating(
                        initiating.spi(), initiating.keyExchange(), initiating.nonce(), initiating.cookie(), initiating.outstanding(),
                        initiating.restarts(), initiating.course(), merged(initiating.wishes(), wishes))));
            case Phase.Authenticating authenticating ->
                turn.change(session -> session.withPhase(new Phase.Authenticating(
                        authenticating.sa(), authenticating.transcript(), merged(authenticating.wishes(), wishes),
                        authenticating.deadline())));
            case PhaseEap.Answering eap -> turn.change(session -> session.withPhase(eap.wishing(merged(eap.wishes(), wishes))));
            case Phase.Established _ -> wishes.forEach(wish -> turn.queue(new Task.CreateChild(wish)));
            case PhaseV1 phase -> Commands.initiate(turn, phase, wishes);
            case Phase.HalfOpen _, PhaseEap.Asking _, Phase.Closing _, Phase.Closed _ -> {}
        }
    }

    /** One wish for each policy is enough. */
    private static List<Wish> merged(List<Wish> before, List<Wish> more) {
        List<Wish> all = new ArrayList<>(before);
        for (Wish wish : more) {
            if (all.stream().noneMatch(other -> other.policy().equals(wish.policy()))) {
                all.add(wish);
            }
        }
        return List.copyOf(all);
    }

    private static void terminate(Turn turn, String reason) {
        switch (turn.session().phase()) {
            case Phase.Established _ -> turn.change(session -> session.withTasks(List.of(new Task.DeleteIke(reason))));
            case Phase.Idle _, Phase.Initiating _, Phase.HalfOpen _, Phase.Authenticating _, PhaseEap _ -> Ending.abandoned(turn, reason);
            case PhaseV1 phase -> Commands.terminate(turn, phase, reason);
            case Phase.Closing _, Phase.Closed _ -> {}
        }
    }

    /** Whoever does not wait for the peer wants it gone: also where our DELETE has not left, behind a request that is not answered. */
    private static void giveUp(Turn turn, String reason) {
        Session session = turn.session();
        if (session.phase() instanceof Phase.Closing
                || session.phase() instanceof Phase.Established && !session.tasks().about(Task.DeleteIke.class).isEmpty()) {
            Ending.down(turn, reason, Event.End.OURS);
        }
    }

    /** The session keeps what is agreed; what the new settings no longer have, or have otherwise, ends. */
    private static void reconfigure(Turn turn, Settings settings) {
        Optional<Profile> before = turn.session().profile();
        Optional<Profile> now = before.flatMap(profile -> settings.profile(profile.name()));
        if (turn.session().isClosed() || turn.session().phase() instanceof Phase.Closing) {
            turn.change(session -> session.withSettings(settings, session.profile()));
        } else if (turn.session().phase() instanceof PhaseV1 phase && phase.isHalfOpen()) {
            // It was given a proposal and a key by the policies before: it may begin anew, under those of today.
            turn.change(session -> session.withSettings(settings, before));
            terminate(turn, "the policies changed before the peer had authenticated itself");
        } else if (before.isPresent() && now.filter(before.get()::isReachedAs).isEmpty() && Reconfiguring.isOutlasted(turn.session())) {
            Reconfiguring.outlast(turn, settings);
        } else if (before.isPresent() && now.isEmpty()) {
            turn.change(session -> session.withSettings(settings, before));
            terminate(turn, "the peer is no longer in the policies");
        } else if (before.isPresent() && !now.get().isReachedAs(before.get())) {
            turn.change(session -> session.withSettings(settings, now));
            terminate(turn, "the peer's settings changed");
        } else {
            Reconfiguring.apply(turn, settings);
        }
    }

    private static void event(Turn turn, DataPlaneEvent event) {
        switch (event) {
            case DataPlaneEvent.SoftExpire(SaId id, int _) ->
                owner(turn, id).ifPresent(child -> turn.queue(new Task.RekeyChild(child.serial())));
            case DataPlaneEvent.HardExpire(SaId id, int _) ->
                // One half is gone: the other must not live on alone, and the peer is told (RFC 7296, section 1.4.1).
                owner(turn, id).ifPresent(child -> {
                    if (!(turn.session().phase() instanceof PhaseV1)) {
                        Succession.switchOver(turn, child.serial());
                    }
                    turn.queue(new Task.DeleteChild(child.serial(), "its lifetime is over"));
                });
            case DataPlaneEvent.SaGone(SaId id) -> owner(turn, id).ifPresent(child -> gone(turn, id, child));
            case DataPlaneEvent.EventsLost() -> Overdue.ask(turn);
            case DataPlaneEvent.MappingChanged(SaId id, int _, InetAddress address, int port) ->
                owner(turn, id).ifPresent(_ -> {
                    if (turn.session().phase() instanceof PhaseV1) {
                        org.xfrmagent.agent.engine.v1.NatMapping.changed(turn, address, port);
                    } else {
                        NatMapping.changed(turn, address, port);
                    }
                });
            case DataPlaneEvent.Acquire _, DataPlaneEvent.Disturbed _ -> {}
        }
    }

    /**
     * A half whose time had not come: a fresh child takes the old one's place, and the old one is deleted to the peer then. A successor
     * that waits for the end of the old one (RFC 7296, section 2.8) waits no longer.
     */
    private static void gone(Turn turn, SaId id, ChildSa child) {
        Succession.switchOver(turn, child.serial());
        Task replace = new Task.RekeyChild(child.serial());
        if (child.state() == ChildSa.State.INSTALLED && !turn.session().tasks().has(replace)) {
            turn.emit(new Event.Remark("somebody removed the SA " + id + " of " + child.name() + ": the child is replaced by a fresh one"));
            turn.queue(replace);
        }
    }

    private static Optional<ChildSa> owner(Turn turn, SaId id) {
        return turn.session().children().owner(id);
    }
}
