package org.xfrmagent.agent.engine.v1;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Idleness;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Renewal;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.policies.algorithm.Protocol;

/** Starts what is to be done: under one ISAKMP SA any number of exchanges may be under way. */
public final class Tasks {
    private Tasks() {}

    /** Called at the end of every step. */
    public static void pump(Turn turn) {
        while (turn.session().phase() instanceof PhaseV1.Up && !turn.session().tasks().isEmpty()) {
            Task next = turn.session().tasks().getFirst();
            turn.change(session -> session.withTasks(session.tasks().withoutFirst()));
            begin(turn, next);
        }
    }

    /** Phase 1 is to be done anew: it is authentication. */
    private static void renew(Turn turn, PhaseV1.Up up) {
        Optional<String> objection = turn.session().notAnew();
        if (objection.isPresent()) {
            turn.emit(new Event.Remark(objection.get()));
        } else if (up.renewal() == Renewal.NOT_YET) {
            QuickMode.put(turn, up.renewal(Renewal.DUE));
        }
    }

    private static void begin(Turn turn, Task task) {
        switch (task) {
            case Task.CreateChild(Wish wish) -> create(turn, wish);
            case Task.RekeyChild(int serial) -> rekey(turn, serial);
            case Task.DeleteChild(int serial, String reason) ->
                turn.session().child(serial).ifPresent(child -> delete(turn, child, reason));
            case Task.DeletePolicy(String policy, String reason) -> {
                List<ChildSa> meant = turn.session().children().named(policy);
                meant.reversed().forEach(child -> delete(turn, child, reason));
            }
            case Task.EndIfIdle(int serial) -> Idleness.look(turn, serial);
            case Task.Disown(Protocol protocol, int spi) ->
                InformationalV1.delete(turn, protocol == Protocol.AH ? ProtocolId.AH : ProtocolId.ESP, spi);
            case Task.RekeyIke() -> renew(turn, QuickMode.up(turn));
            case Task.DeleteIke(String reason, _) -> Ending.terminate(turn, reason);
            case Task.Liveness() -> InformationalV1.probe(turn);
            // RFC 4555 is of IKEv2.
            case Task.UpdateAddresses _, Task.ReturnRoutability _, Task.Announce _, Task.Redirect _ -> {}
            // Renewing an ISAKMP SA is authenticating anew, and every child sends from the start.
            case Task.Reauthenticate(), Task.SwitchOver _ -> {}
        }
    }

    /** One quick mode for each pair of selectors that has no child and none under way. */
    private static void create(Turn turn, Wish wish) {
        Optional<ChildProfile> profile = turn.session().profile().flatMap(peer -> peer.child(wish.policy()));
        if (profile.isEmpty()) {
            return;
        }
        for (SelectorPair pair : Children.pairs(profile.get(), turn.session())) {
            boolean meant = wish.packet().isEmpty() || covers(turn.session(), pair, wish.packet().get());
            if (meant && !provided(turn.session(), wish.policy(), pair)) {
                QuickModeInitiator.initiate(turn, new Wish(wish.policy(), Optional.of(pair)), OptionalInt.empty());
            }
        }
    }

    private static boolean covers(Session session, SelectorPair pair, SelectorPair packet) {
        // The packet that asked for the tunnel had not yet the address that the peer then gave us.
        boolean given = session.phase() instanceof PhaseV1.Up up && up.given().isPresent();
        return (given || pair.source().contains(packet.source())) && pair.destination().contains(packet.destination());
    }

    private static boolean provided(Session session, String policy, SelectorPair pair) {
        boolean there = session.children().named(policy).stream().anyMatch(child -> session.isCurrent(child) && Children.pair(child).equals(pair));
        boolean asked = session.phase() instanceof PhaseV1.Up up
                && up.quick().stream().anyMatch(exchange -> exchange instanceof Quick.Asked running
                        && running.offer().profile().name().equals(policy)
                        && running.offer().local().contains(pair.source())
                        && running.offer().remote().contains(pair.destination()));
        boolean prepared = session.jobs().values().stream().anyMatch(job -> switch (job) {
            case AwaitingV1.SpiForOffer(Wish wish, _) -> wish.policy().equals(policy) && wish.packet().equals(Optional.of(pair));
            case AwaitingV1.InstallOfOffer(_, ChildSa child, _) -> child.name().equals(policy) && Children.pair(child).equals(pair);
            default -> false;
        });
        return there || asked || prepared;
    }

    private static void rekey(Turn turn, int serial) {
        Optional<ChildSa> old = turn.session().child(serial).filter(child -> child.state() == ChildSa.State.INSTALLED);
        if (old.isPresent()) {
            Children.change(turn, serial, child -> child.withState(ChildSa.State.REKEYING));
            QuickModeInitiator.initiate(
                    turn, new Wish(old.get().name(), Optional.of(Children.pair(old.get()))), OptionalInt.of(serial));
        }
    }

    private static void delete(Turn turn, ChildSa child, String reason) {
        InformationalV1.delete(turn, child);
        Children.remove(turn, child, reason);
    }
}
