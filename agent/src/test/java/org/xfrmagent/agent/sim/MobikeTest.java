package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.policies.model.Ip;

/** RFC 4555 between two endpoints: moon, which initiated, moves; sun follows. */
class MobikeTest {
    private static final InetAddress MOON = Policies.address("moon");
    private static final InetAddress SUN = Policies.address("sun");
    private static final InetAddress ELSEWHERE = address("198.51.100.1");
    private static final InetAddress MOON6 = address("2001:db8::1");
    private static final InetAddress SUN6 = address("2001:db8::2");
    private static final InetAddress SUN_LATER = address("192.0.2.22");
    /** Moon behind a NAT, and the NAT. */
    private static final InetAddress INSIDE = address("10.9.9.9");

    private static final InetAddress NAT = address("203.0.113.9");

    private static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow();
    }

    private static World world(long seed) {
        return new World(Policies.moon().mobike().punctual(), Policies.sun().mobike().punctual(), seed).established(1);
    }

    /** Moves moon's only address, and lets things calm down. */
    private static void move(World world, InetAddress... to) {
        world.moon.readdress(to);
        world.network.run(2_000);
    }

    private static void assertBetween(World world, InetAddress moon, InetAddress sun) {
        assertThat(world.moon.plane.all(Direction.OUT)).as(world::journal).isNotEmpty().allSatisfy(out -> {
            assertThat(out.source()).isEqualTo(moon);
            assertThat(out.id().destination()).isEqualTo(sun);
        });
        assertThat(world.sun.plane.all(Direction.OUT)).as(world::journal).isNotEmpty().allSatisfy(out -> {
            assertThat(out.source()).isEqualTo(sun);
            assertThat(out.id().destination()).isEqualTo(moon);
        });
        world.assertSameChildren();
    }

    private static List<String> exchanges(World world, int from) {
        return world.network.seen.subList(from, world.network.seen.size()).stream()
                .map(sighting -> sighting.from() + (Header.peek(sighting.datagram()).response() ? " answers " : " asks ")
                        + Header.peek(sighting.datagram()).exchange())
                .toList();
    }

    // ---- sections 3.2 and 3.3

    @Test
    void bothSidesSayThatTheyCanAndGoToPort4500() {
        World world = world(1);
        assertThat(world.session(world.moon).mobility().agreed()).isTrue();
        assertThat(world.session(world.sun).mobility().agreed()).isTrue();
        assertThat(world.session(world.moon).path()).isEqualTo(new Path(MOON, 4500, SUN, 4500));
        assertThat(world.moon.plane.all(Direction.OUT).getFirst().encapsulation()).isEmpty();
    }

    @Test
    void oneSideAloneDoesNotDoMobike() {
        World world = new World(Policies.moon().mobike(), Policies.sun()).established(1);
        assertThat(world.session(world.moon).mobility().agreed()).isFalse();
        int before = world.network.seen.size();
        move(world, ELSEWHERE);
        assertThat(exchanges(world, before)).isEmpty();
        world.assertSameChildren();
    }

    // ---- sections 3.5 and 3.7

    @Test
    void theTunnelMovesWithItsInitiator() {
        World world = world(1);
        ChildSa child = world.moon.children().getFirst();
        int before = world.network.seen.size();
        move(world, ELSEWHERE);

        /* UPDATE_SA_ADDRESSES, NAT_D, NAT_D -->    <-- NAT_D, NAT_D    <-- COOKIE2    COOKIE2 --> */
        assertThat(exchanges(world, before)).containsExactly("moon asks 37", "sun answers 37", "sun asks 37", "moon answers 37");
        assertBetween(world, ELSEWHERE, SUN);
        ChildSa after = world.moon.children().getFirst();
        assertThat(after.serial()).isEqualTo(child.serial());
        assertThat(after.inbound().spi()).isEqualTo(child.inbound().spi());
        assertThat(world.moon.events(Event.ChildRekeyed.class)).isEmpty();
        assertThat(world.moon.events(Event.Moved.class)).extracting(Event.Moved::before).containsExactly(new Path(MOON, 4500, SUN, 4500));
        assertThat(world.sun.events(Event.Moved.class)).extracting(Event.Moved::before).as("IKE_AUTH came on another port than IKE_SA_INIT")
                .containsExactly(new Path(SUN, 500, MOON, 500), new Path(SUN, 4500, MOON, 4500));

        world.moon.rekeyChildren("net");
        world.sun.rekeyIkeSas();
        world.network.run(2_000);
        assertBetween(world, ELSEWHERE, SUN);
        world.moon.down("sun");
        world.network.run(1_000);
        world.assertNothing();
    }

    /** Its old address still receives while it moves: it is at both, and tells the peer only when it receives at the new one. */
    @Test
    void theInitiatorLeavesAnAddressThatIsAboutToGoWhileItStillServes() {
        World world = world(1);
        world.moon.readdress(MOON, ELSEWHERE);
        world.network.run(2_000);
        assertBetween(world, MOON, SUN);

        int before = world.network.seen.size();
        world.moon.deprecated.add(MOON);
        world.moon.readdress(MOON, ELSEWHERE);
        world.network.run(2_000);
        assertThat(exchanges(world, before)).containsExactly("moon asks 37", "sun answers 37", "sun asks 37", "moon answers 37");
        assertBetween(world, ELSEWHERE, SUN);

        world.moon.readdress(ELSEWHERE);
        world.network.run(2_000);
        assertThat(exchanges(world, before)).hasSize(4);
    }

    /** Only the initiator chooses (section 3.5), and where there is no other address there is nothing to choose. */
    @Test
    void nobodyElseLeavesAnAddressThatIsAboutToGo() {
        World world = world(1);
        int before = world.network.seen.size();
        world.moon.deprecated.add(MOON);
        world.moon.readdress(MOON);
        world.sun.deprecated.add(SUN);
        world.sun.readdress(SUN);
        world.network.run(2_000);
        assertThat(exchanges(world, before)).isEmpty();
        assertBetween(world, MOON, SUN);
    }

    /** Section 3.7: else anybody with a tunnel could turn our stream on a third party. */
    @Test
    void noTrafficGoesToTheNewAddressBeforeThePeerHasProvedThatItIsThere() {
        World world = world(1);
        // Moon says that it is there, and hears nothing that is sent there.
        world.network.translation = path -> path.remote().equals(ELSEWHERE) ? nowhere(path) : path;
        world.moon.readdress(ELSEWHERE);
        world.network.run(60_000);
        assertThat(world.session(world.sun).path().remote()).isEqualTo(ELSEWHERE);
        assertThat(world.sun.plane.all(Direction.OUT).getFirst().id().destination()).as(world::journal).isEqualTo(MOON);
        world.network.run(600_000);
        assertThat(world.sun.established()).isEmpty();
    }

    private static Path nowhere(Path path) {
        return new Path(path.local(), path.localPort(), address("192.0.2.254"), path.remotePort());
    }

    @Test
    void aTunnelMovesFromIpv4ToIpv6AndBack() {
        World world = world(1);
        world.sun.readdress(SUN, SUN6);
        world.network.run(1_000);
        assertThat(world.session(world.moon).mobility().peers()).containsExactly(SUN6);
        move(world, MOON6);
        assertBetween(world, MOON6, SUN6);
        move(world, MOON);
        assertBetween(world, MOON, SUN);
    }

    @Test
    void whileItsAddressServesNothingMoves() {
        World world = world(1);
        int before = world.network.seen.size();
        move(world, ELSEWHERE, MOON);
        assertThat(exchanges(world, before)).isEmpty();
        assertBetween(world, MOON, SUN);
    }

    @Test
    void anAddressThatComesBackInTimeIsTakenUpAgain() {
        World world = world(1);
        move(world);
        assertThat(world.moon.events(Event.Remark.class)).anySatisfy(remark -> assertThat(remark.text()).contains("no way to the peer"));
        world.network.run(60_000);
        move(world, MOON);
        assertThat(world.moon.established()).as(world::journal).hasSize(1);
        assertBetween(world, MOON, SUN);
        assertThat(world.moon.events(Event.IkeDown.class)).isEmpty();
    }

    // ---- NATs that appear and vanish

    private static UnaryOperator<Path> nat(int outside) {
        return path -> path.local().equals(INSIDE)
                ? new Path(NAT, outside, path.remote(), path.remotePort())
                : path.remote().equals(NAT) && path.remotePort() == outside
                        ? new Path(path.local(), path.localPort(), INSIDE, 4500)
                        : path.remote().equals(NAT) ? nowhere(path) : path;
    }

    @Test
    void behindANatTheTunnelGoesInUdpAndBeforeItNoLonger() {
        World world = world(1);
        world.network.translation = nat(61_000);
        move(world, INSIDE);
        assertThat(outwards(world.moon).encapsulation()).as(world::journal).contains(new UdpEncapsulation(4500, 4500));
        assertThat(outwards(world.sun).encapsulation()).contains(new UdpEncapsulation(4500, 61_000));
        assertThat(outwards(world.sun).id().destination()).isEqualTo(NAT);
        assertThat(world.sun.plane.all(Direction.IN).getFirst().encapsulation()).contains(new UdpEncapsulation(61_000, 4500));

        world.network.translation = UnaryOperator.identity();
        move(world, MOON);
        assertThat(outwards(world.moon).encapsulation()).isEmpty();
        assertThat(outwards(world.sun).encapsulation()).isEmpty();
        assertBetween(world, MOON, SUN);
    }

    private static SaSpec outwards(SimulatedHost host) {
        return host.plane.all(Direction.OUT).getFirst();
    }

    /** Section 3.8: the initiator asks how it is seen along with "are you there?". */
    @Test
    void aNatThatForgotItsMappingIsNoticedByTheInitiator() {
        World world = world(1);
        world.network.translation = nat(61_000);
        move(world, INSIDE);
        world.network.run(40_000);
        world.network.translation = nat(62_000);
        assertThat(world.network.until(120_000, () -> outwards(world.sun).encapsulation().equals(Optional.of(new UdpEncapsulation(4500, 62_000)))))
                .as(world::journal).isTrue();
        assertThat(world.moon.established()).hasSize(1);
    }

    @Test
    void aNatThatRebindsWhileTheTunnelMovesIsFollowed() {
        LongStream.range(0, 30).forEach(seed -> {
            World world = world(seed);
            world.network.weather = new SimulatedNetwork.Weather(0, 0, 1, 40);
            world.network.translation = nat(61_000);
            world.moon.readdress(INSIDE);
            world.network.run(new Random(seed).nextInt(200));
            world.network.translation = nat(62_000);
            assertThat(world.network.until(300_000, () -> outwards(world.sun).encapsulation().equals(Optional.of(new UdpEncapsulation(4500, 62_000)))))
                    .as(() -> "seed " + seed + "\n" + world.journal()).isTrue();
            assertThat(outwards(world.sun).id().destination()).isEqualTo(NAT);
        });
    }

    // ---- collisions and loss

    @Test
    void aMoveInTheMiddleOfARekeyingLosesNothing() {
        LongStream.range(0, 60).forEach(seed -> {
            World world = world(seed);
            Random chance = new Random(seed);
            world.network.weather = new SimulatedNetwork.Weather(seed % 2 == 0 ? 0 : 0.2, 0.1, 1, 60);
            List<Runnable> what = new ArrayList<>(List.of(
                    () -> world.moon.readdress(ELSEWHERE),
                    () -> world.moon.rekeyChildren("net"),
                    () -> world.sun.rekeyChildren("net"),
                    () -> world.moon.rekeyIkeSas(),
                    () -> world.sun.rekeyIkeSas(),
                    () -> world.moon.readdress(MOON),
                    () -> world.moon.readdress(ELSEWHERE)));
            for (Runnable each : what) {
                each.run();
                world.network.run(chance.nextInt(80));
            }
            world.network.weather = SimulatedNetwork.Weather.FAIR;
            world.network.run(400_000);
            assertThat(world.moon.established()).as(() -> "seed " + seed + "\n" + world.journal()).hasSize(1);
            assertThat(world.moon.children()).as(() -> "seed " + seed + "\n" + world.journal()).hasSize(1);
            assertBetween(world, ELSEWHERE, SUN);
        });
    }

    @Test
    void twoMovesInARowEndAtTheSecond() {
        World world = world(1);
        world.moon.readdress(ELSEWHERE);
        world.moon.readdress(MOON);
        world.moon.readdress(ELSEWHERE);
        world.network.run(2_000);
        assertBetween(world, ELSEWHERE, SUN);
    }

    // ---- section 3.10: paths that fail without a word

    @Test
    void aPeerThatIsSilentAtOneAddressIsTriedAtItsOthers() {
        World world = world(1);
        world.sun.readdress(SUN, SUN_LATER);
        world.network.run(1_000);
        world.network.translation = path -> path.remote().equals(SUN) || path.local().equals(SUN) ? nowhere(path) : path;
        assertThat(world.network.until(120_000, () -> outwards(world.sun).source().equals(SUN_LATER))).as(world::journal).isTrue();
        world.network.run(5_000);
        assertBetween(world, MOON, SUN_LATER);
        assertThat(world.moon.events(Event.IkeDown.class)).isEmpty();
    }

    /** Section 3.6: the responder cannot move, but it can say where else it is. */
    @Test
    void aResponderWhoseAddressGoesIsFollowedByTheInitiator() {
        World world = world(1);
        world.sun.readdress(SUN, SUN_LATER);
        world.network.run(1_000);
        world.sun.readdress(SUN_LATER);
        world.network.run(120_000);
        assertThat(world.moon.established()).as(world::journal).hasSize(1);
        assertBetween(world, MOON, SUN_LATER);
    }

    /** What sun says when it has another address more; it does not arrive by itself. */
    private static Bytes announcement(World world, InetAddress... all) {
        List<Bytes> said = new ArrayList<>();
        world.network.interceptor = (to, path, datagram) -> {
            if (to == world.moon && !Header.peek(datagram).response() && said.isEmpty()) {
                said.add(datagram);
                return List.of();
            }
            return List.of(datagram);
        };
        world.sun.readdress(all);
        world.network.run(500);
        world.network.interceptor = SimulatedNetwork.Interceptor.NONE;
        return said.getFirst();
    }

    /** Its old address still answers, but its traffic goes from the other one: strongSwan, when its routes change. */
    @Test
    void aResponderThatTellsItsAddressesFromAnotherOfThemIsFollowedThere() {
        World world = world(1);
        world.sun.readdress(SUN, SUN_LATER);
        world.network.run(1_000);
        Bytes told = announcement(world, SUN, SUN_LATER, address("192.0.2.23"));
        world.moon.receive(new Path(MOON, 4500, SUN_LATER, 4500), told);
        world.network.run(5_000);
        assertBetween(world, MOON, SUN_LATER);
    }

    // ---- hostile datagrams

    /** Whoever can alter the source of the peer's packets could turn our traffic on a third party. */
    @Test
    void aListOfAddressesFromWhereThePeerNeverSaidToBeMovesNothing() {
        World world = world(1);
        Bytes told = announcement(world, SUN, SUN_LATER);
        world.moon.receive(new Path(MOON, 4500, address("203.0.113.66"), 4500), told);
        assertBetween(world, MOON, SUN);
        world.network.run(20_000);
        assertBetween(world, MOON, SUN);
    }

    @Test
    void whatWasSaidBeforeMovesNothingWhenItIsRepeatedFromElsewhere() {
        World world = world(1);
        move(world, ELSEWHERE);
        move(world, MOON);
        List<Bytes> overheard = world.network.seen.stream()
                .filter(sighting -> sighting.from().equals("moon"))
                .map(SimulatedNetwork.Sighting::datagram)
                .filter(datagram -> Header.peek(datagram).exchange() != ExchangeType.IKE_SA_INIT.number())
                .toList();
        Path path = world.session(world.sun).path();
        for (Bytes datagram : overheard) {
            world.sun.receive(new Path(SUN, 4500, address("203.0.113.66"), 4500), datagram);
            world.network.run(100);
            assertThat(world.session(world.sun).path()).isEqualTo(path);
            assertBetween(world, MOON, SUN);
        }
    }

    /** Section 3.8: under MOBIKE a request from elsewhere is answered there, and moves nothing: that is how a path is tested. */
    @Test
    void aRequestFromElsewhereIsAnsweredThereAndMovesNothing() {
        World world = world(1);
        world.network.translation = path -> path.local().equals(MOON)
                ? new Path(MOON, 4600, path.remote(), path.remotePort())
                : new Path(path.local(), path.localPort(), path.remote(), 4500);
        int before = world.network.seen.size();
        world.moon.rekey(world.session(world.moon).id(), OptionalInt.empty());
        world.network.run(2_000);
        assertThat(world.network.seen.get(before + 1).path().remotePort()).isEqualTo(4600);
        assertThat(world.session(world.sun).path().remotePort()).isEqualTo(4500);
    }
}
