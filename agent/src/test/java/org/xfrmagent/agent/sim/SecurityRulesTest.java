package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.agent.sim.Stranger.ENCR;
import static org.xfrmagent.agent.sim.Stranger.FROM_MOON;
import static org.xfrmagent.agent.sim.Stranger.KE;
import static org.xfrmagent.agent.sim.Stranger.PRF;
import static org.xfrmagent.agent.sim.Stranger.SUITE;
import static org.xfrmagent.agent.sim.Stranger.X25519;
import static org.xfrmagent.agent.sim.Stranger.ke;
import static org.xfrmagent.agent.sim.Stranger.nonce;
import static org.xfrmagent.agent.sim.Stranger.notification;
import static org.xfrmagent.agent.sim.Stranger.request;
import static org.xfrmagent.agent.sim.Stranger.sa;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.DeletePayload;
import org.xfrmagent.agent.wire.EapPayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.ProposalSubstructure;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.agent.wire.TransformSubstructure;
import org.xfrmagent.agent.wire.TsPayload;
import org.xfrmagent.agent.wire.TsSubstructure;
import org.xfrmagent.agent.wire.UnknownPayload;
import org.xfrmagent.agent.wire.VendorIdPayload;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.HalfOpenLimits;

/**
 * Rules that IKE daemons have broken before, each of them somebody's CVE. Where a rule is about one class its test stands beside that
 * class: key exchange values in KeyExchangeTest, numbers of payloads in LimitsTest, the control socket (R17) in ViciServerTest and
 * SwanctlTest, what a plane refuses (R25) in FirstTunnelTest, any octets at all (R2) in HostileTest and HostilePacketsTest. RSA (R9) in
 * SignaturesTest, whom certificates have us ask (R14) in CredentialStoreTest, HttpFetchingTest and JobRunnerTest, what is remembered of
 * them (R15) in RevocationTest, name constraints (R16) in ChainValidatorTest, identities in certificates (R24) in CredentialStoreTest.
 * First messages (R8, R10 to R12, R19 to R21) have {@link FirstMessageRulesTest}.
 */
class SecurityRulesTest {
    private final World world = new World(Policies.moon(), Policies.sun());
    private final Stranger stranger = new Stranger(world);

    /** Sun has answered moon's IKE_SA_INIT, and moon's IKE_AUTH is on its way. */
    private Session halfOpen() {
        world.moon.up("sun");
        assertThat(world.network.until(10_000, () -> world.network.seen.size() == 3)).isTrue();
        world.moon.dead = true;
        return world.sun.sessions().getFirst();
    }

    private static Bytes sealed(SimulatedHost victim, IkeSa sa, int exchange, boolean response, int id, Payload... payloads) {
        Header header = new Header(
                sa.initiatorSpi(), sa.responderSpi(), 0, Header.IKEV2, exchange, !sa.initiator(), response, false, id, Header.LENGTH);
        List<Payload> all = List.of(payloads);
        return new Forger(victim).seal(
                sa, new Forger.Content(header, MessageCodec.firstType(all), MessageCodec.encodeChain(all), 0, 0));
    }

    @Nested
    @DisplayName("R3: unknown numbers never map onto ids of ours")
    class R3 {
        @ParameterizedTest
        @ValueSource(ints = {0, 249, 1024, 65_001, 65_535})
        void aTransformThatNobodyKnowsIsNotChosen(int id) {
            List<TransformSubstructure> strange = List.of(
                    new TransformSubstructure(ENCR, id, 256), new TransformSubstructure(PRF, 5), new TransformSubstructure(KE, X25519));
            assertThat(notification(stranger.answers(FROM_MOON, request(1, sa(strange), ke(), nonce(1))))).isEqualTo(Notify.NO_PROPOSAL_CHOSEN);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 33, 38, 200, 255})
        void anExchangeThatNobodyKnowsIsRefused(int exchange) {
            world.established(1);
            IkeSa sa = world.session(world.sun).phase().ikeSa().orElseThrow();
            world.sun.receive(FROM_MOON, sealed(world.sun, sa, exchange, false, sa.window().expected()));
            assertThat(world.sun.events(Event.Refused.class)).last().satisfies(event ->
                    assertThat(event.notification()).isEqualTo("INVALID_SYNTAX"));
        }
    }

    @Nested
    @DisplayName("R5: nothing but IKE_AUTH before authentication is complete")
    class R5 {
        @ParameterizedTest
        @ValueSource(ints = {36, 37, 43})
        void aHalfOpenSessionAnswersNothingElse(int exchange) {
            IkeSa sa = halfOpen().phase().ikeSa().orElseThrow();
            world.sun.receive(FROM_MOON, sealed(world.sun, sa, exchange, false, 1, DeletePayload.ikeSa()));
            assertThat(world.sun.sessions()).isEmpty();
            assertThat(world.sun.plane.sas).isEmpty();
            assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
        }

        @Test
        void anEapSuccessIsNoAuthentication() {
            IkeSa sa = halfOpen().phase().ikeSa().orElseThrow();
            world.sun.receive(FROM_MOON, sealed(world.sun, sa, 35, false, 1, new EapPayload(Bytes.hex("03010004"))));
            assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
            assertThat(world.sun.established()).isEmpty();
        }

        @Test
        void anInitiatorThatWaitsForTheAnswerToIkeAuthTakesNoRequest() {
            world.moon.up("sun");
            assertThat(world.network.until(10_000, () -> world.network.seen.size() == 3)).isTrue();
            world.sun.dead = true;
            Session moons = world.moon.sessions().getFirst();
            assertThat(moons.phase()).isInstanceOf(Phase.Authenticating.class);
            IkeSa sa = moons.phase().ikeSa().orElseThrow();
            Path fromSun = new Path(Policies.address("moon"), 500, Policies.address("sun"), 500);
            world.moon.receive(fromSun, sealed(world.moon, sa, 37, false, 0, DeletePayload.ikeSa()));
            assertThat(world.moon.sessions()).singleElement().isEqualTo(moons);
        }
    }

    @Nested
    @DisplayName("R6: reassembly is bounded, and keeps authenticated fragments only")
    class R6 {
        @Test
        void aFragmentWithoutTheRightKeysIsNotKept() {
            Session before = halfOpen();
            IkeSa sa = before.phase().ikeSa().orElseThrow();
            Bytes genuine = fragment(sa, 1, 3, 100);
            byte[] forged = genuine.toArray();
            forged[forged.length - 1] ^= 1;
            world.sun.receive(FROM_MOON, Bytes.wrap(forged));
            assertThat(world.sun.sessions().getFirst().reassembly()).isEmpty();
            world.sun.receive(FROM_MOON, genuine);
            assertThat(world.sun.sessions().getFirst().reassembly()).isPresent();
        }

        @Test
        void moreOctetsThanAMessageHasAreNotCollected() {
            IkeSa sa = halfOpen().phase().ikeSa().orElseThrow();
            for (int number = 1; number < 100 && !world.sun.sessions().isEmpty(); number++) {
                world.sun.receive(FROM_MOON, fragment(sa, number, 128, 2_000));
                world.sun.sessions().forEach(session ->
                        session.reassembly().ifPresent(so -> assertThat(so.octets()).isLessThanOrEqualTo(65_535)));
            }
            assertThat(world.sun.sessions()).isEmpty();
        }

        private Bytes fragment(IkeSa sa, int number, int total, int octets) {
            Header header = Header.of(sa.initiatorSpi(), sa.responderSpi(), ExchangeType.IKE_AUTH, true, false, 1);
            return new Forger(world.sun).seal(sa, new Forger.Content(header, 43, Bytes.wrap(new byte[octets]), number, total));
        }
    }

    @Nested
    @DisplayName("R7: there is a cap to everything")
    class R7 {
        @Test
        void aFirstMessageOfAnySizeIsNotKept() {
            Payload padding = new VendorIdPayload(Bytes.wrap(new byte[9_000]));
            assertThat(stranger.answers(FROM_MOON, request(1, sa(SUITE), ke(), nonce(1), padding))).isEmpty();
            assertThat(world.sun.sessions()).isEmpty();
        }

        @Test
        void aPeerHasOnlySoManyChildren() {
            world.established(1);
            IkeSa sa = world.session(world.moon).phase().ikeSa().orElseThrow();
            for (int i = 0; i < 60; i++) {
                world.moon.up("sun", "net");
                world.network.run(500);
            }
            assertThat(world.sun.children().size()).isLessThanOrEqualTo(32);
            assertThat(sa.localSpi()).isNotZero();
        }

        @Test
        void ofOneAddressOnlySoManyAreHalfOpen() {
            for (int i = 1; i <= 200; i++) {
                Bytes plain = request(i, i);
                List<Message> answer = stranger.answers(FROM_MOON, plain);
                if (answer.size() == 1 && notificationOf(answer.getFirst()).equals(Optional.of(Notify.COOKIE))) {
                    Bytes cookie = Payload.notification(answer.getFirst().payloads(), Notify.COOKIE).orElseThrow().data();
                    stranger.answers(FROM_MOON, request(i, i, NotifyPayload.of(Notify.COOKIE, cookie)));
                }
            }
            assertThat(world.sun.sessions()).hasSize(Defaults.HALF_OPEN.perAddress());
        }

        private Optional<Notify> notificationOf(Message message) {
            return Payload.first(message.payloads(), NotifyPayload.class).flatMap(notify -> Notify.byNumber(notify.type()));
        }

        @Test
        void whenAllPlacesAreTakenTheSlowestMakesWay() {
            world.sun.restart(new HalfOpenLimits(1_000, 1_000, 1_000, 4));
            for (int i = 1; i <= 5; i++) {
                stranger.answers(FROM_MOON, request(i, i));
            }
            /* the fifth comes at once: it may be the flood itself */
            assertThat(spis()).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
            world.network.run(4_000);
            assertThat(stranger.answers(FROM_MOON, request(6, 6))).hasSize(1);
            assertThat(spis()).containsExactlyInAnyOrder(2L, 3L, 4L, 6L);
        }

        private List<Long> spis() {
            return world.sun.sessions().stream().map(session -> session.phase().ikeSa().orElseThrow().initiatorSpi()).toList();
        }
    }

    @Nested
    @DisplayName("R13: who is not the peer that we mean never sees our AUTH")
    class R13 {
        @Test
        void anIdentityThatNoPeerHasIsRefusedWithoutAnAuthOfOurs() {
            IkeSa sa = halfOpen().phase().ikeSa().orElseThrow();
            IdPayload stranger = new IdPayload(
                    Role.INITIATOR, 2, Bytes.of("eve.example.org".getBytes(StandardCharsets.US_ASCII)));
            int before = world.network.seen.size();
            world.sun.receive(FROM_MOON, sealed(world.sun, sa, 35, false, 1, stranger, new AuthPayload(2, Bytes.wrap(new byte[32])), childSa(),
                    selectors(Role.INITIATOR), selectors(Role.RESPONDER)));
            Bytes answer = world.network.seen.get(before).datagram();
            IkeSa moons = world.moon.sessions().getFirst().phase().ikeSa().orElseThrow();
            Forger.Content content = new Forger(world.moon).open(moons, answer).orElseThrow();
            List<Payload> payloads = MessageCodec.decodeChain(content.firstInner(), content.chain());
            assertThat(payloads).singleElement().isInstanceOfSatisfying(NotifyPayload.class, notify ->
                    assertThat(notify.is(Notify.AUTHENTICATION_FAILED)).isTrue());
        }

        private SaPayload childSa() {
            return new SaPayload(List.of(new ProposalSubstructure(1, 3, Bytes.hex("c0000001"), List.of(
                    new TransformSubstructure(ENCR, 20, 256), new TransformSubstructure(5, 0)))));
        }

        private Payload selectors(Role role) {
            return new TsPayload(
                    role, List.of(new TsSubstructure(7, 0, 0, 65_535, Bytes.hex("00000000"), Bytes.hex("ffffffff"))));
        }
    }

    @Nested
    @DisplayName("R22: windows are strict")
    class R22 {
        @ParameterizedTest
        @ValueSource(ints = {-2, 1, 2, 1_000, Integer.MAX_VALUE})
        void aRequestFromOutsideTheWindowChangesNothing(int ahead) {
            world.established(1);
            Session before = world.session(world.sun);
            IkeSa sa = before.phase().ikeSa().orElseThrow();
            int sent = world.network.seen.size();
            world.sun.receive(FROM_MOON, sealed(world.sun, sa, 37, false, sa.window().expected() + ahead, DeletePayload.ikeSa()));
            assertThat(world.session(world.sun)).isEqualTo(before);
            assertThat(world.network.seen).hasSize(sent);
        }

        @Test
        void aReplayIsAnsweredFromMemoryAndCarriedOutOnce() {
            world.established(1);
            IkeSa sa = world.session(world.sun).phase().ikeSa().orElseThrow();
            Bytes liveness = sealed(world.sun, sa, 37, false, sa.window().expected());
            world.sun.receive(FROM_MOON, liveness);
            Bytes answer = world.network.seen.getLast().datagram();
            Session after = world.session(world.sun);
            world.sun.receive(FROM_MOON, liveness);
            assertThat(world.network.seen.getLast().datagram()).isEqualTo(answer);
            assertThat(world.session(world.sun).phase()).isEqualTo(after.phase());
        }

        @Test
        void anAnswerThatNobodyWaitsForChangesNothing() {
            world.established(1);
            Session before = world.session(world.sun);
            IkeSa sa = before.phase().ikeSa().orElseThrow();
            world.sun.receive(FROM_MOON, sealed(world.sun, sa, 37, true, sa.window().nextRequest(), DeletePayload.ikeSa()));
            assertThat(world.session(world.sun)).isEqualTo(before);
        }

        @ParameterizedTest
        @EnumSource(value = ExchangeType.class, names = {"IKE_AUTH", "INFORMATIONAL"})
        void anAnswerOfAnotherExchangeIsNotTheAnswer(ExchangeType exchange) {
            world.established(1);
            Session session = world.session(world.sun);
            world.moon.dead = true;
            world.sun.rekey(session.id(), OptionalInt.empty());
            Session asking = world.session(world.sun);
            IkeSa sa = asking.phase().ikeSa().orElseThrow();
            world.sun.receive(FROM_MOON, sealed(world.sun, sa, exchange.number(), true, sa.window().nextRequest()));
            assertThat(world.session(world.sun)).isEqualTo(asking);
        }
    }

    @Nested
    @DisplayName("R23: secrets are never written")
    class R23 {
        @Test
        void noTextOfASessionOrAnEventHasAKeyInIt() {
            world.established(1);
            StringBuilder text = new StringBuilder(world.journal());
            List.of(world.moon, world.sun).forEach(host -> host.sessions().forEach(text::append));
            String all = text.toString();
            for (Secret secret : secrets()) {
                secret.with(octets -> {
                    assertThat(all).doesNotContain(Bytes.of(octets).toHex());
                    return octets.length;
                });
            }
        }

        private List<Secret> secrets() {
            List<Secret> all = new ArrayList<>();
            List.of(world.moon, world.sun).forEach(host -> host.sessions().forEach(session -> all.addAll(Records.secrets(session))));
            all.removeIf(secret -> secret.length() == 0);
            // SK_d, SK_ei, SK_er, SK_pi and SK_pr at either end.
            assertThat(all).hasSize(10);
            return Collections.unmodifiableList(all);
        }
    }

    @Nested
    @DisplayName("RFC 7296, section 2.5: nothing of a message with an unknown critical payload is carried out")
    class Critical {
        @Test
        void inTheClearAndUnderProtection() {
            List<Message> answer = stranger.answers(FROM_MOON, request(1, 1, new UnknownPayload(200, true, Bytes.empty())));
            assertThat(notification(answer)).isEqualTo(Notify.UNSUPPORTED_CRITICAL_PAYLOAD);
            world.established(1);
            IkeSa sa = world.session(world.sun).phase().ikeSa().orElseThrow();
            world.sun.receive(FROM_MOON, sealed(
                    world.sun, sa, 37, false, sa.window().expected(), DeletePayload.ikeSa(), new UnknownPayload(200, true, Bytes.empty())));
            assertThat(world.sun.established()).hasSize(1);
        }
    }
}
