package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.credentials.RevocationMemory;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.fake.FakeDataPlane;
import org.xfrmagent.agent.engine.Endpoint;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.pkcs11.Tokens;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.PolicySet;

/** What clients load is read piece by piece, and must be what it would be if all of it were read from the beginning. */
class LoadingTest {
    private static final List<String> NETS = List.of("10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "10.2.0.0/16", "10.3.0.0/16[tcp/22]", "dynamic", "0.0.0.0/0",
            "fd01::/32", "fd02::/48");
    private static final List<String> CONNECTIONS = List.of("sun", "venus", "mars", "pluto", "ceres");
    private static final List<String> CHILDREN = List.of("net", "lan", "dmz", "sun-net");
    private static final int SEEDS = 20;
    private static final int STEPS = 50;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final EventLog log = new EventLog(new PrintStream(written, true, StandardCharsets.UTF_8), Clock.systemUTC(), true);

    /** What came of it: a configuration, or problems. */
    private record Outcome(List<Configuration> configuration, List<String> problems) {}

    private Outcome load(Loaded loaded, Configuration.Memory before) {
        try {
            return new Outcome(List.of(Configuration.load(List.of(), loaded, Map.of(), new RevocationMemory(), new Tokens(Map::of), before, log)), List.of());
        } catch (StartupFailure refused) {
            return new Outcome(List.of(), refused.reasons());
        }
    }

    private static org.xfrmagent.policies.convert.Settings section(Map<String, String> values, Map<String, org.xfrmagent.policies.convert.Settings> sections) {
        return LoadedConversion.settings(values, sections);
    }

    private static <T> T any(Random random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static Loaded changed(Loaded loaded, Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> loaded.withoutConnection(any(random, CONNECTIONS));
            case 1 -> loaded.withSecret(any(random, CONNECTIONS), new Loaded.Shared(any(random, List.of(Loaded.Use.IKE, Loaded.Use.IKE, Loaded.Use.PPK, Loaded.Use.EAP)),
                    random.nextInt(8) == 0 ? List.of() : List.of(any(random, CONNECTIONS) + ".example.org"),
                    Secret.take("a secret of enough octets %d".formatted(random.nextInt()).getBytes(StandardCharsets.US_ASCII))));
            case 2 -> loaded.withoutSecret(any(random, CONNECTIONS));
            case 3 -> loaded.withPool(any(random, List.of("staff", "guests")), section(Map.of("addrs", any(random, List.of("10.9.0.0/24", "10.8.0.0/24", "nonsense"))), Map.of()));
            case 4 -> loaded.withoutPool(any(random, List.of("staff", "guests")));
            case 5 -> loaded.children().isEmpty() ? loaded : loaded.withTrap(any(random, List.copyOf(loaded.children().values())), random.nextBoolean());
            default -> loaded.withConnection(any(random, CONNECTIONS), connection(random));
        };
    }

    private static org.xfrmagent.policies.convert.Settings connection(Random random) {
        Map<String, String> values = new HashMap<>(Map.of("local_addrs", "192.0.2.1", "remote_addrs", any(random, List.of("192.0.2.2", "192.0.2.3", "%any"))));
        any(random, List.of(Map.<String, String>of(), Map.<String, String>of(), Map.of("fragmentation", "force"), Map.of("pools", "staff"), Map.of("pools", "guests,staff"),
                Map.of("dpd_delay", "10"), Map.of("no_such_option", "1"))).forEach(values::put);
        Map<String, org.xfrmagent.policies.convert.Settings> children = new LinkedHashMap<>();
        for (String child : CHILDREN.subList(0, 1 + random.nextInt(CHILDREN.size()))) {
            Map<String, String> its = new HashMap<>(Map.of("local_ts", any(random, NETS), "remote_ts", any(random, NETS)));
            any(random, List.of(Map.<String, String>of(), Map.<String, String>of(), Map.of("mode", "pass"), Map.of("mode", "drop", "start_action", "trap"),
                    Map.of("start_action", "trap"), Map.of("priority", "7"), Map.of("reqid", "5"), Map.of("esp_proposals", "nonsense"))).forEach(its::put);
            children.put(child, section(its, Map.of()));
        }
        return section(values, Map.of("local", section(Map.of("auth", "psk", "id", "moon.example.org"), Map.of()),
                "remote", section(Map.of("auth", any(random, List.of("psk", "psk", "eap-mschapv2")), "id", any(random, CONNECTIONS) + ".example.org"), Map.of()),
                "children", section(Map.of(), children)));
    }

    @Test
    void whatWasLoadedPieceByPieceIsWhatIsReadFromTheBeginning() {
        int accepted = 0;
        int refused = 0;
        Map<String, Ends> ends = Map.of("sun", new Ends(address("192.0.2.1"), address("192.0.2.2")), "venus", new Ends(address("192.0.2.1"), address("192.0.2.3")));
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            Loaded loaded = Loaded.NOTHING;
            Configuration.Memory memory = Configuration.Memory.NOTHING;
            Places places = Places.NONE;
            SettingsBuilder builder = new SettingsBuilder(Settings.Ports.STANDARD);
            BaseSpd.Whole spd = BaseSpd.Whole.NOTHING;
            for (int step = 0; step < STEPS; step++) {
                Loaded next = changed(loaded, random);
                Outcome bit = load(next, memory);
                Outcome whole = load(next, Configuration.Memory.NOTHING);
                String when = "seed %d, step %d".formatted(seed, step);
                assertThat(bit.problems).as(when).isEqualTo(whole.problems);
                if (!bit.problems.isEmpty()) {
                    refused++;
                    continue;
                }
                accepted++;
                Configuration now = bit.configuration.getFirst();
                Configuration fresh = whole.configuration.getFirst();
                assertThat(now.policies()).as(when).isEqualTo(fresh.policies());
                assertThat(now.keys().holdsTheKeysOf(fresh.keys())).as(when).isTrue();
                places = new Places(now.policies().policies(), places);
                Settings settings = builder.build(now.policies(), places, now.keys(), now.loaded());
                assertThat(settings).as(when).isEqualTo(settings(builder, now, places));
                BaseSpd.Whole whereSpd = BaseSpd.of(now.policies(), places, settings, ends, spd);
                assertThat(flat(whereSpd)).as(when).isEqualTo(flat(BaseSpd.of(now.policies(), places, settings, ends, BaseSpd.Whole.NOTHING)));
                spd = whereSpd;
                loaded = next;
                memory = now.memory();
                fresh.close();
            }
        }
        assertThat(accepted).isGreaterThan(SEEDS * STEPS / 4);
        assertThat(refused).isGreaterThan(SEEDS * STEPS / 10);
    }

    /** Of profiles that are made anew. */
    private static Settings settings(SettingsBuilder builder, Configuration now, Places places) {
        var _ = builder.build(PolicySet.EMPTY, Places.NONE, now.keys(), Set.of());
        return builder.build(now.policies(), places, now.keys(), now.loaded());
    }

    private static List<PolicySpec> flat(BaseSpd.Whole spd) {
        return spd.groups().stream().flatMap(List::stream).toList();
    }

    private static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow();
    }

    private static Loaded connections(int count) {
        Loaded loaded = Loaded.NOTHING;
        for (int i = 0; i < count; i++) {
            loaded = with(loaded, i, "10.%d.%d.0/24".formatted(1 + i / 250, i % 250));
        }
        return loaded;
    }

    private static Loaded with(Loaded loaded, int number, String net) {
        return loaded.withConnection("sun" + number, section(Map.of("remote_addrs", "192.0.2.2", "fragmentation", "force"), Map.of(
                "local", section(Map.of("auth", "psk"), Map.of()), "remote", section(Map.of("auth", "psk"), Map.of()),
                "children", section(Map.of(), Map.of("net" + number, section(Map.of("local_ts", "10.0.0.0/24", "remote_ts", net), Map.of()))))));
    }

    /** One of many changes: of the others every policy is the same object as before, and nothing is said of them again. */
    @Test
    void aConnectionIsConvertedAndReadOnlyWhenItChanges() {
        Loaded many = connections(300);
        Configuration before = load(many, Configuration.Memory.NOTHING).configuration.getFirst();
        assertThat(lines("fragmentation")).isEqualTo(300);
        written.reset();

        Configuration after = load(with(many, 7, "10.200.0.0/24"), before.memory()).configuration.getFirst();
        assertThat(lines("fragmentation")).isEqualTo(1);
        for (int i = 0; i < 300; i++) {
            if (i != 7) {
                assertThat(after.policies().policies().get(i)).isSameAs(before.policies().policies().get(i));
                assertThat(after.policies().peers().get(i)).isSameAs(before.policies().peers().get(i));
            }
        }
        assertThat(before.changesTo(after)).containsExactly("~ policy net7");
    }

    /** What is equal is not read again, and the copy that came with it is wiped. */
    @Test
    void theSameAgainIsNotReadAgain() throws Exception {
        AtomicInteger read = new AtomicInteger();
        InForce inForce = new InForce(load(Loaded.NOTHING, Configuration.Memory.NOTHING).configuration.getFirst(), new SettingsBuilder(Settings.Ports.STANDARD));
        EventHub events = new EventHub(log, Clock.systemUTC());
        Shard shard = new Shard(0, new Endpoint(0, inForce.settings(), () -> 1), (_, _) -> {}, events, () -> 1_000);
        StandingPolicies standing = new StandingPolicies(new FakeDataPlane(), new Resolver(_ -> Optional.empty(), _ -> new InetAddress[0]), log, Optional.empty());
        Reloading reloading = new Reloading(next -> {
            read.incrementAndGet();
            return Configuration.load(List.of(), next, Map.of(), new RevocationMemory(), new Tokens(Map::of), inForce.now().configuration().memory(), log);
        }, inForce, standing, new Router(List.of(shard), events), log);
        shard.start();
        try {
            Secret first = secret("a secret of enough octets");
            assertThat(reloading.load(loaded -> loaded.withSecret("sun", new Loaded.Shared(Loaded.Use.IKE, List.of("sun"), first))).success()).isTrue();
            assertThat(reloading.load(loaded -> with(loaded, 1, "10.1.0.0/16")).changes()).containsExactly("+ peer sun1", "+ policy net1");
            assertThat(read).hasValue(2);

            Secret again = secret("a secret of enough octets");
            assertThat(reloading.load(loaded -> loaded.withSecret("sun", new Loaded.Shared(Loaded.Use.IKE, List.of("sun"), again))).changes()).isEmpty();
            assertThat(reloading.load(loaded -> with(loaded, 1, "10.1.0.0/16")).changes()).isEmpty();
            assertThat(read).hasValue(2);
            assertThat(again.isWiped()).isTrue();
            assertThat(first.isWiped()).isFalse();

            Secret other = secret("another secret of enough octets");
            assertThat(reloading.load(loaded -> loaded.withSecret("sun", new Loaded.Shared(Loaded.Use.IKE, List.of("sun"), other))).changes()).containsExactly("~ keys");
            assertThat(first.isWiped()).isTrue();
        } finally {
            shard.close();
            inForce.close();
        }
    }

    private static Secret secret(String text) {
        return Secret.take(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A key that is too short is warned of when it is loaded, and not again with each connection. */
    @Test
    void aWarningIsNotRepeatedWithWhatIsLoadedAfterIt() {
        Loaded one = Loaded.NOTHING.withSecret("sun", new Loaded.Shared(Loaded.Use.IKE, List.of("sun"), secret("short")));
        Configuration first = load(one, Configuration.Memory.NOTHING).configuration.getFirst();
        assertThat(lines("has 5 octets")).isEqualTo(1);
        Configuration second = load(with(one, 1, "10.1.0.0/16"), first.memory()).configuration.getFirst();
        Configuration third = load(with(with(one, 1, "10.1.0.0/16"), 2, "10.2.0.0/16"), second.memory()).configuration.getFirst();
        assertThat(lines("has 5 octets")).isEqualTo(1);
        Loaded another = one.withSecret("sun", new Loaded.Shared(Loaded.Use.IKE, List.of("sun"), secret("shorty")));
        assertThat(load(another, third.memory()).problems).isEmpty();
        assertThat(lines("has 6 octets")).isEqualTo(1);
    }

    private long lines(String word) {
        return Arrays.stream(written.toString(StandardCharsets.UTF_8).split("\n", -1)).filter(line -> line.contains(word)).count();
    }

    /** In the data plane too: of groups nothing has changed in, everything is the same object. */
    @Test
    void aPolicyMoreLeavesTheOthersInTheDataPlaneAlone() {
        SettingsBuilder builder = new SettingsBuilder(Settings.Ports.STANDARD);
        Configuration before = load(connections(300), Configuration.Memory.NOTHING).configuration.getFirst();
        Places places = new Places(before.policies().policies());
        BaseSpd.Whole spd = BaseSpd.of(before.policies(), places, builder.build(before.policies(), places, before.keys(), before.loaded()), Map.of(), BaseSpd.Whole.NOTHING);
        // A narrower one comes before all of them.
        Configuration after = load(with(connections(300), 300, "10.201.0.0/28"), before.memory()).configuration.getFirst();
        assertThat(after.policies().policies().getFirst().name()).isEqualTo("net300");
        Places next = new Places(after.policies().policies(), places);
        Configuration again = load(with(with(connections(300), 300, "10.201.0.0/28"), 301, "10.202.0.0/28"), after.memory()).configuration.getFirst();
        Places last = new Places(again.policies().policies(), next);
        BaseSpd.Whole first = BaseSpd.of(after.policies(), next, builder.build(after.policies(), next, after.keys(), after.loaded()), Map.of(), spd);
        BaseSpd.Whole second = BaseSpd.of(again.policies(), last, builder.build(again.policies(), last, again.keys(), again.loaded()), Map.of(), first);
        Set<List<PolicySpec>> known = Collections.newSetFromMap(new IdentityHashMap<>());
        known.addAll(first.groups());
        assertThat(second.groups().stream().filter(known::contains).count()).as("all but the new one, and what is spared, which is nothing").isEqualTo(302);
    }
}
