package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.eap.EapGrant;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.RadiusServer;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.radius.RadiusAccounting;
import org.xfrmagent.agent.radius.RadiusAccounting.Carried;
import org.xfrmagent.agent.radius.RadiusAccounting.Cause;
import org.xfrmagent.agent.radius.RadiusClient;
import org.xfrmagent.agent.radius.RadiusConversation.Station;
import org.xfrmagent.policies.model.Defaults;

/**
 * Tells RADIUS servers of the users that they have let in. A user has come when its first child is there: then it has its addresses, too.
 * What is told of one user is told in its order, on a virtual thread; nobody waits for it, and a server that does not hear it is in the log.
 */
final class Accounting implements AutoCloseable {
    private static final Duration LAST = Duration.ofSeconds(5);
    private static final long LOOK_SECONDS = 1;

    /**
     * A user that is there.
     *
     * @param who as the servers are told of it; empty before its first child
     * @param since by {@link System#nanoTime}
     * @param children that it has now
     * @param gone what children have carried that it has no more
     * @param told when the servers were told last, likewise
     */
    private record Account(
            List<Bytes> classes, Optional<RadiusAccounting> who, long since, List<ChildSa> children, Carried gone, long told) {
        Account {
            classes = List.copyOf(classes);
            children = List.copyOf(children);
        }

        Account with(ChildSa child) {
            List<ChildSa> more = new ArrayList<>(children);
            more.add(child);
            return new Account(classes, who, since, more, gone, told);
        }

        Account without(ChildSa child, Carried carried) {
            boolean had = children.stream().anyMatch(each -> each.serial() == child.serial());
            return had
                    ? new Account(classes, who, since, children.stream().filter(each -> each.serial() != child.serial()).toList(), gone.plus(carried), told)
                    : this;
        }

        Account begun(RadiusAccounting as, long now) {
            return new Account(classes, Optional.of(as), now, children, gone, now);
        }

        Account told(long now) {
            return new Account(classes, who, since, children, gone, now);
        }

        long seconds() {
            return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
        }
    }

    /** What is told, by somebody who may have to wait for it. */
    @FunctionalInterface
    private interface Telling {
        void tell(List<RadiusServer> servers) throws IOException;
    }

    private final EventLog log;
    private final LongFunction<Optional<EapGrant>> grants;
    private final Supplier<Optional<Credentials.Judges>> judges;
    private final Function<Set<SaId>, Map<SaId, Usage>> usage;
    private final RadiusClient client = new RadiusClient();
    private final Map<Long, Account> accounts = new ConcurrentHashMap<>();
    private final Map<Long, CompletableFuture<Void>> tails = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("accounting-", 0).factory());
    private final ScheduledExecutorService interim = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("accounting-interim").factory());
    /** Two lives of the agent have no stay of a user in common. */
    private final String life = Long.toHexString(Instant.now().getEpochSecond());

    /**
     * @param grants what a RADIUS server has granted in the conversation of this SPI of ours, told once
     * @param judges whom the policies have now
     * @param usage what SAs have carried
     */
    Accounting(EventLog log, LongFunction<Optional<EapGrant>> grants, Supplier<Optional<Credentials.Judges>> judges, Function<Set<SaId>, Map<SaId, Usage>> usage) {
        this.log = log;
        this.grants = grants;
        this.judges = judges;
        this.usage = usage;
    }

    /** Begins to tell of users in between, too. */
    void start() {
        var _ = interim.scheduleWithFixedDelay(this::remind, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    /** To be told every event, on the session's thread. */
    void heard(AgentEvent happened) {
        Session session = happened.session();
        switch (happened.event()) {
            case Event.IkeUp _ -> up(session);
            case Event.ChildUp(ChildSa child) -> came(session, child);
            case Event.ChildRekeyed(_, ChildSa fresh) -> accounts.computeIfPresent(session.id(), (_, account) -> account.with(fresh));
            case Event.ChildDown(ChildSa child, _, _) when accounts.containsKey(session.id()) -> {
                Carried carried = carried(List.of(child));
                accounts.computeIfPresent(session.id(), (_, account) -> account.without(child, carried));
            }
            case Event.IkeDown(_, _, Event.End end) -> went(session.id(), switch (end) {
                case OURS -> Cause.ADMIN_RESET;
                case CLOSED -> Cause.USER_REQUEST;
                case LOST -> Cause.LOST_SERVICE;
            });
            default -> {}
        }
    }

    private void up(Session session) {
        Optional<EapGrant> grant = spi(session).flatMap(spi -> grants.apply(spi));
        if (grant.isPresent() && judges.get().filter(now -> now.accounting().told()).isPresent() && session.phase().user().isPresent()) {
            accounts.put(session.id(), new Account(
                    grant.get().classes(), Optional.empty(), System.nanoTime(), List.of(), Carried.NOTHING, System.nanoTime()));
        }
    }

    private static Optional<Long> spi(Session session) {
        return switch (session.phase()) {
            case Phase.Established up -> Optional.of(up.sa().localSpi());
            case PhaseV1.Up up -> Optional.of(up.sa().localCookie());
            default -> Optional.empty();
        };
    }

    private void came(Session session, ChildSa child) {
        accounts.computeIfPresent(session.id(), (id, account) -> {
            Account now = account.with(child);
            if (now.who().isPresent()) {
                return now;
            }
            RadiusAccounting who = who(session, account);
            Instant at = Instant.now();
            tell(id, who, servers -> who.start(client, servers, at));
            return now.begun(who, System.nanoTime());
        });
    }

    private RadiusAccounting who(Session session, Account account) {
        Path path = session.path();
        List<InetAddress> addresses = session.phase().inner().theirs();
        return new RadiusAccounting(
                life + "-" + session.id(), session.phase().user().orElse(""),
                new Station(judges.get().map(Credentials.Judges::nas).orElse(Defaults.NAS_IDENTIFIER), path.local(), path.localPort(), path.remote(), path.remotePort(), session.peerName()),
                addresses, account.classes());
    }

    private void went(long session, Cause cause) {
        Account account = accounts.remove(session);
        if (account == null || account.who().isEmpty()) {
            return;
        }
        RadiusAccounting who = account.who().get();
        Carried all = account.gone().plus(carried(account.children()));
        Instant at = Instant.now();
        long seconds = account.seconds();
        tell(session, who, servers -> who.stop(client, servers, at, seconds, all, cause));
    }

    /** In is what came from the user. */
    private Carried carried(List<ChildSa> children) {
        Carried all = Carried.NOTHING;
        for (ChildSa child : children) {
            Map<SaId, Usage> counters = usage.apply(Set.of(child.inbound(), child.outbound()));
            Usage in = counters.getOrDefault(child.inbound(), Usage.NONE);
            Usage out = counters.getOrDefault(child.outbound(), Usage.NONE);
            all = all.plus(new Carried(in.bytes(), out.bytes(), in.packets(), out.packets()));
        }
        return all;
    }

    private void tell(long session, RadiusAccounting who, Telling telling) {
        Runnable work = () -> {
            try {
                // Those of now: the secrets of a policy that is no more are wiped.
                telling.tell(judges.get().map(Credentials.Judges::servers).orElse(List.of()));
            } catch (IOException unheard) {
                log.warning("accounting", "user '" + who.user().replaceAll("[^\\x20-\\x7e]", "?") + "', " + who.id() + ": " + unheard.getMessage());
            }
        };
        CompletableFuture<Void> mine = tails.compute(session, (_, tail) ->
                tail == null ? CompletableFuture.runAsync(work, threads) : tail.thenRunAsync(work, threads));
        var _ = mine.whenComplete((_, _) -> tails.remove(session, mine));
    }

    /** Tells of those of whom the servers have not been told for as long as they want to be. */
    private void remind() {
        try {
            Duration often = judges.get().map(now -> now.accounting().interim()).orElse(Duration.ZERO);
            accounts.forEach((session, account) -> {
                if (often.isPositive() && account.who().isPresent() && System.nanoTime() - account.told() >= often.toNanos()) {
                    remind(session, account, account.who().get());
                }
            });
        } catch (RuntimeException bug) {
            // Thrown on, it would be the last look.
            log.error("accounting", "users could not be told of: " + bug);
        }
    }

    private void remind(long session, Account account, RadiusAccounting who) {
        accounts.computeIfPresent(session, (_, now) -> now.told(System.nanoTime()));
        Carried all = account.gone().plus(carried(account.children()));
        Instant at = Instant.now();
        tell(session, who, servers -> who.interim(client, servers, at, account.seconds(), all));
    }

    /** Tells of those who have not answered our goodbye, too, and waits a bounded time for what is still to be told. */
    @Override
    public void close() {
        interim.shutdownNow();
        List.copyOf(accounts.keySet()).forEach(session -> went(session, Cause.ADMIN_REBOOT));
        var _ = CompletableFuture.allOf(tails.values().toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, LAST.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(_ -> null)
                .join();
        threads.shutdownNow();
    }
}
