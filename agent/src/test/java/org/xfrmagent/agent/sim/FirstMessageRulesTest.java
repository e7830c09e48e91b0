package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.agent.sim.Stranger.ENCR;
import static org.xfrmagent.agent.sim.Stranger.FROM_MOON;
import static org.xfrmagent.agent.sim.Stranger.INTEG;
import static org.xfrmagent.agent.sim.Stranger.KE;
import static org.xfrmagent.agent.sim.Stranger.PRF;
import static org.xfrmagent.agent.sim.Stranger.SUITE;
import static org.xfrmagent.agent.sim.Stranger.X25519;
import static org.xfrmagent.agent.sim.Stranger.ke;
import static org.xfrmagent.agent.sim.Stranger.nonce;
import static org.xfrmagent.agent.sim.Stranger.notification;
import static org.xfrmagent.agent.sim.Stranger.request;
import static org.xfrmagent.agent.sim.Stranger.sa;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.TransformSubstructure;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Ip;

/** The rules of {@link SecurityRulesTest} about first messages: what a stranger may bring about before anything is known of it. */
class FirstMessageRulesTest {
    private static final HalfOpenLimits COOKIES_ALWAYS = new HalfOpenLimits(0, 0, 64, 4096);

    private final World world = new World(Policies.moon(), Policies.sun());
    private final Stranger stranger = new Stranger(world);

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
            assertThat(notification(stranger.answers(FROM_MOON, wrong))).isEqualTo(Notify.INVALID_SYNTAX);
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
            assertThat(notification(stranger.answers(FROM_MOON, request(1, sa(List.of(transforms)), ke(), nonce(1)))))
                    .isEqualTo(Notify.NO_PROPOSAL_CHOSEN);
            assertThat(world.sun.sessions()).isEmpty();
        }
    }

    @Nested
    @DisplayName("R12: nothing of the peer's is echoed unchecked")
    class R12 {
        @Test
        void theGroupThatIsWantedInsteadIsOneOfOurs() {
            List<Message> answer = stranger.answers(FROM_MOON, request(1, sa(SUITE), new KePayload(14, Bytes.wrap(new byte[256])), nonce(1)));
            assertThat(notification(answer)).isEqualTo(Notify.INVALID_KE_PAYLOAD);
            assertThat(NotifyData.group(Payload.first(answer.getFirst().payloads(), NotifyPayload.class).orElseThrow())).isEqualTo(X25519);
        }

        @Test
        void anErrorHasNoSpiOfOurs() {
            List<Message> answer = stranger.answers(FROM_MOON, request(7, sa(List.of(new TransformSubstructure(PRF, 5))), ke(), nonce(1)));
            assertThat(answer.getFirst().header().responderSpi()).isZero();
            assertThat(answer.getFirst().header().initiatorSpi()).isEqualTo(7);
        }
    }

    @Nested
    @DisplayName("R19: a cookie comes before any state and any Diffie-Hellman")
    class R19 {
        @Test
        void underLoadNothingIsKeptOfWhoeverHasNotShownOne() {
            world.sun.restart(COOKIES_ALWAYS);
            for (int i = 1; i <= 1_000; i++) {
                assertThat(notification(stranger.answers(FROM_MOON, request(i, i)))).isEqualTo(Notify.COOKIE);
            }
            assertThat(world.sun.sessions()).isEmpty();
        }

        @Test
        void itIsForOneAddressOneSpiAndOneNonce() {
            world.sun.restart(COOKIES_ALWAYS);
            NotifyPayload cookie = NotifyPayload.of(Notify.COOKIE, cookie(1, 1));
            assertThat(notification(stranger.answers(FROM_MOON, request(2, 1, cookie)))).isEqualTo(Notify.COOKIE);
            assertThat(notification(stranger.answers(FROM_MOON, request(1, 2, cookie)))).isEqualTo(Notify.COOKIE);
            Path elsewhere = new Path(Policies.address("sun"), 500, Ip.parse("192.0.2.77").orElseThrow(), 500);
            assertThat(notification(stranger.answers(elsewhere, request(1, 1, cookie)))).isEqualTo(Notify.COOKIE);
            assertThat(world.sun.sessions()).isEmpty();
            stranger.answers(FROM_MOON, request(1, 1, cookie));
            assertThat(world.sun.sessions()).hasSize(1);
        }

        @Test
        void theSecretChangesAndTheOneBeforeStaysValid() {
            world.sun.restart(COOKIES_ALWAYS);
            NotifyPayload first = NotifyPayload.of(Notify.COOKIE, cookie(1, 1));
            world.network.run(60_000);
            assertThat(cookie(1, 1)).isNotEqualTo(first.data());
            stranger.answers(FROM_MOON, request(1, 1, first));
            assertThat(world.sun.sessions()).hasSize(1);
            NotifyPayload second = NotifyPayload.of(Notify.COOKIE, cookie(2, 2));
            world.network.run(120_000);
            assertThat(notification(stranger.answers(FROM_MOON, request(2, 2, second)))).isEqualTo(Notify.COOKIE);
        }

        @Test
        void anotherAgentsCookieIsNone() {
            world.sun.restart(COOKIES_ALWAYS);
            NotifyPayload others = NotifyPayload.of(Notify.COOKIE, cookie(1, 1));
            world.sun.restart(COOKIES_ALWAYS);
            assertThat(notification(stranger.answers(FROM_MOON, request(1, 1, others)))).isEqualTo(Notify.COOKIE);
        }

        @Test
        void anAddressThatHasAllItsPlacesIsNotEvenAskedForOne() {
            world.sun.restart(new HalfOpenLimits(0, 0, 2, 4096));
            for (int i = 1; i <= 2; i++) {
                stranger.answers(FROM_MOON, request(i, i, NotifyPayload.of(Notify.COOKIE, cookie(i, i))));
            }
            assertThat(world.sun.sessions()).hasSize(2);
            assertThat(stranger.answers(FROM_MOON, request(3, 3))).isEmpty();
            Path elsewhere = new Path(Policies.address("sun"), 500, Ip.parse("192.0.2.77").orElseThrow(), 500);
            assertThat(notification(stranger.answers(elsewhere, request(3, 3)))).isEqualTo(Notify.COOKIE);
        }

        private Bytes cookie(long spi, int nonce) {
            List<Message> answer = stranger.answers(FROM_MOON, request(spi, nonce));
            return Payload.notification(answer.getFirst().payloads(), Notify.COOKIE).orElseThrow().data();
        }
    }

    @Nested
    @DisplayName("R20: an answer to whoever it is never grows, and errors are rationed")
    class R20 {
        @Test
        void aCookieIsNotSentForLess() {
            world.sun.restart(COOKIES_ALWAYS);
            assertThat(stranger.answers(FROM_MOON, request(1, nonce(1)))).isEmpty();
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
                errors += stranger.answers(nobody, request(i, i)).size();
            }
            assertThat(errors).isBetween(1, 200);
            world.network.run(1_000);
            assertThat(stranger.answers(nobody, request(9_999, 1))).hasSize(1);
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
            assertThat(stranger.answers(FROM_MOON, lost)).isEmpty();
            assertThat(world.sun.events(Event.Dropped.class)).extracting(Event.Dropped::rule).containsExactly(Event.Rule.UNKNOWN_SPI);
        }
    }

    @Nested
    @DisplayName("R21: a responder never sends by itself, and the identical request gets the identical answer")
    class R21 {
        @Test
        void toAFirstMessage() {
            Bytes request = request(1, 1);
            List<Message> first = stranger.answers(FROM_MOON, request);
            int before = world.network.seen.size();
            world.network.run(29_000);
            assertThat(world.network.seen).hasSize(before);
            assertThat(stranger.answers(FROM_MOON, request)).isEqualTo(first);
            /* the same SPI, and another request */
            assertThat(stranger.answers(FROM_MOON, request(1, 2))).isEmpty();
        }
    }
}
