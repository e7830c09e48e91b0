package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.NotificationPayload;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Start;

/**
 * Ten mutated messages of every kind leave both hosts well and stateless: before the genuine one arrives, or after it. Whoever is on the
 * way can spoil an attempt in which nothing is authentic yet, so then another attempt must succeed; everything later goes on at once.
 */
class MutatedV1Test {
    private static final Pool POOL = new Pool("staff", List.of(AddressRange.parse("10.1.7.1"), AddressRange.parse("10.1.7.2")), List.of());

    // Where RFC 2408, section 3.1, has the fields of the header, and section 3.2 the length of the first payload.
    private static final int INITIATOR_COOKIE = 7;
    private static final int RESPONDER_COOKIE = 15;
    private static final int NEXT_PAYLOAD = 16;
    private static final int EXCHANGE = 18;
    private static final int FLAGS = 19;
    private static final int MESSAGE_ID = 23;
    private static final int LENGTH = 27;
    private static final int FIRST_LENGTH = 31;
    private static final int BODY = 28;
    private static final int BLOCK = 16;

    /** In the place of a number of children: nothing is to be left. */
    private static final int NO_SESSION = -1;

    /**
     * @param which of all messages on the wire
     * @param nth of these, from 1
     * @param provoke what makes the message leave, after the tunnel is up if {@code goal} is about something else
     * @param goal what the genuine exchange comes to
     */
    record Kind(
            String name, Supplier<World> world, Predicate<IsakmpHeader> which, int nth, Consumer<World> provoke, Predicate<World> goal,
            int children) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Predicate<IsakmpHeader> of(IsakmpExchange exchange) {
        return header -> header.exchange() == exchange.number();
    }

    private static World main() {
        return new World(Policies.moon().v1().start(Start.AT_START), Policies.sun().v1());
    }

    private static World aggressive() {
        return new World(Policies.moon().aggressive().start(Start.AT_START), Policies.sun().aggressive());
    }

    private static World user(boolean push) {
        Policies moon = Policies.moon().aggressive().user("carol", "let me in").isGiven().start(Start.AT_START);
        Policies sun = Policies.sun().aggressive().users().gives(POOL);
        return push ? new World(moon.push(), sun.push()) : new World(moon, sun);
    }

    private static World inPieces() {
        return new World(
                Policies.moon().v1().ike("aes256-sha256-modp4096").fragmentsOf(512).start(Start.AT_START),
                Policies.sun().v1().ike("aes256-sha256-modp4096").fragmentsOf(512));
    }

    private static boolean isUp(World world) {
        return world.moon.children().size() == 1 && world.sun.children().size() == 1;
    }

    private static Stream<Kind> beginnings(String name, Supplier<World> world, Predicate<IsakmpHeader> which, int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(nth -> new Kind(name + " " + nth, world, which, nth, MutatedV1Test::up, MutatedV1Test::isUp, 1));
    }

    private static void up(World world) {
        world.moon.up("sun");
    }

    private static Kind later(String name, int nth, Consumer<World> provoke, Predicate<World> goal, int children) {
        return new Kind(name, MutatedV1Test::main, of(IsakmpExchange.INFORMATIONAL), nth, world -> {
            world.established(1);
            provoke.accept(world);
        }, goal, children);
    }

    private static void silence(World world) {
        world.network.run(1_000);
        world.moon.lastUsedSecondsAgo = 1_000;
        world.sun.lastUsedSecondsAgo = 1_000;
    }

    static Stream<Kind> kinds() {
        Stream<Kind> phases = Stream.of(
                        beginnings("main mode", MutatedV1Test::main, of(IsakmpExchange.IDENTITY_PROTECTION), 1, 6),
                        beginnings("aggressive mode", MutatedV1Test::aggressive, of(IsakmpExchange.AGGRESSIVE), 1, 3),
                        beginnings("quick mode", MutatedV1Test::main, of(IsakmpExchange.QUICK), 1, 3),
                        beginnings("XAUTH and Mode Config, pull", () -> user(false), of(IsakmpExchange.TRANSACTION), 1, 6),
                        beginnings("Mode Config, push", () -> user(true), of(IsakmpExchange.TRANSACTION), 5, 6),
                        beginnings("piece", MutatedV1Test::inPieces, header -> header.nextPayload() == PayloadType.FRAGMENT.number(), 1, 4))
                .flatMap(kind -> kind);
        Stream<Kind> informational = Stream.of(
                later("R-U-THERE", 1, MutatedV1Test::silence, world -> world.sun.lastUsedSecondsAgo > 0 && informationals(world) >= 2, 1),
                later("R-U-THERE-ACK", 2, MutatedV1Test::silence, world -> informationals(world) >= 2, 1),
                later("delete of a child", 1, world -> world.moon.downPolicy("net"), world -> world.sun.children().isEmpty(), 0),
                new Kind("delete of the ISAKMP SA", MutatedV1Test::onDemand, of(IsakmpExchange.INFORMATIONAL), 2, MutatedV1Test::upAndDown,
                        world -> world.sun.sessions().isEmpty() && world.moon.sessions().isEmpty(), NO_SESSION),
                later("INITIAL_CONTACT", 1, MutatedV1Test::initialContact, world -> informationals(world) >= 1, 1),
                new Kind("notification", MutatedV1Test::refused, of(IsakmpExchange.INFORMATIONAL), 1, MutatedV1Test::up,
                        world -> !world.moon.events(Event.ChildFailed.class).isEmpty(), 0));
        return Stream.of(phases, signatures(), informational).flatMap(kind -> kind);
    }

    private static World onDemand() {
        return new World(Policies.moon().v1(), Policies.sun().v1());
    }

    private static void upAndDown(World world) {
        world.established(1);
        world.moon.down("sun");
    }

    /** Moon says it with phase 1's last message; others say it in one of its own. */
    private static void initialContact(World world) {
        Session moon = world.session(world.moon);
        IsakmpSa sa = ((PhaseV1.Up) moon.phase()).sa();
        world.network.send(world.moon, moon.path(), new ForgerV1(sa).first(
                IsakmpExchange.INFORMATIONAL, 4711, NotificationPayload.of(ProtocolId.ISAKMP, sa.cookies(), NotifyType.INITIAL_CONTACT, Bytes.empty())));
    }

    private static World signed(SigningPhase1 kind) {
        return new World(kind.moon(Wallet.of("moon", kind.key)).start(Start.AT_START), kind.sun(Wallet.of("sun", kind.key)));
    }

    private static Stream<Kind> signatures() {
        return Stream.of(
                        SigningPhase1.MAIN_RSA, SigningPhase1.MAIN_ECDSA_256, SigningPhase1.MAIN_HYBRID,
                        SigningPhase1.AGGRESSIVE_RSA, SigningPhase1.AGGRESSIVE_HYBRID)
                .flatMap(kind -> kind.aggressive
                        ? beginnings(kind.toString(), () -> signed(kind), of(IsakmpExchange.AGGRESSIVE), 1, 3)
                        : beginnings(kind.toString(), () -> signed(kind), of(IsakmpExchange.IDENTITY_PROTECTION), 1, 6));
    }

    private static long informationals(World world) {
        return world.network.seen.stream().map(seen -> IsakmpHeader.peek(seen.datagram())).filter(of(IsakmpExchange.INFORMATIONAL)).count();
    }

    private static World refused() {
        return new World(Policies.moon().v1(), Policies.sun().v1().esp("aes128-sha256"));
    }

    /** Ten ways: bits of every field of the header, lengths, an end that is missing, a hash that is wrong, parts that are exchanged. */
    private static List<Bytes> mutants(Bytes genuine) {
        return List.of(
                flipped(genuine, INITIATOR_COOKIE), flipped(genuine, RESPONDER_COOKIE), flipped(genuine, NEXT_PAYLOAD),
                flipped(genuine, EXCHANGE), flipped(genuine, FLAGS), flipped(genuine, MESSAGE_ID), lengthened(genuine),
                flipped(genuine, FIRST_LENGTH), flipped(genuine, genuine.length() - 1), exchanged(genuine));
    }

    private static Bytes flipped(Bytes genuine, int at) {
        byte[] octets = genuine.toArray();
        octets[at] ^= 1;
        return Bytes.wrap(octets);
    }

    /** Cut off in the middle, and saying so. */
    private static Bytes lengthened(Bytes genuine) {
        byte[] octets = genuine.slice(0, BODY + (genuine.length() - BODY) / 2).toArray();
        octets[LENGTH - 1] = (byte) (octets.length >> Byte.SIZE);
        octets[LENGTH] = (byte) octets.length;
        return Bytes.wrap(octets);
    }

    private static Bytes exchanged(Bytes genuine) {
        int end = Math.min(genuine.length(), BODY + 2 * BLOCK);
        int middle = BODY + (end - BODY) / 2;
        return Bytes.concat(genuine.slice(0, BODY), genuine.slice(middle, end), genuine.slice(BODY, middle), genuine.from(end));
    }

    @Test
    void aMutantIsNoGenuineMessage() {
        Bytes genuine = Bytes.wrap(new byte[100]);
        byte[] numbered = genuine.toArray();
        for (int i = 0; i < numbered.length; i++) {
            numbered[i] = (byte) i;
        }
        assertThat(mutants(Bytes.wrap(numbered))).hasSize(10).doesNotHaveDuplicates().doesNotContain(Bytes.wrap(numbered));
    }

    private static int meddle(World world, Kind kind, boolean before) {
        int[] seen = {0};
        world.network.interceptor = (to, path, datagram) -> {
            boolean now = kind.which.test(IsakmpHeader.peek(datagram)) && ++seen[0] == kind.nth;
            List<Bytes> arriving = new ArrayList<>(now && before ? mutants(datagram) : List.of());
            arriving.add(datagram);
            arriving.addAll(now && !before ? mutants(datagram) : List.of());
            return arriving;
        };
        kind.provoke.accept(world);
        boolean done = world.network.until(before ? 600_000 : 60_000, () -> kind.goal.test(world));
        assertThat(done).as(world::journal).isTrue();
        world.network.run(1_000);
        assertThat(seen[0]).as("messages of that kind").isGreaterThanOrEqualTo(kind.nth);
        return seen[0];
    }

    private static void assertStateless(World world, Kind kind) {
        // Longer than anybody waits for somebody who began and went away.
        world.network.run(200_000);
        if (kind.children == NO_SESSION) {
            world.assertNothing();
            return;
        }
        for (SimulatedHost host : List.of(world.moon, world.sun)) {
            assertThat(host.sessions()).as(world::journal).singleElement()
                    .satisfies(session -> assertThat(session.phase()).isInstanceOf(PhaseV1.Up.class));
            assertThat(host.children()).as(world::journal).hasSize(kind.children);
            assertThat(host.sessions().getFirst().jobs()).isEmpty();
        }
        world.assertSameChildren();
        assertThat(world.sun.leases.values()).allMatch(sessions -> sessions == 1);
        assertThat(world.moon.taken.values()).allMatch(sessions -> sessions == 1);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void tenMutatedMessagesBeforeTheGenuineOne(Kind kind) {
        World world = kind.world.get();
        meddle(world, kind, true);
        assertStateless(world, kind);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void tenMutatedMessagesAfterTheGenuineOne(Kind kind) {
        World world = kind.world.get();
        meddle(world, kind, false);
        assertStateless(world, kind);
    }
}
