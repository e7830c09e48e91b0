package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.xfrmagent.agent.crypto.CannotSign;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.NarrowedReqids;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.eap.EapGrant;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.VirtualAddress;

/**
 * Does what a session waits for outside the engine, on virtual threads. The jobs of one session run one after the other, in the
 * order they were given; each ends in exactly one result, whatever happens.
 */
final class JobRunner implements AutoCloseable {
    /** Finds the ways to a peer. */
    @FunctionalInterface
    interface WayLookup {
        Result.WaysFound find(Job.FindWays job) throws IOException;
    }

    /** Addresses that peers give this host. */
    interface OwnAddresses {
        /** All of them, or none. */
        void take(List<InetAddress> addresses, InetAddress gateway, List<AddressRange> behind) throws IOException;

        void giveBack(List<InetAddress> addresses);
    }

    private final DataPlane plane;
    private final WayLookup ways;
    private final OwnAddresses addresses;
    private final boolean wipeKeys;
    private final NarrowedReqids reqids = new NarrowedReqids();
    private final TransportClaims claims = new TransportClaims();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("job-", 0).factory());
    private final Map<Long, CompletableFuture<Void>> tails = new ConcurrentHashMap<>();
    private final EapConversations eap = new EapConversations();
    private final Leases leases = new Leases();
    private final AtomicInteger serial = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();

    /** @param wipeKeys the plane keeps no keys of ours: the kernel has its own copy */
    JobRunner(DataPlane plane, WayLookup ways, OwnAddresses addresses, boolean wipeKeys) {
        this.plane = plane;
        this.ways = ways;
        this.addresses = addresses;
        this.wipeKeys = wipeKeys;
    }

    /** Who has which address of the pools. */
    List<Lent> leases() {
        return leases.all();
    }

    /** What a RADIUS server has granted in the conversation of this SPI of ours, once. */
    Optional<EapGrant> takeGrant(long conversation) {
        return eap.takeGrant(conversation);
    }

    /** Jobs that are being done. */
    int running() {
        return running.get();
    }

    /** Jobs whose turn has not come. */
    int waiting() {
        return waiting.get();
    }

    /** Runs {@code job} behind the other jobs of {@code session} and hands the result to {@code done}. */
    void run(long session, Job job, Consumer<Result> done) {
        waiting.incrementAndGet();
        Runnable work = () -> {
            waiting.decrementAndGet();
            running.incrementAndGet();
            try {
                done.accept(resultOf(job));
            } finally {
                running.decrementAndGet();
            }
        };
        CompletableFuture<Void> mine = tails.compute(
                session,
                (_, tail) -> tail == null ? CompletableFuture.runAsync(work, threads) : tail.thenRunAsync(work, threads));
        var _ = mine.whenComplete((_, _) -> tails.remove(session, mine));
    }

    private OptionalInt cpi(SpiRequest beside) {
        try {
            return OptionalInt.of(plane.allocate(
                    new SpiRequest(beside.source(), beside.destination(), Protocol.IPCOMP, beside.mode(), beside.reqid())));
        } catch (DataPlaneException none) {
            return OptionalInt.empty();
        }
    }

    private Result resultOf(Job job) {
        try {
            return switch (job) {
                case Job.AllocateSpi(var request, boolean compressed) -> new Result.SpiAllocated(
                        plane.allocate(request), serial.incrementAndGet(), compressed ? cpi(request) : OptionalInt.empty());
                case Job.Apply(var operations) -> new Result.Installed(apply(operations));
                case Job.Install(var narrowed, boolean held, var operations) -> {
                    NarrowedReqids.Installed installed = reqids.install(narrowed, held, operations, this::apply);
                    yield new Result.Installed(installed.outcome(), OptionalInt.of(installed.reqid()));
                }
                case Job.ReadUsage(var sas) -> new Result.UsageRead(plane.usage(sas));
                case Job.FindWays find -> ways.find(find);
                case Job.LeaseAddresses(var pools, var lessee, var wanted) -> leased(pools, lessee, wanted);
                case Job.ReleaseAddresses(var lent) -> {
                    leases.release(lent);
                    yield new Result.Released();
                }
                case Job.VerifyChain(var credentials, var peer, var remote, var certificates) ->
                    credentials.objection(peer, remote, certificates)
                            .<Result>map(Result.Failed::new)
                            .orElseGet(Result.ChainVerified::new);
                case Job.Sign(var key, var scheme, var octets) -> new Result.Signed(key.sign(scheme, octets));
                case Job.EapRound round -> new Result.EapAnswered(eap.work(round));
                case Job.TakeAddresses(var given, var gateway, var behind) -> taken(given.addresses(), gateway, behind);
                case Job.DropAddresses(var dropped) -> {
                    addresses.giveBack(dropped);
                    yield new Result.Released();
                }
            };
        } catch (CannotSign refused) {
            return new Result.Failed(refused.reason());
        } catch (DataPlaneException refused) {
            String why = refused.getMessage();
            return new Result.Failed(why == null ? "the " + plane.name() + " data plane refused" : why);
        } catch (IOException unreadable) {
            return new Result.Failed("the kernel's addresses and routes cannot be read: " + unreadable.getMessage());
        } catch (RuntimeException | LinkageError bug) {
            // An incomplete installation is an answer too: without one the session would wait until it is given up.
            return new Result.Failed(who(job) + " failed: " + bug);
        }
    }

    private String who(Job job) {
        return switch (job) {
            case Job.VerifyChain _ -> "judging certificates";
            case Job.Sign(var key, _, _) -> key.toString();
            default -> "the " + plane.name() + " data plane";
        };
    }

    private Result leased(List<Pool> pools, Lessee lessee, List<VirtualAddress> wanted) {
        List<Lease> lent = leases.lease(pools, lessee, wanted);
        String families = wanted.stream().map(each -> each.family().toString()).collect(Collectors.joining(" or "));
        return lent.isEmpty()
                ? new Result.Failed("no " + families + " address is left in " + pools.stream().map(Pool::name).collect(Collectors.joining(" and ")))
                : new Result.Leased(lent);
    }

    private Result taken(List<InetAddress> given, InetAddress gateway, List<AddressRange> behind) {
        try {
            addresses.take(given, gateway, behind);
            return new Result.Taken();
        } catch (IOException refused) {
            return new Result.Failed(String.valueOf(refused.getMessage()));
        }
    }

    private Outcome apply(List<Operation> operations) {
        Outcome outcome = claims.guard(operations, () -> plane.apply(operations));
        if (outcome instanceof Outcome.Applied) {
            reqids.follow(operations);
        }
        if (wipeKeys || outcome instanceof Outcome.Refused) {
            for (Operation operation : operations) {
                if (operation instanceof Operation.AddSa(SaSpec sa)) {
                    sa.keys().wipe();
                }
            }
        }
        return outcome;
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
