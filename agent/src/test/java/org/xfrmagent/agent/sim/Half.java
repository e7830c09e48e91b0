package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.engine.Sessions;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Step;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.agent.engine.v2.Timers;
import org.xfrmagent.agent.wire.Header;

/**
 * One side of an exploration as a value: its session, its data plane, and the jobs that it waits for, first come first done as in the
 * agent. Whatever happens to it gives another half, and leaves this one as it was.
 */
record Half(
        String name,
        Session session,
        Map<SaId, SaSpec> sas,
        List<PolicySpec> policies,
        List<Action.Do> jobs,
        int nextSpi,
        int serials,
        long now) {
    /** The half after an input, and the datagrams that it sent. */
    record Outcomes(Half next, List<Bytes> sent, List<String> story) {}

    static Half of(SimulatedHost host, int nextSpi) {
        return new Half(
                host.name, host.sessions().getFirst(), Map.copyOf(host.plane.sas), List.copyOf(host.plane.policies), List.of(), nextSpi, 100,
                host.now().millis());
    }

    /** Names what matters for the future: not when it is, but how long it is until something happens. */
    String fingerprint() {
        List<Long> patience = new ArrayList<>();
        ikeSas().flatMap(sa -> sa.window().outstanding().stream()).forEach(request -> patience.add(seconds(request.nextAt())));
        session.phase().retired().forEach(old -> patience.add(seconds(old.deadline())));
        session.delayed().forEach(delayed -> patience.add(seconds(delayed.at())));
        return Records.fingerprint(session, sas, policies, jobs, nextSpi, patience);
    }

    private long seconds(long until) {
        return Math.min(Math.max(0, until - now), Explorer.HORIZON) / 1000;
    }

    Half later(long millis) {
        return new Half(name, session, sas, policies, jobs, nextSpi, serials, now + millis);
    }

    // ---- what happens to it

    Outcomes take(Input input, String kind) {
        // The dice are loaded: what is thrown depends on what happens, not on when, so that two orders can meet in one state.
        Step step = step(input, kind + Records.fingerprint(input));
        return after(step);
    }

    Outcomes tick() {
        Half due = later(patience().orElse(0));
        return due.after(due.step(new Input.Tick(), "tick " + salt()));
    }

    private String salt() {
        return session.nextTicket() + " " + session.phase().ikeSa().map(sa -> sa.localSpi() + " " + sa.window().nextRequest()).orElse("");
    }

    /** The first job is done, and the session hears of it. */
    Outcomes complete() {
        Action.Do first = jobs.getFirst();
        List<Action.Do> rest = jobs.subList(1, jobs.size());
        Half done = switch (first.job()) {
            case Job.AllocateSpi _ -> new Half(name, session, sas, policies, rest, nextSpi + 1, serials + 1, now);
            case Job.Apply(List<Operation> operations) -> applied(operations, rest);
            case Job.Install(_, _, List<Operation> operations) -> applied(operations, rest);
            case Job.ReadUsage _, Job.FindWays _, Job.LeaseAddresses _, Job.ReleaseAddresses _, Job.VerifyChain _, Job.EapRound _, Job.TakeAddresses _,
                Job.DropAddresses _, Job.Sign _ ->
                throw new AssertionError("nobody asked for that");
        };
        Result result = first.job() instanceof Job.AllocateSpi
                ? new Result.SpiAllocated(nextSpi, serials, OptionalInt.empty())
                : new Result.Installed(new Outcome.Applied());
        return done.after(done.step(new Input.Completed(first.ticket(), result), "job " + first.ticket() + " " + result));
    }

    private Half applied(List<Operation> operations, List<Action.Do> rest) {
        Map<SaId, SaSpec> sasNow = new LinkedHashMap<>(sas);
        List<PolicySpec> policiesNow = new ArrayList<>(policies);
        apply(operations, sasNow, policiesNow);
        return new Half(name, session, Map.copyOf(sasNow), List.copyOf(policiesNow), rest, nextSpi, serials, now);
    }

    private static void apply(List<Operation> operations, Map<SaId, SaSpec> sas, List<PolicySpec> policies) {
        for (Operation operation : operations) {
            switch (operation) {
                case Operation.AddSa(SaSpec sa) -> assertThat(sas.put(sa.id(), sa)).as("added twice").isNull();
                case Operation.RemoveSa(SaId id) -> assertThat(sas.remove(id)).as("%s is removed and not there", id).isNotNull();
                // As if at once: nothing here may rest on the grace.
                case Operation.RetireSa(SaId id) -> assertThat(sas.remove(id)).as("%s is retired and not there", id).isNotNull();
                case Operation.MoveSa move -> {
                    Optional<SaSpec> before = Optional.ofNullable(sas.remove(move.id()));
                    assertThat(before).as("%s is moved and not there", move.id()).isPresent();
                    sas.put(move.moved(), before.orElseThrow().moved(move));
                }
                case Operation.AddPolicy(PolicySpec policy) -> policies.add(policy);
                case Operation.RemovePolicy(PolicySpec policy) ->
                    assertThat(policies.remove(policy)).as("%s is removed and not there", policy).isTrue();
            }
        }
    }

    private Step step(Input input, String seed) {
        Session own = Records.copy(session);
        Set<Secret> before = Records.secrets(own);
        Step step = Sessions.handle(own, input, new Moment(now, dice(name + seed)));
        Set<Secret> after = Records.secrets(step.next());
        for (Secret secret : before) {
            assertThat(secret.isWiped()).as("%s: a superseded secret is wiped, one in use is not, after %s", name, seed)
                    .isEqualTo(!after.contains(secret));
        }
        assertThat(after).as("%s after %s", name, seed).noneMatch(Secret::isWiped);
        return step;
    }

    private static SecureRandom dice(String seed) {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(Records.sha256(seed));
            return random;
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private Outcomes after(Step step) {
        List<Bytes> sent = new ArrayList<>();
        List<String> story = new ArrayList<>();
        List<Action.Do> waiting = new ArrayList<>(jobs);
        for (Action action : step.actions()) {
            switch (action) {
                case Action.Send(_, Bytes datagram) -> sent.add(datagram);
                case Action.Do job -> waiting.add(job);
                case Action.Emit(Event event) -> {
                    story.add(name + " " + describe(event));
                    assertThat(event instanceof Event.Dropped(Event.Rule rule, _) && rule == Event.Rule.BUG).as("%s", event).isFalse();
                }
            }
        }
        Half next = new Half(name, step.next(), sas, policies, List.copyOf(waiting), nextSpi, serials, now);
        sent.forEach(datagram -> next.assertMaySend(datagram, this));
        return new Outcomes(next, List.copyOf(sent), List.copyOf(story));
    }

    private static String describe(Event event) {
        return switch (event) {
            case Event.ChildUp(ChildSa child) -> "ChildUp " + child.inbound();
            case Event.ChildDown(ChildSa child, String reason, _) -> "ChildDown " + child.inbound() + ": " + reason;
            case Event.ChildRekeyed(ChildSa old, ChildSa fresh) -> "ChildRekeyed " + old.inbound() + " by " + fresh.inbound();
            default -> event.toString();
        };
    }

    /** Requests leave in the window, one at a time; what was answered once is answered with the same octets or not at all. */
    private void assertMaySend(Bytes datagram, Half before) {
        Header header = Header.peek(datagram);
        List<Window> windows = windows(header);
        if (header.response()) {
            before.windows(header).forEach(window -> assertThat(header.messageId())
                    .as("%s answers %s a second time", name, header).isGreaterThanOrEqualTo(window.expected() - 1));
            Optional<Window.Answer> earlier = before.windows(header).stream()
                    .flatMap(window -> window.answer().stream())
                    .filter(answer -> answer.messageId() == header.messageId())
                    .findFirst();
            earlier.ifPresent(answer -> assertThat(answer.datagrams()).contains(datagram));
        } else {
            assertThat(windows).as("%s sends %s", name, header)
                    .anyMatch(window -> window.outstanding().filter(request -> request.datagrams().contains(datagram)
                            && request.messageId() == header.messageId()).isPresent());
        }
    }

    private List<Window> windows(Header header) {
        return ikeSas().filter(sa -> sa.initiatorSpi() == header.initiatorSpi() && sa.responderSpi() == header.responderSpi())
                .map(IkeSa::window)
                .toList();
    }

    // ---- what one sees

    Stream<IkeSa> ikeSas() {
        return Stream.concat(session.phase().ikeSa().stream(), session.phase().retired().stream().map(Phase.Retired::sa));
    }

    /** The serial of a policy's newest child; one that no child has if there is none. */
    int newest(String policy) {
        return session.children().reversed().stream()
                .filter(child -> child.name().equals(policy))
                .mapToInt(ChildSa::serial)
                .findFirst()
                .orElse(0);
    }

    /** Milliseconds until it does something by itself. */
    OptionalLong patience() {
        OptionalLong next = session.isClosed() ? OptionalLong.empty() : Timers.next(session);
        return next.isPresent() ? OptionalLong.of(Math.max(0, next.getAsLong() - now)) : next;
    }

    /** Nothing is under way: no request, no answer, no job, no task but those that the lifetimes set. */
    void assertAtRest(long horizon) {
        assertThat(jobs).isEmpty();
        assertThat(session.jobs()).isEmpty();
        assertThat(session.tasks()).isEmpty();
        assertThat(session.delayed()).allMatch(delayed -> delayed.at() - now > horizon);
        assertThat(session.phase().retired()).isEmpty();
        session.phase().ikeSa().ifPresent(sa -> {
            assertThat(sa.window().outstanding()).isEmpty();
            assertThat(sa.window().answering()).isFalse();
        });
        List<ChildSa> children = session.children();
        assertThat(children).allMatch(child -> child.state() == ChildSa.State.INSTALLED && child.sends());
        assertThat(sas.keySet()).containsExactlyInAnyOrderElementsOf(
                children.stream().flatMap(child -> Stream.of(child.inbound(), child.outbound())).toList());
        assertThat(policies).containsExactlyInAnyOrderElementsOf(
                children.stream().flatMap(child -> child.policies().stream()).toList());
        if (session.isClosed()) {
            assertThat(Records.secrets(session)).isEmpty();
        }
    }

    /**
     * The SPIs on which packets of {@code reqid} may leave now. Operations that the data plane was given and that are not confirmed
     * may have happened or not.
     */
    Set<Integer> sendsOn(int reqid) {
        Map<SaId, SaSpec> sasNow = new HashMap<>(sas);
        List<PolicySpec> policiesNow = new ArrayList<>(policies);
        Set<Integer> spis = new HashSet<>();
        inForce(policiesNow, reqid).ifPresent(spis::add);
        for (Action.Do job : jobs) {
            apply(operations(job.job()), sasNow, policiesNow);
            inForce(policiesNow, reqid).ifPresent(spis::add);
        }
        return spis;
    }

    private static List<Operation> operations(Job job) {
        return switch (job) {
            case Job.Apply(List<Operation> operations) -> operations;
            case Job.Install(_, _, List<Operation> operations) -> operations;
            default -> List.of();
        };
    }

    private static OptionalInt inForce(List<PolicySpec> policies, int reqid) {
        for (PolicySpec policy : policies.reversed()) {
            if (policy.direction() == Direction.OUT
                    && policy.verdict() instanceof PolicySpec.Protect protect
                    && protect.reqid() == reqid) {
                return protect.spi();
            }
        }
        return OptionalInt.empty();
    }

    /** The SPIs that can be received for sure: installed, and not about to be removed. */
    Set<Integer> receivesOn() {
        Set<SaId> ids = new HashSet<>();
        sas.values().stream().filter(sa -> sa.direction() == Direction.IN).forEach(sa -> ids.add(sa.id()));
        for (Action.Do job : jobs) {
            operations(job.job()).forEach(operation -> {
                switch (operation) {
                    case Operation.RemoveSa(SaId id) -> ids.remove(id);
                    case Operation.RetireSa(SaId id) -> ids.remove(id);
                    default -> {}
                }
            });
        }
        Set<Integer> spis = new HashSet<>();
        ids.forEach(id -> spis.add(id.spi()));
        return spis;
    }
}
