package org.xfrmagent.agent.engine.v1;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.PhaseTransaction;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Probe;
import org.xfrmagent.agent.engine.core.PhaseV1.Sent;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.policies.model.Ip;

/** What an IKEv1 session does when nothing happens. */
public final class Timers {
    /** RFC 3948, section 2.3; the transport sends it without a non-ESP marker. */
    private static final Bytes KEEPALIVE = Bytes.of((byte) 0xff);

    private Timers() {}

    /** When the session next wants a tick, in milliseconds; empty: not by itself. */
    public static OptionalLong next(Session session, PhaseV1 phase) {
        long next = phase.outstanding().map(Sent::nextAt).orElse(Long.MAX_VALUE);
        next = Math.min(next, deadline(phase));
        next = Math.min(next, session.delayed().nextAt());
        next = Math.min(next, Fragments.forgetAt(session));
        if (phase instanceof PhaseV1.Up up) {
            for (Quick exchange : up.quick()) {
                next = Math.min(next, at(exchange));
            }
            next = Math.min(next, up.probe().map(probe -> Math.min(probe.sent().nextAt(), silentUntil(session))).orElse(Long.MAX_VALUE));
            next = Math.min(next, livenessAt(session, up));
            next = Math.min(next, keepaliveAt(session));
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    private static long deadline(PhaseV1 phase) {
        return switch (phase) {
            case PhaseV1.Chosen chosen -> chosen.deadline();
            case PhaseV1.Keyed keyed -> keyed.deadline();
            case PhaseV1.Vouched vouched -> vouched.deadline();
            case PhaseV1.Vetting vetting -> vetting.deadline();
            case PhaseTransaction transaction -> transaction.deadline();
            case PhaseV1.Up up -> up.since() + up.sa().lifetime() * 1000;
            case PhaseV1.Offered _, PhaseV1.Exchanging _, PhaseV1.Identifying _, PhaseV1.Introduced _ -> Long.MAX_VALUE;
        };
    }

    private static long at(Quick exchange) {
        return switch (exchange) {
            case Quick.Asked asked -> asked.sent().nextAt();
            case Quick.Told told -> told.sent().nextAt();
            case Quick.Answered answered -> answered.deadline();
            case Quick.Committing committing -> committing.deadline();
            case Quick.Done done -> done.deadline();
            case Quick.Concluding _, Quick.Answering _ -> Long.MAX_VALUE;
        };
    }

    /** Does whatever is due. */
    public static void tick(Turn turn, PhaseV1 phase) {
        long now = turn.now();
        if (deadline(phase) <= now) {
            if (phase instanceof PhaseV1.Up) {
                Ending.terminate(turn, "the lifetime of the ISAKMP SA is over");
            } else {
                Ending.abandoned(turn, overdue(phase));
            }
            return;
        }
        if (Fragments.forgetAt(turn.session()) <= now) {
            Fragments.forget(turn);
        }
        Optional<Sent> sent = phase.outstanding();
        if (sent.isPresent() && sent.get().nextAt() <= now) {
            if (phase instanceof PhaseTransaction.Configuring configuring) {
                ModeConfigClient.sayLastAgain(turn, configuring);
            }
            Retransmitting.again(turn, sent.get(), 0)
                    .ifPresentOrElse(
                            again -> turn.change(session -> session.withPhase(phase.withSent(again))),
                            () -> Ending.abandoned(turn, silent(turn, sent.get()) + hint(phase)));
        }
        if (turn.session().phase() instanceof PhaseV1.Up) {
            established(turn);
        }
    }

    private static String overdue(PhaseV1 phase) {
        return switch (phase) {
            case PhaseTransaction.Proving _ -> "the gateway did not ask for our user, or did not say whether it is let in, in time";
            case PhaseTransaction.Configuring _ -> "the gateway did not give us an address in time";
            default -> "the peer began and did not authenticate itself in time" + hint(phase);
        };
    }

    private static String silent(Turn turn, Sent sent) {
        return "the peer does not answer at " + Ip.text(turn.session().path().remote()) + ": sent " + sent.attempts()
                + " times in " + Retransmitting.policy(turn.session()).total().toSeconds() + " s";
    }

    /** Where phase 1 stopped says most about why. */
    private static String hint(PhaseV1 phase) {
        return switch (phase) {
            case PhaseV1.Offered _ -> " (to our proposals: it may not have one of them, or not know this address)";
            case PhaseV1.Identifying identifying -> identifying.sa().method().isPreShared()
                    ? " (to our identity: its pre-shared key may be another, or it may not know that identity)"
                    : " (to our identity: it may not know that, or not believe our certificate, or show one that we do not believe)";
            case PhaseV1.Introduced _ ->
                " (to our proposals and identity: it may not have one of them, or not know this identity, or its certificate or pre-shared key may be another)";
            case PhaseV1.Keyed keyed -> another(keyed.sa());
            case PhaseV1.Vouched vouched -> another(vouched.sa());
            case PhaseV1.Vetting _ -> " (nobody has found out in time whether its certificate is its own)";
            case PhaseTransaction.Authorizing _ -> " (its user has shown no right password)";
            case PhaseTransaction.Configuring _ -> " (to our wish for an address: it may have none to give, or give them only unasked, or only to those that ask)";
            case PhaseV1.Exchanging _, PhaseV1.Chosen _, PhaseTransaction.Proving _, PhaseV1.Up _ -> "";
        };
    }

    private static String another(IsakmpSa sa) {
        return sa.method().isPreShared() ? " (its pre-shared key may be another)" : " (it may not believe our certificate)";
    }

    private static void established(Turn turn) {
        long now = turn.now();
        for (Quick exchange : QuickMode.up(turn).quick()) {
            if (at(exchange) <= now) {
                quick(turn, exchange);
            }
            if (turn.session().isClosed()) {
                return;
            }
        }
        if (QuickMode.up(turn).probe().isPresent() && silentUntil(turn.session()) <= now) {
            Ending.down(turn, "the peer at " + Ip.text(turn.session().path().remote()) + " has not been heard for "
                    + (now - turn.session().lastHeard()) / 1000 + " s, although it was asked whether it lives");
            return;
        }
        Optional<Probe> probe = QuickMode.up(turn).probe().filter(sent -> sent.sent().nextAt() <= now);
        if (probe.isPresent()) {
            sayLastAgain(turn);
            Optional<Sent> again = Retransmitting.again(turn, probe.get().sent(), 0)
                    // There is time left: it is not asked any more, and may still say something.
                    .or(() -> Optional.of(silentUntil(turn.session())).filter(until -> until < Long.MAX_VALUE).map(until -> probe.get().sent().again(until)));
            if (again.isEmpty()) {
                Ending.down(turn, silent(turn, probe.get().sent()) + " whether it lives");
                return;
            }
            PhaseV1.Up up = QuickMode.up(turn);
            QuickMode.put(turn, up.probing(Optional.of(new Probe(probe.get().sequence(), again.get())), up.nextProbe()));
        }
        release(turn, now);
        if (livenessAt(turn.session(), QuickMode.up(turn)) <= now) {
            liveness(turn);
        }
        if (keepaliveAt(turn.session()) <= now) {
            turn.send(List.of(KEEPALIVE));
        }
    }

    private static void quick(Turn turn, Quick exchange) {
        switch (exchange) {
            case Quick.Asked asked -> {
                sayLastAgain(turn);
                Retransmitting.again(turn, asked.sent(), asked.messageId())
                        .ifPresentOrElse(
                                again -> QuickMode.put(turn, QuickMode.up(turn)
                                        .with(new Quick.Asked(asked.messageId(), asked.iv(), asked.offer(), again))),
                                () -> QuickModeInitiator.failed(turn, asked, silent(turn, asked.sent())));
            }
            case Quick.Told told -> ModeConfig.tellAgain(turn, told);
            case Quick.Answered answered -> QuickModeResponder.notConfirmed(turn, answered);
            case Quick.Committing committing -> Commitment.overdue(turn, committing);
            case Quick.Done done -> QuickMode.put(turn, QuickMode.up(turn).without(done.messageId()));
            case Quick.Concluding _, Quick.Answering _ -> {}
        }
    }

    /** Nothing answers the last message of aggressive mode: while the peer answers nothing at all, that may be what it lacks. */
    private static void sayLastAgain(Turn turn) {
        PhaseV1.Up up = QuickMode.up(turn);
        if (up.sa().initiator() && turn.session().lastHeard() == up.since()) {
            up.answer().ifPresent(answer -> Fragments.send(turn, answer.reply()));
        }
    }

    /** Delayed tasks whose time has come join the queue. */
    private static void release(Turn turn, long now) {
        for (Task.Delayed delayed : turn.session().delayed().due(now)) {
            turn.queue(delayed.task());
        }
        turn.change(session -> session.withDelayed(session.delayed().withoutDue(now)));
    }

    /** When a peer that was asked, and has said nothing since, is taken for dead, however often it was asked. */
    private static long silentUntil(Session session) {
        return session.profile().map(profile -> profile.peer().liveness().timeout()).filter(Duration::isPositive)
                .map(timeout -> session.lastHeard() + timeout.toMillis()).orElse(Long.MAX_VALUE);
    }

    /** RFC 3706, section 5: only a peer that has been silent is asked, and only one that answers. */
    private static long livenessAt(Session session, PhaseV1.Up up) {
        if (!up.sa().deadPeerDetection()
                || up.probe().isPresent()
                || session.jobs().values().stream().anyMatch(AwaitingV1.UsageForLiveness.class::isInstance)) {
            return Long.MAX_VALUE;
        }
        return session.profile()
                .map(profile -> profile.peer().liveness())
                .filter(policy -> policy.enabled())
                .map(policy -> session.lastHeard() + policy.delay().toMillis())
                .orElse(Long.MAX_VALUE);
    }

    /** Packets from the peer are as good as an answer: ask the data plane first, if there are children. */
    private static void liveness(Turn turn) {
        Set<SaId> inbound =
                turn.session().children().stream().map(ChildSa::inbound).collect(Collectors.toUnmodifiableSet());
        if (inbound.isEmpty()) {
            InformationalV1.probe(turn);
        } else {
            turn.start(new Job.ReadUsage(inbound), new AwaitingV1.UsageForLiveness(turn.session().lastHeard()));
        }
    }

    private static long keepaliveAt(Session session) {
        return session.nat().local() ? session.lastSent() + Constants.KEEPALIVE_MILLIS : Long.MAX_VALUE;
    }
}
