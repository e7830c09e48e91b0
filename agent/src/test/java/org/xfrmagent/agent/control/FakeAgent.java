package org.xfrmagent.agent.control;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.AgentEvent;
import org.xfrmagent.agent.daemon.AgentInfo;
import org.xfrmagent.agent.daemon.Answer;
import org.xfrmagent.agent.daemon.IkeCounters;
import org.xfrmagent.agent.daemon.InitiateRequest;
import org.xfrmagent.agent.daemon.Ends;
import org.xfrmagent.agent.daemon.Lent;
import org.xfrmagent.agent.daemon.RedirectRequest;
import org.xfrmagent.agent.daemon.RekeyRequest;
import org.xfrmagent.agent.daemon.Loaded;
import org.xfrmagent.agent.daemon.Reloaded;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.daemon.TerminateRequest;
import org.xfrmagent.agent.dataplane.Capabilities;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.pkcs11.Tokens;
import org.xfrmagent.policies.model.PolicySet;

/** An agent that is what a test says it is, and notes what it was asked for. */
public final class FakeAgent implements AgentControl {
    private static final Instant STARTED = Instant.parse("2026-11-23T17:03:41Z");

    private final PolicySet policies;
    private final Settings settings;
    private final List<Consumer<AgentEvent>> sinks = new CopyOnWriteArrayList<>();
    private final List<Object> orders = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final Tokens tokens = new Tokens(Map::of);
    private volatile List<SessionView> sessions = List.of();
    private volatile Map<SaId, Usage> usage = Map.of();
    private volatile Function<InitiateRequest, CompletableFuture<Answer>> onInitiate = _ -> CompletableFuture.completedFuture(Answer.succeeded(1));
    private volatile Function<TerminateRequest, CompletableFuture<Answer>> onTerminate = _ -> CompletableFuture.completedFuture(Answer.succeeded(1));

    private final IkeCounters counters = new IkeCounters();
    private volatile Answer onRekey = Answer.succeeded(1);
    private volatile Predicate<Loaded> refused = _ -> false;
    private volatile Loaded loaded = Loaded.NOTHING;
    private volatile List<Lent> leases = List.of();
    private volatile Set<String> absentDevices = Set.of();
    private volatile Reloaded onReload = new Reloaded(List.of(), List.of());

    public FakeAgent(PolicySet policies, Settings settings) {
        this.policies = policies;
        this.settings = settings;
    }

    public FakeAgent lending(Lent... all) {
        leases = List.of(all);
        return this;
    }

    public FakeAgent without(String... devices) {
        absentDevices = Set.of(devices);
        return this;
    }

    @Override
    public Set<String> absentDevices() {
        return absentDevices;
    }

    @Override
    public Map<String, Ends> ends() {
        return Map.of();
    }

    @Override
    public List<Lent> leases() {
        return leases;
    }

    public FakeAgent with(long now, Session... present) {
        sessions = List.of(present).stream().map(session -> new SessionView(session, now)).toList();
        return this;
    }

    public FakeAgent used(SaId sa, Usage counters) {
        Map<SaId, Usage> all = new HashMap<>(usage);
        all.put(sa, counters);
        usage = Map.copyOf(all);
        return this;
    }

    public FakeAgent onInitiate(Function<InitiateRequest, CompletableFuture<Answer>> what) {
        onInitiate = what;
        return this;
    }

    public FakeAgent onTerminate(Function<TerminateRequest, CompletableFuture<Answer>> what) {
        onTerminate = what;
        return this;
    }

    public FakeAgent onRekey(Answer what) {
        onRekey = what;
        return this;
    }

    public FakeAgent onReload(Reloaded what) {
        onReload = what;
        return this;
    }

    /** What clients cannot have loaded together. */
    public FakeAgent refusing(Predicate<Loaded> what) {
        refused = what;
        return this;
    }

    /** As if a session had emitted it. */
    public void emit(Session session, Event event) {
        AgentEvent happened = new AgentEvent(STARTED.plusSeconds(30), session, event);
        sinks.forEach(sink -> sink.accept(happened));
    }

    public List<Object> orders() {
        return new ArrayList<>(orders);
    }

    /** How often counters were asked for. */
    public int asked() {
        return asked.get();
    }

    public int listeners() {
        return sinks.size();
    }

    @Override
    public Tokens tokens() {
        return tokens;
    }

    @Override
    public Loaded loaded() {
        return loaded;
    }

    @Override
    public CompletableFuture<Reloaded> load(UnaryOperator<Loaded> change) {
        if (refused.test(change.apply(loaded))) {
            return CompletableFuture.completedFuture(new Reloaded(List.of("that does not go together"), List.of()));
        }
        if (onReload.success()) {
            loaded = change.apply(loaded);
        }
        return CompletableFuture.completedFuture(onReload);
    }

    @Override
    public void forgetRevocations() {
        orders.add("forget revocations");
    }

    @Override
    public AgentInfo info() {
        return new AgentInfo("0.1.0", STARTED, Duration.ofSeconds(14), "userspace", "the kernel has no ESP",
                new Capabilities(Set.of(), Set.of(), true, true, Set.of()), 2, sessions.size(),
                new AgentInfo.Counters(0, sessions.size(), 1, 0, 0, Map.of(Event.Rule.MALFORMED, 3L)), new AgentInfo.Load(4, 1, 2, 3, 5, 7, 11));
    }

    @Override
    public PolicySet policies() {
        return policies;
    }

    @Override
    public Settings settings() {
        return settings;
    }

    @Override
    public List<SessionView> sessions() {
        return sessions;
    }

    @Override
    public Map<SaId, Usage> usage(Collection<SaId> which) {
        asked.incrementAndGet();
        Map<SaId, Usage> found = new HashMap<>(usage);
        found.keySet().retainAll(which);
        return found;
    }

    @Override
    public Map<SaId, Usage> usageOfAll(Collection<SaId> some) {
        asked.incrementAndGet();
        return usage;
    }

    @Override
    public IkeCounters counters() {
        return counters;
    }

    @Override
    public CompletableFuture<Answer> initiate(InitiateRequest request) {
        orders.add(request);
        return onInitiate.apply(request);
    }

    @Override
    public CompletableFuture<Answer> terminate(TerminateRequest request) {
        orders.add(request);
        return onTerminate.apply(request);
    }

    @Override
    public CompletableFuture<Answer> redirect(RedirectRequest request) {
        return CompletableFuture.completedFuture(request.gateway().equals("192.0.2.9") && request.peer().filter("ab"::equals).isPresent()
                ? Answer.succeeded(1) : Answer.failed("none"));
    }

    @Override
    public CompletableFuture<Answer> rekey(RekeyRequest request) {
        orders.add(request);
        return CompletableFuture.completedFuture(onRekey);
    }

    @Override
    public CompletableFuture<Reloaded> reload() {
        orders.add("reload");
        return CompletableFuture.completedFuture(onReload);
    }

    @Override
    public Subscription listen(Consumer<AgentEvent> sink) {
        sinks.add(sink);
        return () -> sinks.remove(sink);
    }
}
