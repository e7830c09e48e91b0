package org.xfrmagent.it.bench;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Queue;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.Endpoint;
import org.xfrmagent.agent.engine.Output;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;

/** Two engines on one thread, with a network that loses nothing and a data plane that says yes to everything. */
final class Engines {
    private static final int PORT = 500;
    private static final int FIRST_SPI = 0xc0000001;

    private final SecureRandom entropy = new SecureRandom();
    private final Queue<Runnable> due = new ArrayDeque<>();
    private long now = 1_000;
    private int serials;
    private int spis = FIRST_SPI;
    private long sessionIds;
    final Side moon;
    final Side sun;

    /** @param addresses of the other side, by peer */
    Engines(Settings moonSettings, Map<String, InetAddress> addresses, InetAddress moonAddress, Settings sunSettings) {
        moon = new Side(moonSettings, addresses, moonAddress);
        sun = new Side(sunSettings, Map.of(), moonAddress);
    }

    private Moment moment() {
        return new Moment(now, entropy);
    }

    /** Until nothing is under way. */
    void settle() {
        for (Runnable next = due.poll(); next != null; next = due.poll()) {
            next.run();
        }
        now++;
    }

    /** Lets time pass, and whatever is due then happen on both sides. */
    void pass(long millis) {
        now += millis;
        moon.tick();
        sun.tick();
        settle();
    }

    /** One gateway. */
    final class Side {
        final Endpoint endpoint;
        final Settings settings;
        private final Map<String, InetAddress> addresses;
        private final InetAddress self;
        private final List<String> troubles = new ArrayList<>();
        private int states;
        private int policies;

        private Side(Settings settings, Map<String, InetAddress> addresses, InetAddress self) {
            this.settings = settings;
            this.addresses = addresses;
            this.self = self;
            this.endpoint = new Endpoint(0, settings, () -> ++sessionIds);
        }

        private Side other() {
            return this == moon ? sun : moon;
        }

        void up(String peer, String policy) {
            Profile profile = settings.profile(peer).orElseThrow(() -> new IllegalArgumentException(peer));
            run(endpoint.up(profile, List.of(policy), moment()));
        }

        void rekey(long session, int serial) {
            run(endpoint.rekey(session, OptionalInt.of(serial), moment()));
        }

        void tick() {
            run(endpoint.tick(moment()));
        }

        /** Traffic that needs the policy of {@code reqid}. */
        void acquire(int reqid, SelectorPair packet) {
            run(endpoint.kernel(new DataPlaneEvent.Acquire(reqid, packet), moment()));
        }

        /** The time of an SA is over. */
        void expire(SaId inbound, int reqid) {
            run(endpoint.kernel(new DataPlaneEvent.HardExpire(inbound, reqid), moment()));
        }

        List<String> troubles() {
            return troubles;
        }

        int children() {
            return endpoint.sessions().values().stream().mapToInt(session -> session.children().size()).sum();
        }

        /** SAs that the data plane has. */
        int states() {
            return states;
        }

        /** Policies that it has. */
        int policies() {
            return policies;
        }

        private void run(List<Output> outputs) {
            // What the daemon does after each batch.
            endpoint.takeChanged();
            for (Output output : outputs) {
                switch (output) {
                    case Output.Act(Session session, Action action) -> act(session, action);
                    case Output.Reply(Path path, Bytes datagram) -> send(path, datagram);
                    case Output.Wanted(Profile profile, var wishes) -> due.add(() -> {
                        InetAddress there = addresses.getOrDefault(profile.name(), self);
                        run(endpoint.initiate(profile, new Path(self, PORT, there, PORT), wishes, moment()));
                    });
                    case Output.Note(Event event) -> note(event);
                }
            }
        }

        private void act(Session session, Action action) {
            switch (action) {
                case Action.Send(Path path, Bytes datagram) -> send(path, datagram);
                case Action.Emit(Event event) -> note(event);
                case Action.Do(long ticket, Job job) -> {
                    Result result = done(job);
                    due.add(() -> run(endpoint.completed(session.id(), ticket, result, moment())));
                }
            }
        }

        private void send(Path path, Bytes datagram) {
            Path arrives = new Path(
                    /* local= */ path.remote(), /* localPort= */ path.remotePort(), /* remote= */ path.local(), /* remotePort= */ path.localPort());
            due.add(() -> other().run(other().endpoint.datagram(arrives, datagram, moment())));
        }

        private void note(Event event) {
            switch (event) {
                case Event.Dropped _, Event.Refused _, Event.IkeFailed _, Event.ChildFailed _ -> troubles.add(event.toString());
                default -> {}
            }
        }

        private Result done(Job job) {
            switch (job) {
                case Job.Apply(List<Operation> operations) -> operations.forEach(this::count);
                case Job.Install(_, _, List<Operation> operations) -> operations.forEach(this::count);
                default -> {}
            }
            return result(job);
        }

        private void count(Operation operation) {
            switch (operation) {
                case Operation.AddSa _ -> states++;
                case Operation.RemoveSa _, Operation.RetireSa _ -> states--;
                case Operation.AddPolicy _ -> policies++;
                case Operation.RemovePolicy _ -> policies--;
                case Operation.MoveSa _ -> {}
            }
        }
    }

    private Result result(Job job) {
        return switch (job) {
            case Job.AllocateSpi _ -> new Result.SpiAllocated(spis++, ++serials, OptionalInt.empty());
            case Job.Apply _, Job.Install _ -> new Result.Installed(new Outcome.Applied());
            case Job.ReadUsage(var sas) -> {
                Map<SaId, Usage> usage = new HashMap<>();
                sas.forEach(id -> usage.put(id, Usage.NONE));
                yield new Result.UsageRead(usage);
            }
            case Job.LeaseAddresses _, Job.ReleaseAddresses _, Job.TakeAddresses _, Job.DropAddresses _ -> new Result.Failed("nobody asks for an address here");
            case Job.FindWays _ -> new Result.Failed("nobody moves here");
            case Job.EapRound _ -> new Result.Failed("nobody is a user here");
            case Job.Sign _ -> new Result.Failed("nobody has a token here");
            case Job.VerifyChain _ -> new Result.Failed("nobody has a certificate here");
        };
    }
}
