package org.xfrmagent.agent.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;

/** Real messages of strongSwan: what they say, and that writing them again gives the same octets. */
class CapturedExchangeTest {
    private static final Bytes ESP_SPI = Bytes.hex("cc622263");

    static List<Bytes> datagrams() {
        return List.of(
                Captured.IKE_SA_INIT_REQUEST,
                Captured.IKE_SA_INIT_RESPONSE,
                Captured.IKE_AUTH_REQUEST,
                Captured.FRAGMENT_1_OF_2,
                Captured.FRAGMENT_2_OF_2);
    }

    @ParameterizedTest
    @MethodSource("datagrams")
    void everyDatagramComesBackAsItWas(Bytes datagram) {
        assertThat(MessageCodec.encode(MessageCodec.decode(datagram))).isEqualTo(datagram);
    }

    static List<Arguments> chains() {
        return List.of(
                arguments(PayloadType.ID_INITIATOR, Captured.IKE_AUTH_REQUEST_DECRYPTED),
                arguments(PayloadType.ID_RESPONDER, Captured.IKE_AUTH_RESPONSE_DECRYPTED),
                arguments(PayloadType.DELETE, Captured.DELETE_IKE_SA_DECRYPTED));
    }

    @ParameterizedTest
    @MethodSource("chains")
    void everyDecryptedChainComesBackAsItWas(PayloadType first, Bytes chain) {
        assertThat(MessageCodec.encodeChain(MessageCodec.decodeChain(first.number(), chain))).isEqualTo(chain);
    }

    /* HDR(A,0), SAi1, KEi, Ni, N... --> */
    @Test
    void theFirstRequestOffersTwoProposalsAndAnX25519Key() {
        Message message = MessageCodec.decode(Captured.IKE_SA_INIT_REQUEST);
        assertThat(message.summary())
                .isEqualTo("HDR, SA, KE, Nonce, N(NAT_DETECTION_SOURCE_IP), N(NAT_DETECTION_DESTINATION_IP),"
                        + " N(SIGNATURE_HASH_ALGORITHMS), N(REDIRECT_SUPPORTED)");

        Header header = message.header();
        assertThat(header.initiatorSpi()).isEqualTo(0x8b35dfaaaf2fbb13L);
        assertThat(header.responderSpi()).isZero();
        assertThat(header.exchangeType()).contains(ExchangeType.IKE_SA_INIT);
        assertThat(header.initiator()).isTrue();
        assertThat(header.response()).isFalse();
        assertThat(header.messageId()).isZero();

        assertThat(Payload.first(message.payloads(), SaPayload.class).orElseThrow().proposals())
                .containsExactly(
                        new ProposalSubstructure(
                                1,
                                ProtocolId.IKE.number(),
                                Bytes.empty(),
                                List.of(
                                        new TransformSubstructure(1, 20, 256),
                                        new TransformSubstructure(2, 5),
                                        new TransformSubstructure(4, 31))),
                        new ProposalSubstructure(
                                2,
                                ProtocolId.IKE.number(),
                                Bytes.empty(),
                                List.of(
                                        new TransformSubstructure(1, 12, 256),
                                        new TransformSubstructure(3, 12),
                                        new TransformSubstructure(2, 5),
                                        new TransformSubstructure(4, 31),
                                        new TransformSubstructure(4, 14))));
        assertThat(Payload.first(message.payloads(), KePayload.class)).hasValueSatisfying(ke -> {
            assertThat(ke.group()).isEqualTo(31);
            assertThat(ke.data().length()).isEqualTo(32);
        });
        assertThat(Payload.notification(message.payloads(), Notify.SIGNATURE_HASH_ALGORITHMS).map(NotifyData::hashAlgorithms))
                .contains(List.of(2, 3, 4, 5));
    }

    /* <-- HDR(A,B), SAr1, KEr, Nr, CERTREQ, N... */
    @Test
    void theResponseChoosesOneProposalAndNamesItsAuthority() {
        Message message = MessageCodec.decode(Captured.IKE_SA_INIT_RESPONSE);
        assertThat(message.header().response()).isTrue();
        assertThat(message.header().initiator()).isFalse();
        assertThat(Payload.first(message.payloads(), SaPayload.class).orElseThrow().proposals()).hasSize(1);
        assertThat(Payload.first(message.payloads(), CertReqPayload.class).orElseThrow().authorityHashes())
                .containsExactly(Bytes.hex("8d8e2a4bf717593338813c19dce8bd41994a7f93"));
        assertThat(Payload.notification(message.payloads(), Notify.CHILDLESS_IKEV2_SUPPORTED)).isPresent();
        assertThat(Payload.unsupportedCritical(message.payloads())).isEmpty();
    }

    /* HDR, SK {IDi, CERT, N, CERTREQ, IDr, AUTH, CP, SA, TSi, TSr, N...} --> */
    @Test
    void theDecryptedRequestAsksForAddressesAndAChild() throws Exception {
        List<Payload> inner = MessageCodec.decodeChain(PayloadType.ID_INITIATOR.number(), Captured.IKE_AUTH_REQUEST_DECRYPTED);

        assertThat(Payload.first(inner, IdPayload.class))
                .contains(new IdPayload(Role.INITIATOR, IdType.ID_FQDN.number(), Bytes.of("a.lab".getBytes(US_ASCII))));
        assertThat(Payload.first(inner, IdPayload.class).orElseThrow().body())
                .isEqualTo(Captured.IKE_AUTH_REQUEST_DECRYPTED.slice(4, 13));
        assertThat(Payload.first(inner, CertPayload.class).orElseThrow().encoding())
                .isEqualTo(CertEncoding.X509_SIGNATURE.number());

        AuthPayload auth = Payload.first(inner, AuthPayload.class).orElseThrow();
        assertThat(auth.method()).isEqualTo(AuthMethod.DIGITAL_SIGNATURE.number());
        DigitalSignature signature = DigitalSignature.decode(auth.data());
        assertThat(signature.algorithm()).as("ecdsa-with-SHA256").isEqualTo(Bytes.hex("300a06082a8648ce3d040302"));
        assertThat(signature.encode()).isEqualTo(auth.data());

        assertThat(Payload.first(inner, ConfigurationPayload.class))
                .contains(new ConfigurationPayload(
                        ConfigType.CFG_REQUEST.number(),
                        List.of(
                                ConfigAttributeType.INTERNAL_IP4_ADDRESS.with(Bytes.empty()),
                                ConfigAttributeType.INTERNAL_IP6_ADDRESS.with(Bytes.empty()),
                                ConfigAttributeType.INTERNAL_IP4_DNS.with(Bytes.empty()),
                                ConfigAttributeType.INTERNAL_IP6_DNS.with(Bytes.empty()))));
        assertThat(Payload.first(inner, SaPayload.class).orElseThrow().proposals())
                .extracting(ProposalSubstructure::number, ProposalSubstructure::protocolId, ProposalSubstructure::spi)
                .containsExactly(
                        tuple(1, 3, ESP_SPI),
                        tuple(2, 3, ESP_SPI),
                        tuple(3, 3, ESP_SPI));
        assertThat(Payload.all(inner, TsPayload.class))
                .containsExactly(
                        new TsPayload(
                                Role.INITIATOR,
                                List.of(range(7, "00000000", "ffffffff"), range(8, "00".repeat(16), "ff".repeat(16)))),
                        new TsPayload(
                                Role.RESPONDER,
                                List.of(
                                        range(7, "0a020000", "0a0200ff"),
                                        range(8, "fd02" + "00".repeat(14), "fd02" + "00".repeat(6) + "ff".repeat(8)))));
        assertThat(Payload.notification(inner, Notify.ADDITIONAL_IP4_ADDRESS).map(NotifyData::address))
                .contains(InetAddress.getByAddress(new byte[] {10, 1, 0, 1}));
    }

    /* <-- HDR, SK {IDr, CERT, AUTH, CP, SA, TSi, TSr, N, N} */
    @Test
    void theDecryptedResponseLeasesAddressesAndNarrows() {
        List<Payload> inner = MessageCodec.decodeChain(PayloadType.ID_RESPONDER.number(), Captured.IKE_AUTH_RESPONSE_DECRYPTED);
        assertThat(Payload.first(inner, ConfigurationPayload.class).orElseThrow().attributes())
                .contains(
                        ConfigAttributeType.INTERNAL_IP4_ADDRESS.with(Bytes.hex("0a4d0001")),
                        ConfigAttributeType.INTERNAL_IP4_DNS.with(Bytes.hex("0a020035")))
                .allSatisfy(attribute -> assertThat(ConfigAttributeType.byNumber(attribute.type()).orElseThrow().fits(attribute.value()))
                        .isTrue());
        TsPayload initiators = Payload.all(inner, TsPayload.class).getFirst();
        assertThat(initiators.role()).isEqualTo(Role.INITIATOR);
        assertThat(initiators.selectors())
                .containsExactly(
                        range(7, "0a4d0001", "0a4d0001"),
                        range(8, "fd77" + "00".repeat(13) + "01", "fd77" + "00".repeat(13) + "01"),
                        range(7, "0a010000", "0a0100ff"),
                        range(8, "fd01" + "00".repeat(14), "fd01" + "00".repeat(6) + "ff".repeat(8)));
    }

    /* HDR, SK {D} --> */
    @Test
    void theDeleteOfAnIkeSaHasNoSpis() {
        assertThat(MessageCodec.decodeChain(PayloadType.DELETE.number(), Captured.DELETE_IKE_SA_DECRYPTED))
                .containsExactly(DeletePayload.ikeSa());
    }

    /* HDR, SKF(1/2) --> HDR, SKF(2/2) --> */
    @Test
    void onlyTheFirstFragmentNamesTheFirstPayloadInside() {
        EncryptedFragmentPayload first = MessageCodec.decode(Captured.FRAGMENT_1_OF_2).fragment().orElseThrow();
        EncryptedFragmentPayload second = MessageCodec.decode(Captured.FRAGMENT_2_OF_2).fragment().orElseThrow();
        assertThat(first.number()).isEqualTo(1);
        assertThat(second.number()).isEqualTo(2);
        assertThat(first.total()).isEqualTo(2);
        assertThat(first.firstInner()).isEqualTo(PayloadType.ID_INITIATOR.number());
        assertThat(second.firstInner()).isEqualTo(PayloadType.NONE);
    }

    private static TsSubstructure range(int type, String from, String to) {
        return new TsSubstructure(type, 0, 0, 65535, Bytes.hex(from), Bytes.hex(to));
    }
}
