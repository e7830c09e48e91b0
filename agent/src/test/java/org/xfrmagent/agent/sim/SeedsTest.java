package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.policies.model.Start;

/**
 * A thousand lives of a tunnel, each from one number: with loss up to one half, duplicates, delays and reordering, NAT rebinding,
 * restarts, both sides starting at once, certificates that are slowly found to be good, and commands whenever they come.
 * {@link Invariants} hold after every step; when the weather clears up both sides have what their policies want, and agree on it.
 * More: {@code -Dseeds=100000}; one: {@code -Dseed=17}.
 */
class SeedsTest {
    private static final long SEEDS = Long.getLong("seeds", 1000);
    private static final ChildTerms.Net NET = new ChildTerms.Net("net", "10.1.0.0/16", "10.2.0.0/16");
    private static final ChildTerms.Net VOICE = new ChildTerms.Net("voice", "10.8.0.0/16", "10.9.0.0/16");

    private static final Wallet MOONS = Wallet.of("moon", KeyKind.P256);
    private static final Wallet SUNS = Wallet.of("sun", KeyKind.P256);

    @Test
    void aThousandLivesEndInAgreement() {
        Optional<Long> one = Optional.ofNullable(Long.getLong("seed"));
        long from = one.orElse(0L);
        LongStream.range(from, one.isPresent() ? from + 1 : SEEDS).forEach(seed -> {
            Life life = new Life(seed);
            try {
                life.live();
                life.settle();
                life.end();
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + ", " + life.story + ": " + failure.getMessage(), failure);
            }
        });
    }

    private static ChildTerms.Net reversed(ChildTerms.Net net) {
        return new ChildTerms.Net(net.name(), net.remote(), net.local());
    }

    /** One seed's fate. */
    private static final class Life {
        private static final long TROUBLE_MILLIS = 600_000;

        private final Random chance;
        private final World world;
        final StringBuilder story = new StringBuilder();
        private final boolean nat;
        private int mapping = 20_000;

        Life(long seed) {
            chance = new Random(seed);
            Start suns = chance.nextInt(3) == 0 ? Start.AT_START : Start.BY_PEER;
            Policies moon = Policies.moon().start(Start.AT_START).nets(NET, VOICE);
            Policies sun = Policies.sun().start(suns).nets(reversed(NET), reversed(VOICE));
            boolean certificates = chance.nextInt(4) == 0;
            // From dice of their own, so that every other seed stays what it was.
            Random cards = new Random(~seed);
            boolean tokens = certificates && cards.nextBoolean();
            if (certificates) {
                moon.certificates(tokens ? new SimulatedToken(MOONS).kept() : MOONS);
                sun.certificates(tokens ? new SimulatedToken(SUNS).kept() : SUNS);
            }
            world = new World(moon, sun, seed);
            world.moon.chainMillis = 1 + chance.nextInt(10_000);
            world.sun.chainMillis = 1 + chance.nextInt(10_000);
            world.moon.tokenMillis = 1 + cards.nextInt(10_000);
            world.sun.tokenMillis = 1 + cards.nextInt(10_000);
            nat = suns == Start.BY_PEER && chance.nextInt(3) == 0;
            if (nat) {
                world.network.translation = this::translate;
            }
            double loss = chance.nextInt(11) / 20.0;
            double duplication = chance.nextInt(4) / 10.0;
            int delay = List.of(5, 50, 500, 3_000).get(chance.nextInt(4));
            world.network.weather = new SimulatedNetwork.Weather(loss, duplication, 1, delay);
            story.append(world.network.weather).append(nat ? " behind a NAT" : "").append(" sun ").append(suns)
                    .append(tokens ? " with keys in tokens" : certificates ? " with certificates" : "");
        }

        /** Moon is behind a NAT that forgets its mappings whenever it likes: then nothing from outside comes through the old ones. */
        private Path translate(Path path) {
            if (path.local().equals(world.moon.address)) {
                return new Path(path.local(), mapping + (path.localPort() == 500 ? 0 : 1), path.remote(), path.remotePort());
            }
            int inside = path.remotePort() == mapping ? 500 : path.remotePort() == mapping + 1 ? 4500 : 0;
            return inside == 0
                    ? new Path(path.local(), path.localPort(), path.local(), 0)
                    : new Path(path.local(), path.localPort(), path.remote(), inside);
        }

        void live() {
            long end = world.network.now() + TROUBLE_MILLIS;
            while (world.network.now() < end) {
                world.network.run(1 + chance.nextInt(60_000));
                SimulatedHost host = chance.nextBoolean() ? world.moon : world.sun;
                SimulatedHost other = host == world.moon ? world.sun : world.moon;
                switch (chance.nextInt(nat ? 10 : 9)) {
                    case 0 -> host.rekeyChildren("net");
                    case 1 -> host.rekeyIkeSas();
                    case 2 -> {
                        host.rekeyChildren("net");
                        other.rekeyChildren("net");
                    }
                    case 3 -> {
                        host.rekeyIkeSas();
                        other.rekeyIkeSas();
                    }
                    case 4 -> {
                        host.rekeyIkeSas();
                        other.rekeyChildren("voice");
                    }
                    case 5 -> world.sun.downPolicy("voice");
                    case 6 -> world.sun.down("moon");
                    case 7 -> world.moon.up("sun", "voice");
                    case 8 -> restart(host);
                    default -> mapping += 2;
                }
            }
        }

        private void restart(SimulatedHost host) {
            host.dead = true;
            world.network.run(1 + chance.nextInt(5_000));
            host.restart();
        }

        /** Fair weather, and time to notice what is dead. */
        void settle() {
            world.network.weather = SimulatedNetwork.Weather.FAIR;
            world.network.run(900_000);
            assertThat(ikeSas(world.moon)).as(world::journal).isEqualTo(ikeSas(world.sun));
            world.assertSameChildren();
            for (String policy : List.of("net", "voice")) {
                assertThat(world.moon.children()).as(() -> policy + "\n" + world.journal()).anyMatch(child -> child.name().equals(policy));
            }
            assertThat(world.moon.children()).as(world::journal).allMatch(child -> child.state() == ChildSa.State.INSTALLED && child.sends());
            assertThat(world.sun.children()).as(world::journal).allMatch(child -> child.state() == ChildSa.State.INSTALLED && child.sends());
        }

        private static Set<List<Long>> ikeSas(SimulatedHost host) {
            Set<List<Long>> all = new HashSet<>();
            host.sessions().forEach(session -> session.phase().ikeSa().ifPresent(sa -> all.add(List.of(sa.initiatorSpi(), sa.responderSpi()))));
            return all;
        }

        void end() {
            world.moon.shutdown();
            world.sun.shutdown();
            world.network.run(10_000);
            world.assertNothing();
        }
    }
}
