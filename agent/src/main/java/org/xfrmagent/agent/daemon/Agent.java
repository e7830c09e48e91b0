package org.xfrmagent.agent.daemon;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.credentials.RevocationMemory;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.pkcs11.Tokens;
import org.xfrmagent.policies.model.PolicySet;

/** The running agent as the control socket sees it. */
final class Agent implements AgentControl {
    static final String VERSION = "0.1.0";

    private final Instant started = Instant.now();
    private final long startedNanos = System.nanoTime();
    private final InForce inForce;
    private final RevocationMemory revocations;
    private final Tokens tokens;
    private final DataPlanes.Chosen chosen;
    private final Router router;
    private final EventHub events;
    private final Orders orders;
    private final Supplier<Reloaded> reload;
    private final Reloading reloading;
    private final JobRunner jobs;
    private final IntSupplier readers;
    private final Supplier<Map<String, Ends>> ends;
    private final UsageBoard usage;

    Agent(
            InForce inForce, DataPlanes.Chosen chosen, Router router, EventHub events, Orders orders, Supplier<Reloaded> reload,
            Reloading reloading, JobRunner jobs, IntSupplier readers, Supplier<Map<String, Ends>> ends, UsageBoard usage,
            RevocationMemory revocations, Tokens tokens) {
        this.revocations = revocations;
        this.tokens = tokens;
        this.inForce = inForce;
        this.chosen = chosen;
        this.router = router;
        this.events = events;
        this.orders = orders;
        this.reload = reload;
        this.reloading = reloading;
        this.jobs = jobs;
        this.readers = readers;
        this.ends = ends;
        this.usage = usage;
    }

    @Override
    public AgentInfo info() {
        long halfOpen = 0;
        long established = 0;
        List<SessionView> sessions = sessions();
        for (SessionView view : sessions) {
            switch (view.session().phase()) {
                case Phase.Established _ -> established++;
                case Phase.Initiating _, Phase.HalfOpen _, Phase.Authenticating _, PhaseEap _ -> halfOpen++;
                case PhaseV1.Up _ -> established++;
                case PhaseV1 _ -> halfOpen++;
                case Phase.Idle _, Phase.Closing _, Phase.Closed _ -> {}
            }
        }
        return new AgentInfo(
                VERSION,
                started,
                Duration.ofNanos(System.nanoTime() - startedNanos),
                chosen.plane().name(),
                chosen.reason(),
                chosen.plane().capabilities(),
                router.shards().size(),
                sessions.size(),
                events.counters(halfOpen, established),
                load(sessions));
    }

    private AgentInfo.Load load(List<SessionView> sessions) {
        List<Shard> shards = router.shards();
        return new AgentInfo.Load(
                readers.getAsInt(),
                (int) shards.stream().filter(Shard::isWorking).count(),
                jobs.running(),
                jobs.waiting(),
                shards.stream().mapToInt(Shard::waiting).sum(),
                shards.stream().mapToInt(Shard::strangers).sum(),
                sessions.stream().mapToInt(view -> scheduled(view.session())).sum());
    }

    private static int scheduled(Session session) {
        boolean sentAgain = session.phase() instanceof Phase.Initiating || session.phase() instanceof PhaseV1 v1 && v1.outstanding().isPresent()
                || session.phase().ikeSa().filter(sa -> sa.window().outstanding().isPresent()).isPresent();
        return (int) session.delayed().stream().count() + (sentAgain ? 1 : 0);
    }

    @Override
    public Tokens tokens() {
        return tokens;
    }

    @Override
    public PolicySet policies() {
        return inForce.policies();
    }

    @Override
    public Settings settings() {
        return inForce.settings();
    }

    @Override
    public List<SessionView> sessions() {
        List<SessionView> views = new ArrayList<>();
        for (Shard shard : router.shards()) {
            for (Session session : shard.sessions().values()) {
                if (!session.isClosed()) {
                    views.add(new SessionView(session, shard.now()));
                }
            }
        }
        views.sort(Comparator.comparingLong(view -> view.session().id()));
        return List.copyOf(views);
    }

    @Override
    public Map<String, Ends> ends() {
        return ends.get();
    }

    @Override
    public Set<String> absentDevices() {
        return chosen.plane().absentDevices();
    }

    @Override
    public List<Lent> leases() {
        return jobs.leases();
    }

    @Override
    public Map<SaId, Usage> usage(Collection<SaId> which) {
        return usage.of(which);
    }

    @Override
    public Map<SaId, Usage> usageOfAll(Collection<SaId> some) {
        return usage.ofAll(some);
    }

    @Override
    public IkeCounters counters() {
        return events.messages();
    }

    @Override
    public CompletableFuture<Answer> initiate(InitiateRequest request) {
        return orders.initiate(request, inForce.settings().profiles(), router);
    }

    @Override
    public CompletableFuture<Answer> terminate(TerminateRequest request) {
        return orders.terminate(request, router);
    }

    @Override
    public CompletableFuture<Answer> redirect(RedirectRequest request) {
        return orders.redirect(request, router);
    }

    @Override
    public CompletableFuture<Answer> rekey(RekeyRequest request) {
        return orders.rekey(request, router);
    }

    @Override
    public CompletableFuture<Reloaded> reload() {
        return goOver(reload);
    }

    @Override
    public void forgetRevocations() {
        revocations.forget();
    }

    @Override
    public Loaded loaded() {
        return reloading.loaded();
    }

    @Override
    public CompletableFuture<Reloaded> load(UnaryOperator<Loaded> change) {
        return goOver(() -> reloading.load(change));
    }

    /** On a thread of its own: it waits for the shards, and for the kernel. */
    private static CompletableFuture<Reloaded> goOver(Supplier<Reloaded> how) {
        CompletableFuture<Reloaded> outcome = new CompletableFuture<>();
        var _ = Thread.ofPlatform().name("reload").daemon().start(() -> {
            try {
                outcome.complete(how.get());
            } catch (RuntimeException bug) {
                outcome.complete(Reloaded.refused(List.of("an internal error: " + bug)));
            }
        });
        return outcome;
    }

    @Override
    public Subscription listen(Consumer<AgentEvent> sink) {
        return events.listen(sink);
    }
}
