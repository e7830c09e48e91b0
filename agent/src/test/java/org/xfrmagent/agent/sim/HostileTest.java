package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Session;

/**
 * A peer that goes mad, and a stranger on the wire. Whatever they send, in whatever phase, {@link Invariants} hold after each step,
 * nothing is ever a {@link Event.Rule#BUG} (R2: not in a log or on the way to an error either), nothing grows without bound, and
 * afterwards nothing is left over and a genuine tunnel comes up. More: {@code -Dseeds=100000}; one: {@code -Dseed=17}.
 */
class HostileTest {
    private static final ChildTerms.Net NET = new ChildTerms.Net("net", "10.1.0.0/16", "10.2.0.0/16");
    private static final ChildTerms.Net VOICE = new ChildTerms.Net("voice", "10.8.0.0/16", "10.9.0.0/16");

    /**
     * Authentic nonsense: messages of a life full of rekeying and deleting are opened on the way, changed, and sealed again with the right
     * keys. They reach the handlers of every exchange in every phase.
     */
    @Test
    void aPeerThatGoesMad() {
        forSeeds(100, HostileTest::mad);
    }

    /** What somebody without keys can send: datagrams come with changed copies of them, from the same address. */
    @Test
    void aStrangerOnTheWire() {
        forSeeds(50, HostileTest::interfered);
    }

    static void mad(long seed) {
        Life life = new Life(seed);
        Mutator mutator = new Mutator(seed);
        life.world.network.interceptor = (to, path, datagram) -> life.isLucky() ? List.of(datagram) : life.forge(to, mutator, datagram);
        life.live();
        life.recover();
    }

    static void interfered(long seed) {
        Life life = new Life(seed);
        Mutator mutator = new Mutator(seed);
        life.world.network.interceptor = (to, path, datagram) -> {
            List<Bytes> all = new ArrayList<>(List.of(mutator.octets(datagram), mutator.octets(datagram)));
            all.add(life.isLucky() ? 0 : 2, datagram);
            return all;
        };
        life.live();
        life.recover();
    }

    private static void forSeeds(long usual, LongConsumer life) {
        Optional<Long> one = Optional.ofNullable(Long.getLong("seed"));
        long from = one.orElse(0L);
        LongStream.range(from, one.isPresent() ? from + 1 : Long.getLong("seeds", usual)).forEach(seed -> {
            try {
                life.accept(seed);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        });
    }

    /** Moon and sun, and what their users do with them. */
    private static final class Life {
        private static final long TROUBLE_MILLIS = 120_000;

        final World world;
        private final Random chance;

        Life(long seed) {
            chance = new Random(seed);
            String ike = List.of("aes256gcm16-prfsha256-x25519", "aes128-sha256-x25519-ecp256").get(chance.nextInt(2));
            String esp = List.of("aes256gcm16", "aes128-sha256-x25519").get(chance.nextInt(2));
            int fragment = chance.nextInt(4) == 0 ? 300 : 1280;
            world = new World(
                    Policies.moon().ike(ike).esp(esp).fragmentsOf(fragment).nets(NET, VOICE),
                    Policies.sun().ike(ike).esp(esp).fragmentsOf(fragment).nets(reversed(NET), reversed(VOICE)),
                    seed);
        }

        private static ChildTerms.Net reversed(ChildTerms.Net net) {
            return new ChildTerms.Net(net.name(), net.remote(), net.local());
        }

        boolean isLucky() {
            return chance.nextInt(3) > 0;
        }

        /** Instead of the datagram, or before it: the same message with other content. */
        List<Bytes> forge(SimulatedHost to, Mutator mutator, Bytes datagram) {
            Forger forger = new Forger(to);
            Optional<IkeSa> sa = forger.ikeSa(datagram);
            Optional<Forger.Content> content = sa.flatMap(keys -> forger.open(keys, datagram));
            if (content.isEmpty()) {
                return List.of(mutator.octets(datagram), datagram);
            }
            Bytes forged = forger.seal(sa.get(), mutator.mutate(content.get()));
            return chance.nextBoolean() ? List.of(forged) : List.of(forged, datagram);
        }

        void live() {
            long end = world.network.now() + TROUBLE_MILLIS;
            while (world.network.now() < end) {
                SimulatedHost host = chance.nextBoolean() ? world.moon : world.sun;
                String peer = host == world.moon ? "sun" : "moon";
                switch (chance.nextInt(8)) {
                    case 0 -> host.rekeyChildren("net");
                    case 1 -> host.rekeyIkeSas();
                    case 2 -> host.downPolicy("voice");
                    case 3 -> host.down(peer);
                    case 4 -> world.network.run(40_000);
                    default -> host.up(peer);
                }
                world.network.run(1 + chance.nextInt(2_000));
                assertBounded(world.moon);
                assertBounded(world.sun);
            }
        }

        private static void assertBounded(SimulatedHost host) {
            assertThat(host.sessions()).as(() -> host.name + "'s sessions").hasSizeLessThan(100);
            for (Session session : host.sessions()) {
                assertThat(session.children()).as(() -> host.name + "'s children").hasSizeLessThan(100);
                assertThat(session.tasks()).as(() -> host.name + "'s tasks").hasSizeLessThan(100);
                assertThat(session.delayed()).as(() -> host.name + "'s delayed tasks").hasSizeLessThan(100);
                assertThat(session.jobs()).as(() -> host.name + "'s jobs").hasSizeLessThan(100);
                assertThat(session.phase().retired()).as(() -> host.name + "'s retired IKE SAs").hasSizeLessThan(100);
            }
        }

        /** Everybody is sane again. What was agreed in madness goes, nothing of it stays, and the next tunnel is like any other. */
        void recover() {
            world.network.interceptor = SimulatedNetwork.Interceptor.NONE;
            world.moon.down("sun");
            world.sun.down("moon");
            world.network.run(300_000);
            world.assertNothing();
            world.moon.up("sun");
            boolean up = world.network.until(60_000, () -> world.moon.children().size() == 2 && world.sun.children().size() == 2);
            assertThat(up).as(world::journal).isTrue();
            world.assertSameChildren();
        }
    }
}
