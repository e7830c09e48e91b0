package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.PhaseTransaction;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.wire.v1.AttributesPayload;
import org.xfrmagent.agent.wire.v1.ConfigAttribute;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Start;

/** A user with a password behind phase 1: moon is the user, sun the gateway. */
class XauthTest {
    /** Where a header has it. */
    private static final int VERSION = 17;
    /** Wrong passwords of one user from one address, and when they are forgotten. */
    private static final int SOME = 6;
    private static final long A_WHILE = 600_000;

    private static World world(String user, String password) {
        return new World(Policies.moon().aggressive().user(user, password), Policies.sun().aggressive().users());
    }

    private static String exchange(SimulatedNetwork.Sighting sighting) {
        IsakmpHeader header = IsakmpHeader.peek(sighting.datagram());
        return sighting.from() + " " + header.exchangeType().map(IsakmpExchange::title).orElse("?");
    }

    @Test
    void thePasswordComesBetweenPhase1AndPhase2() {
        World world = world("carol", "let me in").established(1);
        assertThat(world.network.seen.stream().map(XauthTest::exchange)).startsWith(
                "moon aggressive mode", "sun aggressive mode", "moon aggressive mode", "sun transaction", "moon transaction", "sun transaction",
                "moon transaction", "moon quick mode");
        world.assertSameChildren();
        assertThat(world.session(world.sun).phase()).isInstanceOfSatisfying(
                PhaseV1.Up.class, up -> assertThat(up.guest().orElseThrow().user()).isEqualTo("carol"));
    }

    @Test
    void mainModeHasItToo() {
        new World(Policies.moon().v1().user("carol", "let me in"), Policies.sun().v1().users()).established(1);
    }

    /** The gateway asks again, and moon has nothing else to say. */
    @ParameterizedTest
    @ValueSource(strings = {"let me out", "x"})
    void aWrongPasswordLetsNobodyIn(String password) {
        World world = world("carol", password);
        world.moon.up("sun");
        world.network.run(1_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("asks user carol for a password again"));
        assertThat(world.sun.events(Event.Refused.class)).singleElement()
                .satisfies(event -> assertThat(event.detail()).contains("user 'carol' with a wrong password"));
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
        assertThat(world.journal()).doesNotContain(password + "'");
        world.assertNothing();
    }

    /** A user at a keyboard, who answers what the gateway has asked last. It is moon that has done phase 1. */
    private record Typist(World world) {
        static Typist before(World world) {
            world.moon.up("sun");
            assertThat(world.network.until(1_000, () -> world.sun.sessions().stream().anyMatch(one -> one.phase() instanceof PhaseTransaction.Authorizing)))
                    .as(world::journal).isTrue();
            world.moon.dead = true;
            world.network.run(100);
            return new Typist(world);
        }

        PhaseTransaction.Authorizing phase() {
            return (PhaseTransaction.Authorizing) world.sun.sessions().getFirst().phase();
        }

        void answers(int type, DataAttribute... attributes) {
            PhaseTransaction.Authorizing.Asked asked = phase().asked();
            Bytes datagram = new ForgerV1(phase().next().sa()).next(
                    IsakmpExchange.TRANSACTION, asked.messageId(), asked.iv(), new AttributesPayload(type, asked.identifier(), List.of(attributes)));
            world.sun.receive(world.sun.sessions().getFirst().path(), datagram);
            world.network.run(100);
        }

        void types(String password) {
            answers(ConfigAttribute.REPLY, text(ConfigAttribute.XAUTH_USER_NAME, "carol"), text(ConfigAttribute.XAUTH_USER_PASSWORD, password));
        }

        private static DataAttribute text(int type, String words) {
            return new DataAttribute(type, false, Bytes.of(words.getBytes(StandardCharsets.US_ASCII)));
        }

        void acknowledges() {
            answers(ConfigAttribute.ACK, new DataAttribute(ConfigAttribute.XAUTH_STATUS, false, Bytes.empty()));
        }
    }

    @Test
    void aUserWhoMistypesIsAskedAgainAndLetIn() {
        World world = world("carol", "let me in");
        Typist typist = Typist.before(world);
        int question = typist.phase().asked().messageId();
        typist.types("let me inn");
        assertThat(typist.phase().refused()).isEqualTo(1);
        assertThat(typist.phase().asked().verdict()).isEmpty();
        assertThat(typist.phase().asked().messageId()).as("another exchange").isNotEqualTo(question);

        typist.types("let me in");
        assertThat(typist.phase().asked().verdict()).contains(new PhaseTransaction.Authorizing.Verdict.Welcome("carol", List.of()));
        assertThat(world.sun.events(Event.IkeUp.class)).as("before the verdict is acknowledged").isEmpty();
        typist.acknowledges();
        assertThat(world.session(world.sun).phase()).isInstanceOfSatisfying(
                PhaseV1.Up.class, up -> assertThat(up.guest().orElseThrow().user()).isEqualTo("carol"));
    }

    /** The third wrong one is the last: a right one after it is not looked at. */
    @Test
    void threeWrongPasswordsEndIt() {
        World world = world("carol", "let me in");
        Typist typist = Typist.before(world);
        for (String wrong : List.of("one", "two", "three")) {
            typist.types(wrong);
        }
        assertThat(typist.phase().asked().verdict()).contains(new PhaseTransaction.Authorizing.Verdict.Refused("the user showed no right password in 3 attempts"));
        typist.types("let me in");
        assertThat(typist.phase().asked().verdict()).contains(new PhaseTransaction.Authorizing.Verdict.Refused("the user showed no right password in 3 attempts"));
        typist.acknowledges();
        assertThat(world.sun.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("no right password in 3 attempts"));
        assertThat(comparisons(world)).isEqualTo(3);
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
        assertThat(world.sun.sessions()).isEmpty();
    }

    /** draft-ietf-ipsec-isakmp-xauth-06, section 3.1: XAUTH_STATUS of 0 in the answer. */
    @Test
    void aUserMayGiveUp() {
        World world = world("carol", "let me in");
        Typist typist = Typist.before(world);
        typist.types("let me inn");
        typist.answers(ConfigAttribute.REPLY, DataAttribute.of(ConfigAttribute.XAUTH_STATUS, 0));
        assertThat(world.sun.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("the user gave up"));
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
        assertThat(world.sun.sessions()).isEmpty();
    }

    @Test
    void anUnknownUserIsNotToldApart() {
        World world = world("mallory", "let me in");
        world.moon.up("sun");
        world.network.run(1_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("asks user mallory for a password again"));
        world.assertNothing();
    }

    /**
     * Each session has three guesses, and a guesser begins as many as he likes: after six wrong ones nothing more is compared, so that
     * even the right one does not let him in; and after a while it does.
     */
    @Test
    void guessesOfPasswordsAreLimitedAcrossSessionsAndNotForEver() {
        World world = new World(Policies.moon().aggressive().user("carol", "let me out"), Policies.sun().aggressive().users().anywhere());
        guess(world, SOME);
        assertThat(comparisons(world)).isEqualTo(SOME);

        guess(world, 3);
        assertThat(comparisons(world)).as("nothing is compared any more").isEqualTo(SOME);
        assertThat(world.sun.events(Event.Refused.class)).last()
                .satisfies(event -> assertThat(event.detail()).contains("user 'carol', whose password is not looked at after so many wrong ones"));

        SimulatedHost carol = host(world, "moon", "198.51.100.7", Policies.moon().aggressive().user("carol", "let me in"), 7);
        carol.up("sun");
        world.network.run(5_000);
        assertThat(world.sun.children()).as("carol from elsewhere").hasSize(1);
        carol.down("sun");

        Policies right = Policies.moon().aggressive().user("carol", "let me in");
        SimulatedHost home = host(world, "moon", "192.0.2.1", right, 8);
        home.up("sun");
        world.network.run(5_000);
        assertThat(world.sun.children()).as("the right one, too soon").isEmpty();
        home.down("sun");

        world.network.run(A_WHILE);
        home.up("sun");
        world.network.run(5_000);
        assertThat(world.sun.children()).as("the right one, after a while").hasSize(1);
    }

    private static SimulatedHost host(World world, String name, String address, Policies policies, int seed) {
        return new SimulatedHost(
                name, Ip.parse(address).orElseThrow(), policies.settings(), world.network, World.entropy(seed), 0xc3000000 + (seed << 16));
    }

    private static void guess(World world, int times) {
        for (int i = 0; i < times; i++) {
            world.moon.up("sun");
            world.network.run(1_000);
            world.moon.down("sun");
            world.network.run(1_000);
        }
    }

    private static long comparisons(World world) {
        return world.sun.events(Event.PasswordShown.class).stream().filter(shown -> !shown.right()).count();
    }

    /** R5: whoever has the group's key and no password gets no child, and goes in the end. */
    @Test
    void withoutAnAnswerThereIsNothing() {
        World world = world("carol", "let me in");
        world.network.interceptor = (to, path, datagram) ->
                to == world.moon && IsakmpHeader.peek(datagram).exchange() == IsakmpExchange.TRANSACTION.number() ? List.of() : List.of(datagram);
        world.moon.up("sun");
        world.network.run(400_000);
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
        assertThat(world.sun.events(Event.IkeFailed.class)).isNotEmpty();
        assertThat(world.moon.events(Event.IkeFailed.class)).isNotEmpty();
        world.assertNothing();
    }

    /** A gateway that gives addresses takes no selectors but those of the address; moon asks for none here. */
    @Test
    void withoutItsAddressAUserGetsNoChild() {
        Pool pool = new Pool("staff", List.of(AddressRange.parse("10.1.0.0/24")), List.of());
        World world = new World(Policies.moon().aggressive().user("carol", "let me in"), Policies.sun().aggressive().users(pool));
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.sun.established()).hasSize(1);
        assertThat(world.sun.children()).isEmpty();
        assertThat(world.sun.events(Event.Refused.class)).singleElement()
                .satisfies(event -> assertThat(event.detail()).contains("was given no address"));
    }

    /** R5, R18: every message once more, in any order, changes nothing. */
    @Test
    void aReplayOfEverythingChangesNothing() {
        World world = world("carol", "let me in").established(1);
        world.network.run(2_000);
        List<ChildSa> children = world.sun.children();
        for (SimulatedNetwork.Sighting sighting : new ArrayList<>(world.network.seen).reversed()) {
            world.network.send(sighting.from().equals("moon") ? world.moon : world.sun, sighting.path(), sighting.datagram());
            world.network.run(100);
        }
        assertThat(world.sun.children()).isEqualTo(children);
        world.assertSameChildren();
    }

    /** R1, R18: transactions that somebody has changed on the way count for nothing, before and after the true ones. */
    @Test
    void mutatedTransactionsChangeNothing() {
        World world = world("carol", "let me in");
        world.network.interceptor = (to, path, datagram) -> {
            List<Bytes> arriving = new ArrayList<>();
            // A changed version is answered in the version that we have, for which there is another test.
            boolean ofVersion1 = datagram.u8(VERSION) == 0x10;
            if (ofVersion1 && IsakmpHeader.peek(datagram).exchange() == IsakmpExchange.TRANSACTION.number()) {
                for (int at = 0; at < datagram.length(); at++) {
                    byte[] octets = datagram.toArray();
                    octets[at] ^= 0x55;
                    arriving.add(Bytes.wrap(octets));
                }
            }
            arriving.add(datagram);
            return arriving;
        };
        world.established(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void aUserComesInThroughLossAndDuplication(long seed) {
        World world = new World(
                Policies.moon().aggressive().user("carol", "let me in").start(Start.AT_START), Policies.sun().aggressive().users(), seed);
        world.network.weather = new SimulatedNetwork.Weather(0.2, 0.2, 5, 400);
        boolean up = world.network.until(2_000_000, () -> world.moon.children().stream().anyMatch(ChildSa::sends)
                && world.sun.children().stream().anyMatch(ChildSa::sends));
        assertThat(up).as(world::journal).isTrue();
    }
}
