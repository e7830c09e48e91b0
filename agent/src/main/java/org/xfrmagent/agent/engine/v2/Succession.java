package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Exchange.Meanwhile;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;

/**
 * Which child of a policy carries its traffic, from one SA to the next (RFC 7296, section 2.8). No packet is lost, because nobody sends
 * on an SA before the other side can receive on it, nor after it cannot:
 *
 * <pre>
 *   A asks                               B answers
 *   sends old, receives old              sends old, receives old
 *   REKEY_SA(old)  -->                   installs new: sends old, receives old + new
 *                        &lt;--  answer
 *   installs new: sends new,
 *     receives old + new
 *   D(old)         -->                   A receives on new, since it says so: sends new, retires old
 *                        &lt;--  D(old)
 *   retires old                          (what was sent on it before still gets through)
 * </pre>
 *
 * So the outbound policies of the side that answers follow only with the end of the old SA, in the same list of operations.
 */
public final class Succession {
    private Succession() {}

    // ---- both sides ask at once (section 2.8.1)

    /** The peer asked for a successor as well: {@code lowerNonce} of its exchange is compared with ours when we are answered. */
    static void noteRival(Turn turn, Bytes lowerNonce) {
        learn(turn, meanwhile -> meanwhile.rival(lowerNonce));
    }

    /** The peer's successor could not be installed: ours is the only one. */
    static void forgetRival(Turn turn) {
        learn(turn, Meanwhile::withoutRival);
    }

    /** The peer deleted a child that we do not know: perhaps the one that we wait for. */
    static void noteDeletion(Turn turn, Bytes spi) {
        learn(turn, meanwhile -> meanwhile.deletion(spi));
        turn.change(session -> session.withAwaiting(awaiting ->
                awaiting instanceof Awaiting.InstallOfOffer(ChildSa child, _)
                                && Children.spiOctets(child.outbound().spi()).equals(spi)
                        ? new Awaiting.InstallOfOffer(child, true)
                        : awaiting));
    }

    private static void learn(Turn turn, UnaryOperator<Meanwhile> how) {
        IkeSa sa = turn.ikeSa();
        sa.window().outstanding().ifPresent(request -> {
            if (request.exchange() instanceof Exchange.CreateChild(var offer, Meanwhile meanwhile)) {
                turn.ikeSa(sa.withWindow(sa.window()
                        .withOutstanding(request.with(new Exchange.CreateChild(offer, how.apply(meanwhile))))));
            }
        });
    }

    // ---- from the old to the new

    static void setState(Turn turn, int serial, ChildSa.State state) {
        replace(turn, serial, child -> child.withState(state));
    }

    private static void replace(Turn turn, int serial, UnaryOperator<ChildSa> how) {
        turn.change(session -> session.withChild(serial, how));
    }

    /** Our successor is installed and the peer has it: what it replaces is deleted, by us, since we asked (section 2.8). */
    static void deleteReplaced(Turn turn, int serial) {
        if (turn.session().child(serial).isPresent()) {
            setState(turn, serial, ChildSa.State.DELETING);
            turn.queue(new Task.DeleteChild(serial, "replaced by a fresh one"));
        }
    }

    /** The peer's successor is installed: the peer deletes what it replaces, unless we are about to. */
    static void awaitDeletion(Turn turn, int serial) {
        boolean ours = turn.session().child(serial).filter(child -> child.state() == ChildSa.State.DELETING).isPresent();
        if (!ours) {
            setState(turn, serial, ChildSa.State.REKEYED);
        }
    }

    /** What was to succeed {@code serial} could not be installed. It may have waited itself, for a predecessor that is gone by now. */
    static void notSucceeded(Turn turn, int serial) {
        tryAgain(turn, serial);
        turn.session().child(serial)
                .filter(child -> !child.sends() && !waits(turn.session(), child))
                .ifPresent(child -> child.replaces().ifPresent(before -> switchOver(turn, before)));
    }

    /** Our attempt is over without a successor: the old child goes on, and we try again unless the peer has one for us. */
    static void tryAgain(Turn turn, int serial) {
        if (turn.session().child(serial).filter(child -> child.state() == ChildSa.State.REKEYING).isPresent()) {
            setState(turn, serial, ChildSa.State.INSTALLED);
            turn.queueIn(RekeyIke.retryIn(turn), new Task.RekeyChild(serial));
        }
    }

    /** Whether {@code child}, granted to the peer, is to wait with its outbound policies for the end of the old one. */
    static boolean waits(Session session, ChildSa child) {
        return child.replaces().isPresent() && session.child(child.replaces().getAsInt()).isPresent();
    }

    /** A child that waited for one under another IKE SA sends from now on. */
    public static void begin(Turn turn, int serial) {
        Optional<ChildSa> waiting = turn.session().child(serial)
                .filter(child -> !child.sends() && !waits(turn.session(), child) && !isSucceeded(turn.session(), serial));
        if (waiting.isPresent()) {
            turn.start(new Job.Apply(outwards(turn, waiting.get())), new Awaiting.Change("switching to the fresh SA"));
        }
    }

    /** The old SA is dead before its time: its successor takes over at once. */
    public static void switchOver(Turn turn, int serial) {
        List<Operation> operations = takeOver(turn, serial);
        if (!operations.isEmpty()) {
            turn.start(new Job.Apply(operations), new Awaiting.Change("switching to the fresh SA"));
        }
    }

    /** What lets the successor of {@code serial} send, if one waits for it and neither it nor a later one does already. */
    private static List<Operation> takeOver(Turn turn, int serial) {
        List<Operation> operations = new ArrayList<>();
        if (isSucceeded(turn.session(), serial)) {
            return operations;
        }
        for (ChildSa successor : successors(turn.session(), serial)) {
            operations.addAll(outwards(turn, successor));
        }
        return operations;
    }

    /** What adds the outbound policies of a child that has none; it is said to have them. */
    private static List<Operation> outwards(Turn turn, ChildSa child) {
        List<PolicySpec> outbound = Installation.outboundPolicies(child);
        List<PolicySpec> all = new ArrayList<>(child.policies());
        all.addAll(outbound);
        replace(turn, child.serial(), same -> same.withPolicies(List.copyOf(all)));
        return outbound.stream().<Operation>map(Operation.AddPolicy::new).toList();
    }

    private static List<ChildSa> successors(Session session, int serial) {
        return session.children().successors(serial);
    }

    /** Whether a successor sends, or one of ours is being installed: what is in force is the policy that was added last. */
    private static boolean isSucceeded(Session session, int serial) {
        return session.jobs().values().stream()
                        .anyMatch(job -> job instanceof Awaiting.InstallOfOffer(ChildSa child, _) && child.succeeds(serial))
                || successors(session, serial).stream().anyMatch(child -> child.sends() || isSucceeded(session, child.serial()));
    }

    /** Whether another successor of the same child sends: both sides rekeyed it at once. */
    private static boolean isOneOfTwo(Session session, ChildSa child) {
        return child.replaces().isPresent()
                && successors(session, child.replaces().getAsInt()).stream()
                        .anyMatch(other -> other.serial() != child.serial() && other.sends());
    }

    /**
     * Takes a child off the session, and gives what takes it off the data plane: its successor's policies come first. If it was itself
     * a successor, and the only one, what it replaced goes on and is still to be rekeyed.
     */
    static List<Operation> remove(Turn turn, int serial) {
        Optional<ChildSa> found = turn.session().child(serial);
        if (found.isEmpty()) {
            return List.of();
        }
        ChildSa child = found.get();
        List<Operation> operations = new ArrayList<>(takeOver(turn, serial));
        boolean succeeded = isSucceeded(turn.session(), serial) || isOneOfTwo(turn.session(), child);
        operations.addAll(succeeded ? Installation.retire(child) : Installation.remove(child));
        turn.change(session -> session.withoutChild(serial));
        child.replaces().ifPresent(old -> {
            boolean another = !successors(turn.session(), old).isEmpty();
            boolean waiting = turn.session().child(old).filter(before -> before.state() == ChildSa.State.REKEYED).isPresent();
            if (waiting && !another) {
                setState(turn, old, ChildSa.State.REKEYING);
                tryAgain(turn, old);
            }
        });
        return operations;
    }
}
