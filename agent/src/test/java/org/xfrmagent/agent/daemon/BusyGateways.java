package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.control.ViciServer;
import org.xfrmagent.agent.credentials.RevocationMemory;
import org.xfrmagent.agent.pkcs11.Tokens;
import org.xfrmagent.agent.dataplane.Capabilities;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.Snapshot;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.Endpoint;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Mode;

/**
 * Two gateways with many tunnels, ten with each peer, in one process: all of the agent but its sockets towards the network and the kernel.
 *
 * <pre>
 *   moon: shard, jobs, control socket  -- datagrams handed over -->  sun: shard, jobs
 * </pre>
 *
 * moon initiates; to sun they are the many hosts of one peer that may come from anywhere. One policy more is of a peer whose jobs never end: its session waits for as long as the test runs.
 */
final class BusyGateways implements AutoCloseable {
    private static final int PORT = 500;
    private static final int FIRST_SPI = 0xc000_0000;
    private static final String STUCK = "stuck";
    private static final int EACH = 10;

    private final int tunnels;
    private final CountDownLatch over = new CountDownLatch(1);
    private final LongSupplier millis;
    private final Gateway moon;
    private final Gateway sun;

    private Gateway moon() {
        return moon;
    }

    private Gateway sun() {
        return sun;
    }

    BusyGateways(Path folder, int tunnels, int softSeconds) throws IOException, StartupFailure {
        this.tunnels = tunnels;
        long origin = System.nanoTime();
        this.millis = () -> (System.nanoTime() - origin) / 1_000_000;
        this.moon = new Gateway(folder, softSeconds, true);
        this.sun = new Gateway(folder, softSeconds, false);
        sun.shard.start();
        moon.shard.start();
    }

    private static final String SECRETS = """
            limits: { cookies-from: 20000, cookies-from-per-address: 20000, half-open-per-address: 20000, half-open: 20000 }
            secrets:
              - psk: env:SUN_PSK
                ids: ["*.example.org"]
            """;

    private static final String SUN = """
            peers:
              moons:
                local: { address: 198.18.0.1, id: sun.example.org, auth: psk }
                remote: { address: "%any", id: "*.example.org", auth: psk }
                proposals: [aes128gcm16-prfsha256-x25519]
            """ + SECRETS + """
            policies:
              - name: all
                match: { local: 11.0.0.0/8, remote: 10.0.0.0/8 }
                action: protect
                peer: moons
                start: by-peer
                esp: [aes128gcm16]
            """;

    private static String peer(String name) {
        return """
                %1$s:
                  local: { address: 192.0.2.1, id: %1$s.example.org, auth: psk }
                  remote: { address: 198.18.0.1, id: sun.example.org, auth: psk }
                  proposals: [aes128gcm16-prfsha256-x25519]
                """.formatted(name).indent(2);
    }

    private static String policy(String name, String peer, String selectors, int softSeconds) {
        return """
                - name: %s
                  match: { local: %s }
                  action: protect
                  peer: %s
                  start: at-start
                  esp: [aes128gcm16]
                  lifetime: { soft: %ds, hard: 1h }
                """.formatted(name, selectors, peer, softSeconds).indent(2);
    }

    private String moon(int softSeconds) {
        StringBuilder peers = new StringBuilder("peers:\n");
        StringBuilder policies = new StringBuilder("policies:\n");
        for (int number = 0; number < tunnels; number++) {
            String name = "sun" + number / EACH;
            if (number % EACH == 0) {
                peers.append(peer(name));
            }
            policies.append(policy("net" + number, name, "10.%1$d.%2$d.0/24, remote: 11.%1$d.%2$d.0/24".formatted(number / 256, number % 256),
                    softSeconds + number % softSeconds));
        }
        peers.append(peer(STUCK));
        policies.append(policy(STUCK, STUCK, "10.255.0.0/24, remote: 11.255.0.0/24", softSeconds));
        return peers + SECRETS + policies;
    }

    /** Opens moon's control socket. */
    ViciServer serve(Path socket) throws IOException {
        return ViciServer.open(moon.agent(), new DaemonOptions.Control(List.of(socket), Optional.empty(), ViciServer::open));
    }

    /** How many of moon's tunnels are up. */
    int up() {
        return (int) moon.shard.sessions().values().stream()
                .flatMap(session -> session.children().stream())
                .map(ChildSa::name)
                .distinct()
                .count();
    }

    /** IKE SAs of moon's, that of the session that waits among them. */
    int ikeSas() {
        return moon.shard.sessions().size();
    }

    /** Children that moon has had so far, all of them. */
    int children() {
        return moon.plane.spis.get() - FIRST_SPI;
    }

    /** Whether the session that waits for a job still does. */
    boolean isStuck() {
        return moon.shard.sessions().values().stream().anyMatch(session -> session.peerName().equals(STUCK) && !session.jobs().isEmpty());
    }

    @Override
    public void close() {
        over.countDown();
        moon.close();
        sun.close();
    }

    /** One end. */
    private final class Gateway implements AutoCloseable {
        private final EventLog log = new EventLog(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), Clock.systemUTC(), false);
        private final EventHub events = new EventHub(log, Clock.systemUTC());
        private final Orders orders = new Orders();
        private final Plane plane;
        private final InForce inForce;
        private final JobRunner jobs;
        private final Shard shard;
        private final Router router;
        private final UsageBoard usage;

        private Gateway(Path folder, int softSeconds, boolean moons) throws IOException, StartupFailure {
            Path file = Files.writeString(folder.resolve(moons ? "moon.yaml" : "sun.yaml"), moons ? moon(softSeconds) : SUN);
            inForce = new InForce(Configuration.load(List.of(file), Loaded.NOTHING, Yaml.ENVIRONMENT, new RevocationMemory(), new Tokens(Map::of), Configuration.Memory.NOTHING, log), new SettingsBuilder(Settings.Ports.STANDARD));
            OptionalInt stuck = inForce.settings().profile(STUCK).map(peer -> OptionalInt.of(peer.children().getFirst().reqid())).orElse(OptionalInt.empty());
            plane = new Plane(moons ? FIRST_SPI : FIRST_SPI + 0x0800_0000, stuck);
            jobs = new JobRunner(plane, _ -> {
                throw new IOException("nobody moves here");
            }, new NoAddresses(), false);
            Outputs outputs = new Outputs(
                    (path, message, _) -> (moons ? sun() : moon()).receive(
                            new org.xfrmagent.agent.engine.core.Path(
                                    /* local= */ path.remote(), /* localPort= */ path.remotePort(), /* remote= */ path.local(), /* remotePort= */ path.localPort()), message),
                    jobs, this::call, events);
            shard = new Shard(0, new Endpoint(0, inForce.settings(), new AtomicLong()::incrementAndGet), outputs, events, millis);
            router = new Router(List.of(shard), events);
            usage = new UsageBoard(plane::usage, this::sas, 1_000, System::nanoTime);
            usage.start();
            plane.listen(router::event);
        }

        private void receive(org.xfrmagent.agent.engine.core.Path path, Bytes message) {
            shard.datagram(path, message);
        }

        private void call(Shard from, Profile profile, List<Input.Wish> wishes) {
            InetAddress here = ((Host.Address) profile.peer().local().addresses().getFirst()).address();
            InetAddress there = ((Host.Address) profile.peer().remote().addresses().getFirst()).address();
            from.post((to, at) -> to.initiate(profile, new org.xfrmagent.agent.engine.core.Path(here, PORT, there, PORT), wishes, at));
        }

        private Set<SaId> sas() {
            return shard.sessions().values().stream()
                    .flatMap(session -> session.children().stream())
                    .flatMap(child -> Stream.of(child.inbound(), child.outbound()))
                    .collect(Collectors.toUnmodifiableSet());
        }

        private AgentControl agent() {
            StandingPolicies standing = new StandingPolicies(
                    plane, new Resolver(_ -> Optional.empty(), _ -> new InetAddress[0]), log, Optional.empty());
            Reloading reloading = new Reloading(_ -> inForce.now().configuration(), inForce, standing, router, log);
            return new Agent(
                    inForce, new DataPlanes.Chosen(plane, "", Optional.empty(), Optional.empty()), router, events, orders, reloading::reload, reloading,
                    jobs, () -> 0, standing::ends, usage, new RevocationMemory(), new Tokens(Map::of));
        }

        @Override
        public void close() {
            shard.close();
            jobs.close();
            usage.close();
            inForce.close();
        }
    }

    private record NoAddresses() implements JobRunner.OwnAddresses {
        @Override
        public void take(List<InetAddress> addresses, InetAddress gateway, List<AddressRange> behind) throws IOException {
            throw new IOException("nobody is given an address here");
        }

        @Override
        public void giveBack(List<InetAddress> addresses) {}
    }

    /** Remembers which SAs there are; each has carried as many octets as its SPI says. */
    private final class Plane implements DataPlane {
        private final AtomicInteger spis;
        private final OptionalInt stuck;
        private final Set<SaId> sas = ConcurrentHashMap.newKeySet();

        private Plane(int firstSpi, OptionalInt stuck) {
            this.spis = new AtomicInteger(firstSpi);
            this.stuck = stuck;
        }

        @Override
        public String name() {
            return "remembering";
        }

        @Override
        public Capabilities capabilities() {
            return new Capabilities(EnumSet.of(Protocol.ESP), EnumSet.allOf(Mode.class), true, true, Set.copyOf(Algorithms.all()));
        }

        @Override
        public int allocate(SpiRequest request) throws DataPlaneException {
            if (stuck.isPresent() && request.reqid() == stuck.getAsInt()) {
                try {
                    over.await();
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                }
                throw new DataPlaneException("the test is over");
            }
            return spis.getAndIncrement();
        }

        @Override
        public Outcome apply(List<Operation> operations) {
            for (Operation operation : operations) {
                switch (operation) {
                    case Operation.AddSa(SaSpec sa) -> sas.add(sa.id());
                    case Operation.RemoveSa(SaId id) -> sas.remove(id);
                    case Operation.RetireSa(SaId id) -> sas.remove(id);
                    case Operation.MoveSa _, Operation.AddPolicy _, Operation.RemovePolicy _ -> {}
                }
            }
            return new Outcome.Applied();
        }

        @Override
        public Map<SaId, Usage> usage(Set<SaId> which) {
            Map<SaId, Usage> usage = new HashMap<>();
            which.stream().filter(sas::contains).forEach(id -> usage.put(id, new Usage(id.spi() & 0xfffffff, id.spi() & 0xffff, 1)));
            return usage;
        }

        @Override
        public Snapshot installed() {
            return new Snapshot(List.of(), List.of());
        }

        @Override
        public List<String> repair() {
            return List.of();
        }

        @Override
        public void listen(Consumer<DataPlaneEvent> sink) {}

        @Override
        public void close() {}
    }
}
