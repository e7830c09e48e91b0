package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.IsakmpCipher;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.HashPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.IsakmpMessage;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Ip;

/** RFC 2409's aggressive mode with a pre-shared key: three messages, the peer chosen by its identity. */
class AggressiveModeTest extends Phase1Contract {
    private static final InetAddress ELSEWHERE = Ip.parse("203.0.113.9").orElseThrow();

    @Override
    Policies mode(Policies policies) {
        return policies.aggressive();
    }

    @Override
    double amplification() {
        return 1.5;
    }

    private static boolean isThird(Bytes datagram) {
        IsakmpHeader header = IsakmpHeader.peek(datagram);
        return header.exchange() == IsakmpExchange.AGGRESSIVE.number() && header.encrypted();
    }

    @Test
    void sixMessagesMakeATunnel() {
        World world = world().established(1);
        world.network.run(100);
        assertThat(world.network.seen.stream().map(Phase1Contract::exchange))
                .containsExactly(
                        "moon aggressive mode", "sun aggressive mode", "moon aggressive mode *", "moon quick mode *", "sun quick mode *",
                        "moon quick mode *");
        world.assertSameChildren();
        assertThat(world.session(world.sun).profile().orElseThrow().name()).isEqualTo("moon");
        assertThat(world.sun.events(Event.IkeUp.class)).singleElement().satisfies(event -> assertThat(event.initialContact()).isTrue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"aes128-sha1-modp1024", "3des-md5-modp1536", "aes192-sha384-ecp384", "aes256-sha512-modp2048"})
    void everyKindOfPhase1ProposalWorks(String proposal) {
        new World(Policies.moon().aggressive().ike(proposal), Policies.sun().aggressive().ike(proposal)).established(1);
    }

    /** RFC 2409, section 5: the public value comes with the proposals, so there is one group in all of them. */
    @Test
    void onlyThePreferredGroupIsOffered() {
        World world = new World(
                Policies.moon().aggressive().ike("aes128-sha1-modp1024", "aes256-sha256-ecp256", "aes256-sha1-modp1024"),
                Policies.sun().aggressive().ike("aes256-sha256-ecp256", "aes256-sha1-modp1024"));
        world.established(1);
        assertThat(world.moon.journal()).anyMatch(line -> line.contains("authenticated sun.example.org"));
        assertThat(world.session(world.moon).phase().label()).isEqualTo("established");
        assertThat(world.session(world.sun).phase()).extracting(Object::toString).asString().contains("aes256-prfsha1-modp1024");
    }

    @Test
    void aWrongKeyEndsInAClearSentenceOnBothSides() {
        World world = new World(Policies.moon().aggressive(), Policies.sun().aggressive().psk("another secret of twenty octets"));
        world.moon.up("sun");
        world.network.run(200_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("does not answer", "pre-shared key may be another"));
        assertThat(world.sun.events(Event.IkeFailed.class)).isNotEmpty()
                .allSatisfy(event -> assertThat(event.reason()).contains("pre-shared key may be another"));
        // R13: sun's hash does not verify, so moon's never left.
        assertThat(world.network.seen.stream().filter(from("moon")).map(Phase1Contract::exchange)).containsOnly("moon aggressive mode");
        world.assertNothing();
    }

    /** The peer is found by IDii alone: where it calls from does not matter, and may be another place the next time. */
    @Test
    void anInitiatorWhoseAddressChangedComesBack() {
        World world = new World(Policies.moon().aggressive(), Policies.sun().aggressive().anywhere()).established(1);
        world.network.run(1_000);
        world.moon.restart();
        world.network.translation = path -> path.local().equals(world.moon.address)
                ? new Path(ELSEWHERE, path.localPort(), path.remote(), path.remotePort())
                : path.remote().equals(ELSEWHERE)
                        ? new Path(path.local(), path.localPort(), world.moon.address, path.remotePort())
                        : path;
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.session(world.sun).path().remote()).as(world::journal).isEqualTo(ELSEWHERE);
        assertThat(world.session(world.sun).nat().remote()).isTrue();
        assertThat(world.session(world.moon).path().localPort()).isEqualTo(4500);
        assertThat(world.moon.children()).hasSize(1);
        assertThat(world.sun.children()).hasSize(1);
        assertThat(world.sun.children().getFirst().inbound()).isEqualTo(world.moon.children().getFirst().outbound());
        assertThat(world.moon.children().getFirst().udpEncapsulated()).isTrue();
    }

    /** No answer follows the third message: moon says it again with what it asks next, until sun answers that. */
    @Test
    void aLostThirdMessageIsMadeUpFor() {
        World world = world();
        int[] lost = {0};
        world.network.interceptor = (to, path, datagram) -> isThird(datagram) && lost[0]++ == 0 ? List.of() : List.of(datagram);
        world.established(1);
        assertThat(lost[0]).isGreaterThan(1);
    }

    /** The old ISAKMP SA goes when sun is known to have the next one: what has no ISAKMP SA any more may take its children with it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void theIsakmpSaIsReplacedEvenIfTheThirdMessageIsLost(int losses) {
        World world = new World(Policies.moon().aggressive().ikeLifetime(600, 660), Policies.sun().aggressive().ikeLifetime(36_000, 40_000));
        world.established(1);
        ChildSa child = world.moon.children().getFirst();
        long first = world.session(world.moon).id();
        int[] lost = {0};
        world.network.interceptor = (to, path, datagram) -> isThird(datagram) && lost[0]++ < losses ? List.of() : List.of(datagram);
        world.network.run(650_000);
        assertThat(world.session(world.moon).id()).as(world::journal).isNotEqualTo(first);
        assertThat(world.session(world.sun).phase().label()).isEqualTo("established");
        assertThat(world.moon.children()).extracting(ChildSa::inbound).containsExactly(child.inbound());
        world.assertSameChildren();
        assertThat(lost[0]).isGreaterThan(losses);
    }

    /** RFC 2409, section 5: the third message may come in the clear; what it adds to its hash is then anybody's and is not believed. */
    @Test
    void aThirdMessageInTheClearAuthenticatesAsWell() {
        World world = world();
        world.network.interceptor = (to, path, datagram) -> isThird(datagram) ? List.of(inTheClear(world, datagram)) : List.of(datagram);
        world.moon.up("sun");
        world.network.run(100);
        assertThat(world.sun.established()).as(world::journal).hasSize(1);
        assertThat(world.sun.events(Event.IkeUp.class)).singleElement().satisfies(event -> assertThat(event.initialContact()).isFalse());
    }

    private static Bytes inTheClear(World world, Bytes datagram) {
        PhaseV1.Vouched vouched = (PhaseV1.Vouched) world.sun.sessions().getFirst().phase();
        IsakmpSa sa = vouched.sa();
        IsakmpCipher cipher = IsakmpCipher.of(
                sa.suite().of(TransformType.ENCR).getFirst(), sa.suite().of(TransformType.PRF).getFirst());
        Bytes plain = cipher.decrypt(sa.keys().cipher(), vouched.iv(), datagram.from(IsakmpHeader.LENGTH));
        try {
            Chain chain = IsakmpCodec.decodeChain(IsakmpHeader.peek(datagram).nextPayload(), plain);
            return IsakmpCodec.encode(
                    IsakmpHeader.of(sa.initiatorCookie(), sa.responderCookie(), IsakmpExchange.AGGRESSIVE, false, 0), chain.payloads());
        } catch (Malformed malformed) {
            throw new AssertionError(malformed);
        }
    }

    // ---- what strangers and replays come to

    /** R18: who has main mode in its policy answers no aggressive mode, and the other way round. */
    @Test
    void eachModeIsForThePeersThatHaveIt() {
        for (World world : List.of(
                new World(Policies.moon().aggressive(), Policies.sun().v1()),
                new World(Policies.moon().v1(), Policies.sun().aggressive()),
                new World(Policies.moon().aggressive(), Policies.sun()))) {
            world.moon.up("sun");
            world.network.run(100_000);
            assertThat(world.network.seen).allMatch(from("moon"));
            assertThat(world.sun.sessions()).isEmpty();
        }
    }

    /** R5: nobody of the policies is named: no public value is made, nothing is stored, nothing is said. */
    @Test
    void anUnknownIdentityGetsNoAnswer() {
        World world = world();
        world.moon.up("sun");
        world.network.until(1_000, () -> !world.network.seen.isEmpty());
        world.moon.dead = true;
        SimulatedNetwork.Sighting first = world.network.seen.getFirst();
        byte[] octets = first.datagram().toArray();
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        octets[text.indexOf("moon.example.org")] = 'n';
        octets[7] ^= 1;
        world.network.interceptor = (to, path, datagram) -> datagram.equals(first.datagram()) ? List.of() : List.of(datagram);
        world.network.send(world.moon, first.path(), Bytes.wrap(octets));
        world.network.run(1_000);
        assertThat(world.sun.sessions()).isEmpty();
        assertThat(world.network.seen).noneMatch(from("sun"));
        assertThat(world.sun.journal()).anyMatch(line -> line.contains("calls as noon.example.org"));
    }

    /**
     * R1, R5, R18: strangers change each message and are faster with the second and third: only the true one counts. (With the first
     * they would only be one more caller; NAT-D and vendor ids behind the hash are covered by nothing in IKEv1.)
     */
    @Test
    void mutatedMessagesOnTheWayChangeNothing() {
        World world = world();
        world.sun.restart(new HalfOpenLimits(1_000, 1_000, 1_000, 1_000));
        world.network.interceptor = (to, path, datagram) -> {
            List<Bytes> arriving = new ArrayList<>();
            for (int at = 0; at < hashed(datagram); at += 3) {
                byte[] octets = datagram.toArray();
                octets[at] ^= 0x55;
                arriving.add(Bytes.wrap(octets));
            }
            boolean first = IsakmpHeader.peek(datagram).responderCookie() == 0;
            arriving.add(first ? 0 : arriving.size(), datagram);
            return arriving;
        };
        world.established(1);
        world.network.interceptor = SimulatedNetwork.Interceptor.NONE;
        world.network.run(60_000);
        world.assertSameChildren();
        assertThat(world.sun.sessions()).as(world::journal).hasSize(1);
    }

    /** Octets up to the end of the hash, all of them if there is none. */
    private static int hashed(Bytes datagram) {
        if (isThird(datagram)) {
            return IsakmpHeader.LENGTH + 32;
        }
        try {
            if (!(IsakmpCodec.decode(datagram).body() instanceof IsakmpMessage.Clear(Chain chain)) || chain.first(HashPayload.class).isEmpty()) {
                return datagram.length();
            }
            int length = IsakmpHeader.LENGTH;
            for (Chain.Link link : chain.links()) {
                length += link.octets().length();
                if (link.payload() instanceof HashPayload) {
                    break;
                }
            }
            return length;
        } catch (Malformed malformed) {
            throw new AssertionError(malformed);
        }
    }
}
