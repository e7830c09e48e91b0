package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Outstanding;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.policies.model.Ip;

/** What a session does when nothing happens: retransmit, give up, ask whether the peer lives, keep a NAT's mapping open. */
public final class Timers {
    private Timers() {}

    /** When the session next wants a tick, in milliseconds; empty: not by itself. */
    public static OptionalLong next(Session session) {
        long next = Long.MAX_VALUE;
        Optional<Outstanding> outstanding = outstanding(session.phase());
        if (outstanding.isPresent()) {
            next = Math.min(next, outstanding.get().nextAt());
        }
        next = Math.min(next, deadline(session.phase()));
        next = Math.min(next, session.delayed().nextAt());
        next = Math.min(next, Retirement.nextAt(session.phase()));
        next = Math.min(next, Overdue.at(session));
        next = Math.min(next, livenessAt(session));
        next = Math.min(next, keepaliveAt(session));
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /** Does whatever is due. */
    public static void tick(Turn turn) {
        long now = turn.now();
        Phase phase = turn.session().phase();
        if (deadline(phase) <= now) {
            Ending.abandoned(turn, turn.session().jobs().values().stream().anyMatch(Timers::isChain)
                    ? "whether the peer's certificate is to be believed was not known in time"
                    : "the peer began and did not authenticate itself in time");
            return;
        }
        Optional<Outstanding> outstanding = outstanding(phase);
        if (outstanding.isPresent() && outstanding.get().nextAt() <= now) {
            retransmit(turn, outstanding.get());
            if (turn.session().isClosed()) {
                return;
            }
        }
        Retirement.tick(turn);
        release(turn, now);
        Overdue.tick(turn);
        if (livenessAt(turn.session()) <= now) {
            liveness(turn);
        }
        if (keepaliveAt(turn.session()) <= now) {
            keepalive(turn);
        }
    }

    private static boolean isChain(Awaiting job) {
        return job instanceof Awaiting.ChainOfInitiator || job instanceof Awaiting.ChainOfResponder;
    }

    /** RFC 3948, section 4: only "if no other packet has been sent", and ESP is one. */
    private static void keepalive(Turn turn) {
        Set<SaId> outbound = turn.session().children().stream()
                .filter(ChildSa::udpEncapsulated)
                .map(ChildSa::outbound)
                .collect(Collectors.toUnmodifiableSet());
        if (outbound.isEmpty()) {
            turn.send(List.of(Receiving.KEEPALIVE));
        } else {
            turn.start(new Job.ReadUsage(outbound), new Awaiting.UsageForKeepalive());
        }
    }

    static void keepalive(Turn turn, Result result) {
        long idle = result instanceof Result.UsageRead(var usage)
                ? usage.values().stream()
                        .mapToLong(Usage::lastUsedSecondsAgo)
                        .filter(seconds -> seconds >= 0)
                        .min()
                        .orElse(Long.MAX_VALUE)
                : Long.MAX_VALUE;
        if (idle < Constants.KEEPALIVE_MILLIS / 1000) {
            turn.change(session -> session.sentAt(Math.max(session.lastSent(), turn.now() - idle * 1000)));
        } else {
            turn.send(List.of(Receiving.KEEPALIVE));
        }
    }

    /** Delayed tasks whose time has come join the queue. */
    private static void release(Turn turn, long now) {
        for (Task.Delayed delayed : turn.session().delayed().due(now)) {
            turn.queue(delayed.task());
        }
        turn.change(session -> session.withDelayed(session.delayed().withoutDue(now)));
    }

    private static Optional<Outstanding> outstanding(Phase phase) {
        return phase instanceof Phase.Initiating initiating
                ? Optional.of(initiating.outstanding())
                : phase.ikeSa().flatMap(sa -> sa.window().outstanding());
    }

    private static long deadline(Phase phase) {
        return switch (phase) {
            case Phase.HalfOpen halfOpen -> halfOpen.deadline();
            case Phase.Authenticating authenticating -> authenticating.deadline();
            case PhaseEap eap -> eap.deadline();
            case Phase.Idle _, Phase.Initiating _, Phase.Established _, Phase.Closing _, Phase.Closed _, PhaseV1 _ ->
                Long.MAX_VALUE;
        };
    }

    private static void retransmit(Turn turn, Outstanding request) {
        Optional<Outstanding> again = Requests.again(turn, request);
        if (again.isEmpty() && turn.session().phase() instanceof Phase.Initiating init && mayTryAgain(turn, init)) {
            Profile profile = turn.session().profile().orElseThrow();
            turn.emit(new Event.Remark("the peer does not answer at " + Ip.text(turn.session().path().remote()) + ": trying again ("
                    + (init.course().attempt() + 1) + " of " + profile.peer().attempts() + ")"));
            IkeSaInit.again(turn, profile, init);
            return;
        }
        if (again.isEmpty()) {
            Ending.down(turn, turn.session().phase() instanceof Phase.Closing(IkeSa _, String reason, _)
                    ? reason + " (the peer did not confirm)"
                    : "the peer does not answer at " + Ip.text(turn.session().path().remote()) + ": sent "
                            + request.attempts() + " times in "
                            + Requests.policy(turn.session()).total().toSeconds() + " s" + givenUp(turn.session()));
            return;
        }
        if (turn.session().phase() instanceof Phase.Initiating init) {
            turn.change(session -> session.withPhase(new Phase.Initiating(
                    init.spi(), init.keyExchange(), init.nonce(), init.cookie(), again.get(), init.restarts(), init.course(), init.wishes())));
        } else {
            IkeSa sa = turn.ikeSa();
            turn.ikeSa(sa.withWindow(sa.window().withOutstanding(again.get())));
        }
    }

    private static boolean mayTryAgain(Turn turn, Phase.Initiating init) {
        return turn.session().profile().filter(profile -> init.course().attempt() < profile.peer().attempts()).isPresent();
    }

    private static String givenUp(Session session) {
        return session.phase() instanceof Phase.Initiating init && session.profile().filter(peer -> peer.peer().attempts() > 0).isPresent()
                ? ", and is given up after " + init.course().attempt() + (init.course().attempt() == 1 ? " attempt" : " attempts")
                : "";
    }

    /** Section 2.4: only a peer that has been silent is asked, and only when no other request would tell as much. */
    private static long livenessAt(Session session) {
        if (!(session.phase() instanceof Phase.Established established)
                || established.sa().window().outstanding().isPresent()
                || session.tasks().has(new Task.Liveness())
                || session.jobs().values().stream().anyMatch(Awaiting.UsageForLiveness.class::isInstance)) {
            return Long.MAX_VALUE;
        }
        return session.profile()
                .map(profile -> profile.peer().liveness())
                .filter(policy -> policy.enabled())
                .map(policy -> session.lastHeard() + policy.delay().toMillis())
                .orElse(Long.MAX_VALUE);
    }

    /** ESP from the peer is as good as an answer: ask the data plane first, if there are children. */
    private static void liveness(Turn turn) {
        Set<SaId> inbound =
                turn.session().children().stream().map(ChildSa::inbound).collect(Collectors.toUnmodifiableSet());
        if (inbound.isEmpty()) {
            turn.queue(new Task.Liveness());
        } else {
            turn.start(new Job.ReadUsage(inbound), new Awaiting.UsageForLiveness(turn.session().lastHeard()));
        }
    }

    private static long keepaliveAt(Session session) {
        boolean asking = session.jobs().values().stream().anyMatch(Awaiting.UsageForKeepalive.class::isInstance);
        return session.nat().local() && session.phase() instanceof Phase.Established && !asking
                ? session.lastSent() + Constants.KEEPALIVE_MILLIS
                : Long.MAX_VALUE;
    }
}
