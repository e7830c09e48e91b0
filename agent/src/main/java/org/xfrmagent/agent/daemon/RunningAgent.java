package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.credentials.RevocationMemory;
import org.xfrmagent.agent.pkcs11.Tokens;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.user.EspInUdp;
import org.xfrmagent.agent.dataplane.user.UserPlaneOptions;
import org.xfrmagent.agent.engine.Endpoint;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.netlink.route.Route;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.policies.convert.LoadedConversion;

/**
 * Everything that runs, built from the ground up, so that no socket answers before the policies are in force:
 *
 * <pre>
 *   policies and secrets → data plane → sockets, not yet read → standing policies → shards → readers → control socket → first tick
 * </pre>
 *
 * <p>What was built is taken down again when a later part fails.
 */
final class RunningAgent {
    /** One today. Every SPI, reader and event already finds its shard by number. */
    private static final int SHARDS = 1;

    private static final long GOODBYE_MILLIS = 3_000;
    private static final long USAGE_MILLIS = 1_000;
    private static final int REFRESH_SECONDS = 30;
    /** How long a shard may take to say what it has. */
    private static final long SESSIONS_MILLIS = 10_000;

    private final Ground ground;
    private final EventLog log;
    private final InForce inForce;
    private final Tokens tokens;
    private final Supervisor supervisor;
    private final DataPlanes.Chosen chosen;
    private final StandingPolicies standing;
    private final Router router;
    private final Orders orders;
    private final Reconciler reconciler;
    private final Reloading reloading;
    private final Guardian guardian;
    private final ExpiryWatch expiry;
    private final TokenWatch waiting;
    private final UsageBoard usage;
    private final AgentControl agent;
    private final NetworkWatch network;
    private Optional<AgentControl.Subscription> control = Optional.empty();

    private RunningAgent(
            DaemonOptions options, Configuration configuration, RevocationMemory revocations, Tokens tokens, Map<String, String> environment, Ground ground, EventLog log)
            throws IOException, DataPlaneException {
        this.tokens = tokens;
        this.ground = ground;
        this.log = log;
        this.supervisor = new Supervisor(environment, log);
        Settings.Ports ports = options.ports();
        this.inForce = ground.add("secrets", new InForce(configuration, new SettingsBuilder(ports)));
        Settings settings = inForce.settings();
        this.orders = new Orders();
        EventHub events = new EventHub(log, Clock.systemUTC());
        events.listen(orders::heard);

        // Asked first: whoever starts a second agent should read about the port, not about what the planes trip over.
        IkeSockets.open(ports, new IkeSockets.Use(false, 0), events).close();

        // The userspace plane sends through the IKE sockets, and the sockets need to know the plane: the plane comes first.
        WayOut wayOut = new WayOut();
        this.chosen = DataPlanes.open(options.dataPlane(), wayOut);
        DataPlane plane = ground.add("data plane", chosen.plane());
        this.reconciler = new Reconciler(plane, log);

        IkeSockets.Use use = new IkeSockets.Use(chosen.isKernel(), chosen.isKernel() ? 0 : UserPlaneOptions.MARK);
        IkeSockets sockets = ground.add("ike", IkeSockets.open(ports, use, events));
        wayOut.through = sockets;
        Rtnetlink rtnetlink = ground.add("routes", Rtnetlink.open());
        Resolver resolver = ground.add("names", new Resolver(
                destination -> rtnetlink.routes().lookup(destination, Optional.empty()).flatMap(Route::source),
                InetAddress::getAllByName));

        // Leftovers stay in force until ours are: a restart is no moment for clear text.
        List<Operation> leftovers = chosen.isKernel() ? reconciler.leftovers(settings) : List.of();
        if (chosen.kernel().isPresent()) {
            chosen.kernel().get().adopt(leftovers.stream()
                    .<PolicySpec>mapMulti((operation, found) -> {
                        if (operation instanceof Operation.RemovePolicy(PolicySpec policy)) {
                            found.accept(policy);
                        }
                    })
                    .toList());
        }
        this.standing = new StandingPolicies(
                plane, resolver, log, chosen.isKernel() ? Optional.of(new KernelWays(rtnetlink, log)) : Optional.empty());
        ground.add("policies", standing::remove);
        standing.install(configuration.policies(), settings);
        reconciler.remove(leftovers);

        Caller caller = ground.add("calls", new Caller(resolver, ports, orders::unreachable));
        events.listen(caller::heard);
        Updown updown = ground.add("updown", new Updown(log, this::childName));
        events.listen(updown::heard);
        VirtualAddresses addresses = ground.add("addresses", new VirtualAddresses(rtnetlink, log, use.mark(), chosen.isKernel()));
        addresses.forgetPredecessor();
        JobRunner jobs = ground.add("jobs", new JobRunner(
                plane, new WayFinder(rtnetlink, use.mark(), addresses::holds), addresses, chosen.isKernel()));
        this.usage = ground.add("counters", new UsageBoard(plane::usage, this::sas, USAGE_MILLIS, System::nanoTime));
        Accounting accounting = ground.add("accounting", new Accounting(
                log, jobs::takeGrant, () -> inForce.now().configuration().keys().radius(), usage::of));
        events.listen(accounting::heard);
        accounting.start();
        this.router = new Router(shards(new Outputs(sockets, jobs, caller, events), events), events);
        this.reloading = new Reloading(
                loaded -> Configuration.load(
                        options.policies(), loaded, environment, revocations, tokens, inForce.now().configuration().memory(), log), inForce, standing, router, log);
        this.guardian = ground.add("guardian", new Guardian(this::compare, log));
        this.expiry = ground.add("expiry", new ExpiryWatch(() -> inForce.now().configuration().keys().warnings(), log));
        this.waiting = ground.add("waiting for tokens", new TokenWatch(
                () -> inForce.now().configuration().keys().absent(), tokens::isThere, this::reload, log));
        this.agent = new Agent(inForce, chosen, router, events, orders, this::reload, reloading, jobs, sockets::readers, standing::ends, usage, revocations, tokens);
        plane.listen(this::event);
        this.network = ground.add("network", NetworkWatch.open(this::linkChanged, () -> router.all(Endpoint::networkChanged)));
        sockets.start(this::sink);
    }

    /** Sends through sockets that open later than whoever sends. */
    private static final class WayOut implements EspInUdp {
        private volatile EspInUdp through = EspInUdp.none();

        @Override
        public int send(List<Packet> batch) {
            return through.send(batch);
        }
    }

    /** @throws StartupFailure with sentences for the user; nothing is left behind */
    static RunningAgent start(DaemonOptions options, Map<String, String> environment, EventLog log) throws StartupFailure {
        Ground ground = new Ground(log);
        try {
            RevocationMemory revocations = new RevocationMemory();
            Tokens tokens = ground.add("tokens", new Tokens(new StrongswanModules(environment)::read));
            Configuration configuration =
                    ground.add("secrets", Configuration.load(options.policies(), Loaded.NOTHING, environment, revocations, tokens, Configuration.Memory.NOTHING, log));
            RunningAgent running = new RunningAgent(options, configuration, revocations, tokens, environment, ground, log);
            running.begin(options);
            return running;
        } catch (IOException | DataPlaneException failed) {
            ground.close();
            throw new StartupFailure(String.valueOf(failed.getMessage()));
        } catch (StartupFailure | RuntimeException failed) {
            ground.close();
            throw failed;
        }
    }

    /** The control socket opens before the first tunnel is started: nobody misses an event. */
    private void begin(DaemonOptions options) throws IOException {
        control = Optional.of(ground.add("control", options.control().surface().open(agent, options.control())));
        router.shards().forEach(shard -> ground.add("shard " + shard.number(), shard).start());
        guardian.start();
        expiry.start();
        waiting.start();
        usage.start();
        ScheduledExecutorService upkeep =
                Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("upkeep").daemon().factory());
        ground.add("upkeep", upkeep::shutdownNow);
        network.start();
        var _ = upkeep.scheduleWithFixedDelay(this::refresh, REFRESH_SECONDS, REFRESH_SECONDS, TimeUnit.SECONDS);
    }

    private List<Shard> shards(Outputs outputs, EventHub events) {
        long origin = System.nanoTime();
        LongSupplier millis = () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - origin);
        AtomicLong sessionIds = new AtomicLong();
        List<Shard> shards = new ArrayList<>();
        for (int number = 0; number < SHARDS; number++) {
            Endpoint endpoint = new Endpoint(number, inForce.settings(), sessionIds::incrementAndGet);
            shards.add(new Shard(number, endpoint, outputs, events, millis));
        }
        return shards;
    }

    private IkeSockets.Sink sink() {
        Router.Entrance entrance = router.entrance();
        return new IkeSockets.Sink() {
            @Override
            public Optional<Bytes> ike(Path path, Bytes message) {
                return entrance.datagram(path, message);
            }

            @Override
            public void esp(Path path, byte[] packet) {
                chosen.user().ifPresent(user -> user.receivedEncapsulated(
                        new InetSocketAddress(path.remote(), path.remotePort()),
                        new InetSocketAddress(path.local(), path.localPort()),
                        packet));
            }
        };
    }

    /** On the plane's own thread. */
    private void event(DataPlaneEvent event) {
        switch (event) {
            case DataPlaneEvent.EventsLost() -> {
                log.warning("data plane", "events were lost; comparing what is installed with what should be");
                guardian.disturbed();
            }
            case DataPlaneEvent.Disturbed(String what) -> {
                log.warning("data plane", what + " behind our back; comparing what is installed with what should be");
                guardian.disturbed();
            }
            default -> reloading.whenSettled(() -> router.event(event));
        }
    }

    /** On the network watch's thread. */
    private void linkChanged() {
        try {
            chosen.plane().linksChanged().forEach(sentence -> log.notice("data plane", sentence));
        } catch (DataPlaneException unfollowed) {
            log.error("data plane", String.valueOf(unfollowed.getMessage()));
            guardian.disturbed();
        }
    }

    /** On the guardian's thread. */
    private void compare() throws DataPlaneException {
        Shard clock = router.shards().getFirst();
        List<DataPlaneEvent> news =
                reconciler.compare(inForce.settings(), () -> router.sessions(SESSIONS_MILLIS), clock::now);
        reloading.whenSettled(() -> news.forEach(router::event));
    }

    /** What the connection that a policy was loaded with calls it. */
    private String childName(String policy) {
        LoadedConversion.Origin origin = reloading.loaded().names().get(policy);
        return origin == null ? policy : origin.child();
    }

    private List<Session> sessions() {
        return router.shards().stream().flatMap(shard -> shard.sessions().values().stream()).toList();
    }

    private Set<SaId> sas() {
        Set<SaId> sas = new HashSet<>();
        for (Session session : sessions()) {
            for (ChildSa child : session.children()) {
                sas.add(child.inbound());
                sas.add(child.outbound());
            }
        }
        return sas;
    }

    private void refresh() {
        try {
            if (standing.incomplete()) {
                standing.refresh();
            }
            standing.restore();
        } catch (RuntimeException bug) {
            log.error("policies", "looking peers up again failed: " + bug);
        }
    }

    /** Reads the policy files again and goes over to what they say, or says why not; see {@link Reloading}. */
    Reloaded reload() {
        supervisor.reloading();
        tokens.lookAgain();
        try {
            return reloading.reload();
        } finally {
            supervisor.ready(summary());
        }
    }

    /** One line for the service manager and the log. */
    String summary() {
        Settings settings = inForce.settings();
        long policies = settings.profiles().stream().mapToLong(profile -> profile.children().size()).sum();
        return settings.profiles().size() + " peers, " + policies + " protect policies, " + chosen.plane().name() + " data plane"
                + (chosen.reason().isEmpty() ? "" : ": " + chosen.reason());
    }

    AgentControl agent() {
        return agent;
    }

    /** Says goodbye to every peer, waits for their answers a bounded time, and takes everything down. */
    void stop(String reason) {
        reloading.end();
        guardian.close();
        control.ifPresent(AgentControl.Subscription::close);
        orders.end();
        router.all((endpoint, at) -> endpoint.shutdown(reason, at));
        try {
            for (Shard shard : router.shards()) {
                shard.goodbye(GOODBYE_MILLIS);
            }
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
        int unanswered = sessions().size();
        if (unanswered > 0) {
            log.notice("ike", unanswered + " peers did not answer our goodbye");
        }
        router.shards().forEach(Shard::close);
        if (chosen.isKernel()) {
            reconciler.removeAll(inForce.settings());
        }
        ground.close();
    }
}
