package org.xfrmagent.agent.engine.v2;

import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Idleness;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.ProtocolId;

/** Starts the next request of ours when the window allows it. */
public final class Tasks {
    private Tasks() {}

    /** Called at the end of every step. */
    public static void pump(Turn turn) {
        while (free(turn) && !turn.session().tasks().isEmpty()) {
            Task next = turn.session().tasks().getFirst();
            turn.change(session -> session.withTasks(session.tasks().withoutFirst()));
            begin(turn, next);
        }
    }

    /** One request at a time: none before our answer has left, none while one is prepared or what it brought is installed. */
    private static boolean free(Turn turn) {
        if (!(turn.session().phase() instanceof Phase.Established established)) {
            return false;
        }
        IkeSa sa = established.sa();
        boolean busy = turn.session().jobs().values().stream()
                .anyMatch(job -> job instanceof Awaiting.SpiForOffer || job instanceof Awaiting.InstallOfOffer);
        return sa.window().outstanding().isEmpty() && !sa.window().answering() && !busy;
    }

    private static void begin(Turn turn, Task task) {
        switch (task) {
            case Task.CreateChild(Wish wish) -> {
                // Two wishes for one policy are one child, unless it is narrowed around a packet.
                boolean there = turn.session().children().named(wish.policy()).stream()
                        .anyMatch(child -> child.state() != ChildSa.State.DELETING && turn.session().isCurrent(child) && covers(child, wish));
                if (!there) {
                    CreateChild.initiate(turn, wish, OptionalInt.empty());
                }
            }
            case Task.RekeyChild(int serial) -> {
                Optional<ChildSa> old =
                        turn.session().child(serial).filter(child -> child.state() == ChildSa.State.INSTALLED);
                if (old.isPresent()) {
                    Succession.setState(turn, serial, ChildSa.State.REKEYING);
                    CreateChild.initiate(turn, new Wish(old.get().name(), Optional.empty()), OptionalInt.of(serial));
                }
            }
            case Task.DeleteChild(int serial, String reason) ->
                turn.session().child(serial).ifPresent(child -> Informational.delete(turn, child, reason));
            case Task.DeletePolicy(String policy, String reason) ->
                // Only here is it sure which children there are: none is under way.
                turn.session().children().named(policy).forEach(child -> {
                    Succession.setState(turn, child.serial(), ChildSa.State.DELETING);
                    turn.queue(new Task.DeleteChild(child.serial(), reason));
                });
            case Task.EndIfIdle(int serial) -> Idleness.look(turn, serial);
            case Task.Disown(var protocol, int spi) ->
                ProtocolId.byNumber(protocol.ikev2()).ifPresent(id -> Informational.disown(turn, id, spi));
            case Task.RekeyIke() -> RekeyIke.initiate(turn);
            case Task.Reauthenticate() -> Reauthentication.begin(turn);
            case Task.SwitchOver(int serial) -> Succession.begin(turn, serial);
            case Task.DeleteIke(String reason, boolean succeeded) -> Ending.deleteIke(turn, reason, succeeded);
            case Task.Liveness() -> Informational.liveness(turn);
            case Task.UpdateAddresses() -> Mobike.update(turn);
            case Task.ReturnRoutability() -> Mobike.check(turn);
            case Task.Redirect(String gateway) -> Redirection.send(turn, gateway);
            case Task.Announce(var addresses) -> Mobike.announce(turn, addresses);
        }
    }

    /** Whether the packet that asks for a child is what {@code child} carries: the peer may have narrowed it around another one. */
    private static boolean covers(ChildSa child, Wish wish) {
        return wish.packet().isEmpty()
                || child.local().stream().anyMatch(selector -> selector.contains(wish.packet().get().source()))
                        && child.remote().stream().anyMatch(selector -> selector.contains(wish.packet().get().destination()));
    }
}
