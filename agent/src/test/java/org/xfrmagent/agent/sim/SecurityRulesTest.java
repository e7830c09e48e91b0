package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
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
import org.xfrmagent.policies.model.Ip;

/**
 * Rules that IKE daemons have broken before, each of them somebody's CVE. Where a rule is about one class its test stands beside that
 * class: key exchange values in KeyExchangeTest, numbers of payloads in LimitsTest, the control socket (R17) in ViciServerTest and
 * SwanctlTest, what a plane refuses (R25) in FirstTunnelTest, any octets at all (R2) in HostileTest and HostilePacketsTest. RSA (R9) in
 * SignaturesTest, whom certificates have us ask (R14) in CredentialStoreTest, HttpFetchingTest and JobRunnerTest, what is remembered of
 * them (R15) in RevocationTest, name constraints (R16) in ChainValidatorTest, identities in certificates (R24) in CredentialStoreTest.
 */
class SecurityRulesTest {
    private static final int ENCR = 1;
    private static final int PRF = 2;
    private static final int INTEG = 3;
    private static final int KE = 4;
    private static final int X25519 = 31;
    private static final List<TransformSubstructure> SUITE = List.of(
            new TransformSubstructure(ENCR, 20, 256), new TransformSubstructure(PRF, 5), new TransformSubstructure(KE, X25519));
    private static final Path FROM_MOON = new Path(Policies.address("sun"), 500, Policies.address("moon"), 500);
    private static final HalfOpenLimits COOKIES_ALWAYS = new HalfOpenLimits(0, 0, 64, 4096);

    private final World world = new World(Policies.moon(), Policies.sun());

    // ---- what a stranger sends

    private static Bytes request(long spi, Payload... payloads) {
        return MessageCodec.encode(Header.of(spi, 0, ExchangeType.IKE_SA_INIT, true, false, 0), List.of(payloads));
    }

    private static Bytes request(long spi, int nonce, Payload... first) {
        List<Payload> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(sa(SUITE), ke(), nonce(nonce)));
        return request(spi, all.toArray(Payload[]::new));
    }

    private static SaPayload sa(List<TransformSubstructure> transforms) {
        return new SaPayload(List.of(new ProposalSubstructure(1, 1, Bytes.empty(), transforms)));
    }

    private static KePayload ke() {
        return new KePayload(X25519, Bytes.hex("09" + "00".repeat(31)));
    }

    private static NoncePayload nonce(int seed) {
        return new NoncePayload(Bytes.hex("%08x".formatted(seed).repeat(8)));
    }

    private List<Message> answers(Path from, Bytes datagram) {
        int before = world.network.seen.size();
        world.sun.receive(from, datagram);
        return world.network.seen.subList(before, world.network.seen.size()).stream()
                .map(sighting -> MessageCodec.decode(sighting.datagram()))
                .toList();
    }

    private static Notify notification(List<Message> answers) {
        assertThat(answers).hasSize(1);
        NotifyPayload notify = Payload.first(answers.getFirst().payloads(), NotifyPayload.class).orElseThrow();
        return Notify.byNumber(notify.type()).orElseThrow();
    }

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
            assertThat(notification(answers(FROM_MOON, request(1, sa(strange), ke(), nonce(1))))).isEqualTo(Notify.NO_PROPOSAL_CHOSEN);
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
            assertThat(answers(FROM_MOON, request(1, sa(SUITE), ke(), nonce(1), padding))).isEmpty();
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
                List<Message> answer = answers(FROM_MOON, plain);
                if (answer.size() == 1 && notificationOf(answer.getFirst()).equals(Optional.of(Notify.COOKIE))) {
                    Bytes cookie = Payload.notification(answer.getFirst().payloads(), Notify.COOKIE).orElseThrow().data();
                    answers(FROM_MOON, request(i, i, NotifyPayload.of(Notify.COOKIE, cookie)));
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
                answers(FROM_MOON, request(i, i));
            }
            /* the fifth comes at once: it may be the flood itself */
            assertThat(spis()).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
            world.network.run(4_000);
            assertThat(answers(FROM_MOON, request(6, 6))).hasSize(1);
            assertThat(spis()).containsExactlyInAnyOrder(2L, 3L, 4L, 6L);
        }

        private List<Long> spis() {
            return world.sun.sessions().stream().map(session -> session.phase().ikeSa().orElseThrow().initiatorSpi()).toList();
        }
    }

    @Nested
    @DisplayName("R8, R10: a bad key exchange leaves nothing behind")
    class R8 {
        @ParameterizedTest
        @ValueSource(strings = {
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "09", "09000000000000000000000000000000000000000000000000000000000000000000"
        })
        void inTheFirstMessage(String value) {
            Bytes wrong = request(1, sa(SUITE), new KePayload(X25519, Bytes.hex(value)), nonce(1));
            assertThat(notification(answers(FROM_MOON, wrong))).isEqualTo(Notify.INVALID_SYNTAX);
            assertThat(world.sun.sessions()).isEmpty();
        }
    }

    @Nested
    @DisplayName("R11: half a proposal is none")
    class R11 {
        @Test
        void neitherEncryptionNorIntegrity() {
            refused(new TransformSubstructure(PRF, 5), new TransformSubstructure(KE, X25519));
        }

        @Test
        void anAeadWithAnIntegrityAlgorithmBesideIt() {
            refused(new TransformSubstructure(ENCR, 20, 256), new TransformSubstructure(INTEG, 12), new TransformSubstructure(PRF, 5),
                    new TransformSubstructure(KE, X25519));
        }

        @Test
        void noKeyExchange() {
            refused(new TransformSubstructure(ENCR, 20, 256), new TransformSubstructure(PRF, 5));
            refused(new TransformSubstructure(ENCR, 20, 256), new TransformSubstructure(PRF, 5), new TransformSubstructure(KE, 0));
        }

        private void refused(TransformSubstructure... transforms) {
            assertThat(notification(answers(FROM_MOON, request(1, sa(List.of(transforms)), ke(), nonce(1)))))
                    .isEqualTo(Notify.NO_PROPOSAL_CHOSEN);
            assertThat(world.sun.sessions()).isEmpty();
        }
    }

    @Nested
    @DisplayName("R12: nothing of the peer's is echoed unchecked")
    class R12 {
        @Test
        void theGroupThatIsWantedInsteadIsOneOfOurs() {
            List<Message> answer = answers(FROM_MOON, request(1, sa(SUITE), new KePayload(14, Bytes.wrap(new byte[256])), nonce(1)));
            assertThat(notification(answer)).isEqualTo(Notify.INVALID_KE_PAYLOAD);
            assertThat(NotifyData.group(Payload.first(answer.getFirst().payloads(), NotifyPayload.class).orElseThrow())).isEqualTo(X25519);
        }

        @Test
        void anErrorHasNoSpiOfOurs() {
            List<Message> answer = answers(FROM_MOON, request(7, sa(List.of(new TransformSubstructure(PRF, 5))), ke(), nonce(1)));
            assertThat(answer.getFirst().header().responderSpi()).isZero();
            assertThat(answer.getFirst().header().initiatorSpi()).isEqualTo(7);
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
    @DisplayName("R19: a cookie comes before any state and any Diffie-Hellman")
    class R19 {
        @Test
        void underLoadNothingIsKeptOfWhoeverHasNotShownOne() {
            world.sun.restart(COOKIES_ALWAYS);
            for (int i = 1; i <= 1_000; i++) {
                assertThat(notification(answers(FROM_MOON, request(i, i)))).isEqualTo(Notify.COOKIE);
            }
            assertThat(world.sun.sessions()).isEmpty();
        }

        @Test
        void itIsForOneAddressOneSpiAndOneNonce() {
            world.sun.restart(COOKIES_ALWAYS);
            NotifyPayload cookie = NotifyPayload.of(Notify.COOKIE, cookie(1, 1));
            assertThat(notification(answers(FROM_MOON, request(2, 1, cookie)))).isEqualTo(Notify.COOKIE);
            assertThat(notification(answers(FROM_MOON, request(1, 2, cookie)))).isEqualTo(Notify.COOKIE);
            Path elsewhere = new Path(Policies.address("sun"), 500, Ip.parse("192.0.2.77").orElseThrow(), 500);
            assertThat(notification(answers(elsewhere, request(1, 1, cookie)))).isEqualTo(Notify.COOKIE);
            assertThat(world.sun.sessions()).isEmpty();
            answers(FROM_MOON, request(1, 1, cookie));
            assertThat(world.sun.sessions()).hasSize(1);
        }

        @Test
        void theSecretChangesAndTheOneBeforeStaysValid() {
            world.sun.restart(COOKIES_ALWAYS);
            NotifyPayload first = NotifyPayload.of(Notify.COOKIE, cookie(1, 1));
            world.network.run(60_000);
            assertThat(cookie(1, 1)).isNotEqualTo(first.data());
            answers(FROM_MOON, request(1, 1, first));
            assertThat(world.sun.sessions()).hasSize(1);
            NotifyPayload second = NotifyPayload.of(Notify.COOKIE, cookie(2, 2));
            world.network.run(120_000);
            assertThat(notification(answers(FROM_MOON, request(2, 2, second)))).isEqualTo(Notify.COOKIE);
        }

        @Test
        void anotherAgentsCookieIsNone() {
            world.sun.restart(COOKIES_ALWAYS);
            NotifyPayload others = NotifyPayload.of(Notify.COOKIE, cookie(1, 1));
            world.sun.restart(COOKIES_ALWAYS);
            assertThat(notification(answers(FROM_MOON, request(1, 1, others)))).isEqualTo(Notify.COOKIE);
        }

        @Test
        void anAddressThatHasAllItsPlacesIsNotEvenAskedForOne() {
            world.sun.restart(new HalfOpenLimits(0, 0, 2, 4096));
            for (int i = 1; i <= 2; i++) {
                answers(FROM_MOON, request(i, i, NotifyPayload.of(Notify.COOKIE, cookie(i, i))));
            }
            assertThat(world.sun.sessions()).hasSize(2);
            assertThat(answers(FROM_MOON, request(3, 3))).isEmpty();
            Path elsewhere = new Path(Policies.address("sun"), 500, Ip.parse("192.0.2.77").orElseThrow(), 500);
            assertThat(notification(answers(elsewhere, request(3, 3)))).isEqualTo(Notify.COOKIE);
        }

        private Bytes cookie(long spi, int nonce) {
            List<Message> answer = answers(FROM_MOON, request(spi, nonce));
            return Payload.notification(answer.getFirst().payloads(), Notify.COOKIE).orElseThrow().data();
        }
    }

    @Nested
    @DisplayName("R20: an answer to whoever it is never grows, and errors are rationed")
    class R20 {
        @Test
        void aCookieIsNotSentForLess() {
            world.sun.restart(COOKIES_ALWAYS);
            assertThat(answers(FROM_MOON, request(1, nonce(1)))).isEmpty();
        }

        @Test
        void theAnswerToAFirstMessageHasNothingThatItDidNotSpeakOf() {
            Bytes request = request(1, 1);
            int before = world.network.seen.size();
            world.sun.receive(FROM_MOON, request);
            assertThat(world.network.seen.get(before).datagram().length()).isLessThanOrEqualTo(request.length());
        }

        @Test
        void errorsForForgedAddressesAreRationed() {
            Path nobody = new Path(Policies.address("sun"), 500, Ip.parse("203.0.113.5").orElseThrow(), 500);
            int errors = 0;
            for (int i = 1; i <= 5_000; i++) {
                errors += answers(nobody, request(i, i)).size();
            }
            assertThat(errors).isBetween(1, 200);
            world.network.run(1_000);
            assertThat(answers(nobody, request(9_999, 1))).hasSize(1);
        }

        @Test
        void aHigherVersionIsToldOursOnceARequest() {
            byte[] future = request(1, 1).toArray();
            future[17] = 0x30;
            int before = world.network.seen.size();
            world.sun.receive(FROM_MOON, Bytes.wrap(future));
            assertThat(world.network.seen.subList(before, world.network.seen.size())).singleElement()
                    .satisfies(sighting -> assertThat(sighting.datagram().length()).isLessThan(future.length));
            byte[] short3 = MessageCodec.encode(Header.of(1, 0, ExchangeType.IKE_SA_INIT, true, false, 0), List.of()).toArray();
            short3[17] = 0x30;
            world.sun.receive(FROM_MOON, Bytes.wrap(short3));
            assertThat(world.network.seen).hasSize(before + 1);
        }

        @Test
        void anUnknownSpiIsAnsweredByNothing() {
            Bytes lost = MessageCodec.encode(Header.of(5, 6, ExchangeType.INFORMATIONAL, true, false, 3), List.of());
            assertThat(answers(FROM_MOON, lost)).isEmpty();
            assertThat(world.sun.events(Event.Dropped.class)).extracting(Event.Dropped::rule).containsExactly(Event.Rule.UNKNOWN_SPI);
        }
    }

    @Nested
    @DisplayName("R21: a responder never sends by itself, and the identical request gets the identical answer")
    class R21 {
        @Test
        void toAFirstMessage() {
            Bytes request = request(1, 1);
            List<Message> first = answers(FROM_MOON, request);
            int before = world.network.seen.size();
            world.network.run(29_000);
            assertThat(world.network.seen).hasSize(before);
            assertThat(answers(FROM_MOON, request)).isEqualTo(first);
            /* the same SPI, and another request */
            assertThat(answers(FROM_MOON, request(1, 2))).isEmpty();
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
            List<Message> answer = answers(FROM_MOON, request(1, 1, new UnknownPayload(200, true, Bytes.empty())));
            assertThat(notification(answer)).isEqualTo(Notify.UNSUPPORTED_CRITICAL_PAYLOAD);
            world.established(1);
            IkeSa sa = world.session(world.sun).phase().ikeSa().orElseThrow();
            world.sun.receive(FROM_MOON, sealed(
                    world.sun, sa, 37, false, sa.window().expected(), DeletePayload.ikeSa(), new UnknownPayload(200, true, Bytes.empty())));
            assertThat(world.sun.established()).hasSize(1);
        }
    }
}
