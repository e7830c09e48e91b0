package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.PayloadType;
import org.xfrmagent.policies.model.HalfOpenLimits;

/** RFC 7296's exchanges between two endpoints, from the first datagram to the last. */
class FirstTunnelTest {
    @Test
    void twoExchangesMakeATunnel() {
        World world = new World(Policies.moon(), Policies.sun()).established(1);

        /* IKE_SA_INIT --> <-- , IKE_AUTH --> <-- */
        assertThat(world.network.seen.stream().map(sighting -> sighting.from() + " " + Header.peek(sighting.datagram()).exchange()))
                .containsExactly("moon 34", "sun 34", "moon 35", "sun 35");
        assertThat(world.session(world.sun).profile().orElseThrow().name()).isEqualTo("moon");
        assertThat(world.moon.events(Event.IkeUp.class)).hasSize(1);
        assertThat(world.sun.plane.policies).extracting(policy -> policy.direction())
                .containsExactly(Direction.OUT, Direction.IN, Direction.FWD);
    }

    @Test
    void nothingAfterTheFirstExchangeIsReadableOnTheWire() {
        World world = new World(Policies.moon(), Policies.sun()).established(1);

        world.network.seen.stream().skip(2).forEach(sighting -> assertThat(
                        MessageCodec.decode(sighting.datagram()).payloads())
                .singleElement()
                .satisfies(payload -> assertThat(payload.typeNumber()).isEqualTo(PayloadType.ENCRYPTED.number())));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "aes128-sha256-modp2048", "aes256-sha1-modp1536", "3des-sha1-modp1024", "aes192-sha384-ecp256", "aes256-sha512-ecp521",
        "aes128ctr-aesxcbc-modp3072", "aes256ctr-aescmac-prfaescmac-ecp384", "aes128gcm16-prfsha256-x25519", "aes256gcm12-prfsha512-x448",
        "aes256gcm8-prfsha384-x25519", "aes128ccm16-prfsha256-x25519", "aes256ccm8-prfaesxcbc-x25519",
        "chacha20poly1305-prfsha256-x25519", "camellia256-sha256-x25519"
    })
    void everyKindOfIkeProposalWorks(String proposal) {
        new World(Policies.moon().ike(proposal), Policies.sun().ike(proposal)).established(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "aes128gcm16", "aes256gcm8", "aes256ccm12", "chacha20poly1305", "aes128-sha1", "aes256-sha256", "aes128ctr-sha512", "3des-md5",
        "null-sha256", "aes256-aesxcbc", "camellia128-aescmac", "aes128gcm16-esn"
    })
    void everyKindOfEspProposalWorks(String proposal) {
        new World(Policies.moon().esp(proposal), Policies.sun().esp(proposal)).established(1);
    }

    @Test
    void ahWorksAndTransportModeToo() {
        World world = new World(
                        Policies.moon().ah("sha256").transport(), Policies.sun().ah("sha256").transport())
                .established(1);
        assertThat(world.moon.plane.policies).extracting(policy -> policy.direction()).containsExactly(Direction.OUT, Direction.IN);
    }

    @Test
    void theRespondersPreferenceDecides() {
        World world = new World(
                        Policies.moon().ike("aes128-sha256-modp2048", "aes256gcm16-prfsha256-x25519"),
                        Policies.sun().ike("aes256gcm16-prfsha256-x25519", "aes128-sha256-modp2048"))
                .established(1);
        assertThat(world.session(world.moon).phase().ikeSa().orElseThrow().suite()).hasToString("aes256gcm16-prfsha256-x25519");
        /* HDR, SA, KE(modp2048), Ni -->  <-- N(INVALID_KE_PAYLOAD, x25519); HDR, SA, KE(x25519), Ni --> ... */
        assertThat(world.network.seen).hasSize(6);
    }

    @Test
    void aResponderUnderLoadAsksForACookie() {
        World world = new World(Policies.moon(), Policies.sun());
        world.sun.restart(new HalfOpenLimits(0, 0, 64, 4096));
        world.established(1);
        /* HDR, SA, KE, Ni -->  <-- N(COOKIE); HDR, N(COOKIE), SA, KE, Ni --> ... */
        assertThat(world.network.seen).hasSize(6);
        assertThat(MessageCodec.decode(world.network.seen.get(2).datagram()).summary()).startsWith("HDR, N(COOKIE), SA, KE, Nonce");
    }

    @Test
    void furtherChildrenComeByCreateChildSaEachWithItsOwnKeys() {
        ChildTerms.Net servers = new ChildTerms.Net("servers", "10.1.0.0/24", "10.2.0.0/24");
        ChildTerms.Net voice = new ChildTerms.Net("voice", "10.1.9.0/24", "10.2.9.0/24");
        World world = new World(
                        Policies.moon().esp("aes256gcm16-ecp256").nets(servers, voice),
                        Policies.sun().esp("aes256gcm16-ecp256").nets(reversed(servers), reversed(voice)))
                .established(2);
        assertThat(world.network.seen.stream().map(sighting -> Header.peek(sighting.datagram()).exchange()).toList())
                .containsExactly(34, 34, 35, 35, 36, 36);
        assertThat(world.moon.children()).extracting(child -> child.suite().toString())
                .containsExactly("aes256gcm16-noesn", "aes256gcm16-ecp256-noesn");
    }

    private static ChildTerms.Net reversed(ChildTerms.Net net) {
        return new ChildTerms.Net(net.name(), net.remote(), net.local());
    }

    @Test
    void selectorsAreNarrowedToWhatBothSidesAllow() {
        World world = new World(
                        Policies.moon().nets(new ChildTerms.Net("net", "10.1.0.0/16", "10.0.0.0/8")),
                        Policies.sun().nets(new ChildTerms.Net("net", "10.2.0.0/16", "10.0.0.0/8")))
                .established(1);
        assertThat(world.moon.children().getFirst().local()).hasToString("[10.1.0.0/16]");
        assertThat(world.moon.children().getFirst().remote()).hasToString("[10.2.0.0/16]");
    }

    @Test
    void aWrongKeyEndsInAClearSentenceOnBothSides() {
        World world = new World(Policies.moon(), Policies.sun().psk("another secret of twenty octets"));
        world.moon.up("sun");
        world.network.run(60_000);
        assertThat(world.sun.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason())
                        .contains("AUTH of moon.example.org does not verify", "pre-shared key"));
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("AUTHENTICATION_FAILED", "pre-shared key"));
        world.assertNothing();
    }

    @Test
    void withoutACommonProposalNothingIsKept() {
        World world = new World(Policies.moon(), Policies.sun().ike("aes128-sha256-modp2048"));
        world.moon.up("sun");
        world.network.run(60_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("NO_PROPOSAL_CHOSEN", "aes256gcm16-prfsha256-x25519"));
        assertThat(world.sun.events(Event.Refused.class)).singleElement()
                .satisfies(event -> assertThat(event.notification()).isEqualTo("NO_PROPOSAL_CHOSEN"));
        world.assertNothing();
    }

    @Test
    void unacceptableSelectorsLeaveTheIkeSaWithoutAChild() {
        World world = new World(Policies.moon(), Policies.sun().nets(new ChildTerms.Net("net", "172.16.0.0/16", "10.1.0.0/16")));
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.moon.events(Event.ChildFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("TS_UNACCEPTABLE", "10.2.0.0/16"));
        assertThat(world.sun.events(Event.Refused.class)).singleElement()
                .satisfies(event -> assertThat(event.detail()).contains("172.16.0.0/16"));
        assertThat(world.moon.established()).hasSize(1);
        assertThat(world.moon.plane.sas).isEmpty();
        assertThat(world.sun.plane.sas).isEmpty();
    }

    @Test
    void anUnreachablePeerIsGivenUpAfterAllRetransmissions() {
        World world = new World(Policies.moon(), Policies.sun());
        world.sun.dead = true;
        world.moon.up("sun");
        world.network.run(166_000);
        assertThat(world.moon.events(Event.Retransmitted.class)).hasSize(5);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("does not answer at 192.0.2.2"));
        world.assertNothing();
    }

    /** R25: an installation that fails takes both directions with it, and the peer is told. */
    @Test
    void aKernelThatRefusesTheChildLeavesNothingOnEitherSide() {
        World world = new World(Policies.moon(), Policies.sun());
        world.sun.plane.refusal = Optional.of("no memory");
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.sun.events(Event.ChildFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("no memory"));
        assertThat(world.moon.plane.sas).isEmpty();

        World other = new World(Policies.moon(), Policies.sun());
        other.moon.plane.refusal = Optional.of("no memory");
        other.moon.up("sun");
        other.network.run(5_000);
        assertThat(other.sun.plane.sas).as(other::journal).isEmpty();
        assertThat(other.moon.plane.sas).isEmpty();
    }

    /** RFC 7296, section 2.9: whatever else the peer proposed, it cannot have these selectors. */
    @Test
    void selectorsThatTheDataPlaneCannotServeAreUnacceptable() {
        World world = new World(Policies.moon(), Policies.sun());
        world.sun.plane.refusal = Optional.of("another host has them");
        world.sun.plane.refuses = Operation.AddPolicy.class;
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.moon.events(Event.ChildFailed.class)).first()
                .satisfies(event -> assertThat(event.reason()).contains("TS_UNACCEPTABLE"));
        assertThat(world.sun.events(Event.ChildFailed.class)).first()
                .satisfies(event -> assertThat(event.reason()).contains("another host has them"));
        assertThat(world.moon.plane.sas).isEmpty();
    }

    @Test
    void aNatMovesBothToPort4500AndEspIntoUdp() {
        World world = new World(Policies.moon(), Policies.sun());
        world.network.translation = path -> {
            if (path.local().equals(world.moon.address)) {
                int outside = path.localPort() == 500 ? 1024 : 1025;
                return new Path(path.local(), outside, path.remote(), path.remotePort());
            }
            int inside = path.remotePort() == 1024 ? 500 : 4500;
            return new Path(path.local(), path.localPort(), path.remote(), inside);
        };
        world.moon.up("sun");
        assertThat(world.network.until(10_000, () -> world.moon.children().size() == 1)).as(world::journal).isTrue();
        assertThat(world.session(world.moon).path().localPort()).isEqualTo(4500);
        assertThat(world.session(world.sun).path().remotePort()).isEqualTo(1025);
        assertThat(world.moon.plane.all(Direction.OUT).getFirst().encapsulation().orElseThrow().destinationPort()).isEqualTo(4500);
        assertThat(world.sun.plane.all(Direction.OUT).getFirst().encapsulation().orElseThrow().destinationPort()).isEqualTo(1025);
        int before = world.network.seen.size();
        world.network.run(25_000);
        assertThat(world.network.seen.subList(before, world.network.seen.size()))
                .anySatisfy(sighting -> assertThat(sighting.datagram().toHex()).isEqualTo("ff"));
    }

    @Test
    void forcedEncapsulationPretendsANat() {
        World world = new World(Policies.moon().forceEncapsulation(), Policies.sun()).established(1);
        assertThat(world.sun.plane.all(Direction.OUT).getFirst().encapsulation()).isPresent();
    }

    @Test
    void aLargeMessageTravelsInFragments() {
        World world = new World(Policies.moon().fragmentsOf(200), Policies.sun().fragmentsOf(200)).established(1);
        assertThat(world.network.seen.size()).isGreaterThan(4);
        assertThat(MessageCodec.decode(world.network.seen.get(2).datagram()).fragment()).isPresent();
    }

    @Test
    void deletingTakesBothSidesDown() {
        World world = new World(Policies.moon(), Policies.sun()).established(1);
        world.moon.down("sun");
        world.network.run(1_000);
        world.assertNothing();
        assertThat(world.sun.events(Event.IkeDown.class)).extracting(Event.IkeDown::reason).containsExactly("the peer deleted the IKE SA");
    }

    @Test
    void deletingAChildLeavesTheIkeSa() {
        World world = new World(Policies.moon(), Policies.sun()).established(1);
        world.sun.downPolicy("net");
        world.network.run(1_000);
        assertThat(world.moon.established()).hasSize(1);
        assertThat(world.moon.plane.sas).isEmpty();
        assertThat(world.sun.plane.sas).isEmpty();
        assertThat(world.moon.plane.policies).isEmpty();
    }

    @Test
    void shuttingDownDeletesEverything() {
        World world = new World(Policies.moon(), Policies.sun()).established(1);
        world.sun.shutdown();
        world.network.run(1_000);
        world.assertNothing();
    }

    @Test
    void keysLiveInTheDataPlaneAndAreWipedWithTheIkeSa() {
        World world = new World(Policies.moon(), Policies.sun()).established(1);
        var keys = world.session(world.moon).phase().ikeSa().orElseThrow().keys();
        world.moon.down("sun");
        world.network.run(1_000);
        assertThat(List.of(keys.d(), keys.ei(), keys.er(), keys.pi(), keys.pr())).allMatch(secret -> secret.isWiped());
    }
}
