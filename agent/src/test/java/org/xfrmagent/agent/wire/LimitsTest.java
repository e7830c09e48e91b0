package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/** {@link Limits}: as many as that are read, one more is not. */
class LimitsTest {
    private static final TransformSubstructure ESN = new TransformSubstructure(5, 0);

    static List<Arguments> rows() {
        return List.of(
                row("payloads", Limits.PAYLOADS, count -> Collections.nCopies(count, new VendorIdPayload(Bytes.empty()))),
                row("certificates", Limits.CERTIFICATES, count -> Collections.nCopies(count, new CertPayload(4, Bytes.hex("30")))),
                row("proposals", Limits.PROPOSALS, count -> List.of(new SaPayload(IntStream.rangeClosed(1, count)
                        .mapToObj(number -> new ProposalSubstructure(number, 1, Bytes.empty(), List.of(ESN)))
                        .toList()))),
                row("attributes", Limits.TRANSFORM_ATTRIBUTES, count -> List.of(new SaPayload(List.of(new ProposalSubstructure(
                        1,
                        1,
                        Bytes.empty(),
                        List.of(new TransformSubstructure(5, 0, 0, Collections.nCopies(
                                count, new TransformSubstructure.Attribute(99, false, Bytes.empty()))))))))),
                row("SPIs", Limits.DELETED_SPIS, count -> List.of(new DeletePayload(3, Collections.nCopies(count, Bytes.hex("01020304"))))),
                row("attributes", Limits.CONFIG_ATTRIBUTES, count ->
                        List.of(new ConfigurationPayload(1, Collections.nCopies(count, new ConfigAttribute(3, Bytes.empty()))))),
                row("the certificate", Limits.CERTIFICATE_OCTETS, count -> List.of(new CertPayload(4, Bytes.of(new byte[count])))),
                row("the identity", Limits.IDENTITY_OCTETS, count ->
                        List.of(new IdPayload(Role.INITIATOR, IdType.ID_KEY_ID.number(), Bytes.of(new byte[count])))),
                row("the nonce", Limits.NONCE_OCTETS_MAX, count -> List.of(new NoncePayload(Bytes.of(new byte[count])))));
    }

    private static Arguments row(String what, int limit, IntFunction<List<Payload>> payloads) {
        return arguments(what, limit, payloads);
    }

    @ParameterizedTest(name = "{1} {0}")
    @MethodSource("rows")
    void theLimitIsReadAndOneMoreIsNot(String what, int limit, IntFunction<List<Payload>> payloads) {
        assertThatCode(() -> readBack(payloads.apply(limit))).doesNotThrowAnyException();
        assertThatThrownBy(() -> readBack(payloads.apply(limit + 1))).isInstanceOf(Malformed.class).hasMessageContaining(what);
    }

    private static List<Payload> readBack(List<Payload> payloads) {
        return MessageCodec.decodeChain(MessageCodec.firstType(payloads), MessageCodec.encodeChain(payloads));
    }

    /** What costs most per octet: everything of the smallest size, up to each limit, in one message of 64 KiB. */
    @Test
    void theMostExpensiveMessageIsReadInNoTime() {
        List<TransformSubstructure> transforms = Collections.nCopies(Limits.TRANSFORMS, ESN);
        SaPayload sa = new SaPayload(IntStream.rangeClosed(1, 29)
                .mapToObj(number -> new ProposalSubstructure(number, 1, Bytes.empty(), transforms))
                .toList());
        List<Payload> payloads = new ArrayList<>(List.of(sa));
        payloads.addAll(Collections.nCopies(
                2, new ConfigurationPayload(1, Collections.nCopies(Limits.CONFIG_ATTRIBUTES, new ConfigAttribute(3, Bytes.empty())))));
        payloads.addAll(Collections.nCopies(Limits.PAYLOADS - 3, new VendorIdPayload(Bytes.empty())));
        Header header = Header.of(1, 0, ExchangeType.IKE_SA_INIT, true, false, 0);
        Bytes datagram = MessageCodec.encode(header, payloads);
        assertThat(datagram.length()).isGreaterThan(60_000);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            for (int i = 0; i < 100; i++) {
                assertThat(MessageCodec.decode(datagram).payloads()).hasSize(Limits.PAYLOADS);
            }
        });
    }

    /** Counts that promise far more than there are octets must not cost what they promise. */
    @Test
    void aCountAloneAllocatesNothing() {
        Bytes manySpis = new ByteWriter().u8(0).u8(0).u16(8).u8(3).u8(4).u16(Limits.DELETED_SPIS).toBytes();
        assertThatThrownBy(() -> MessageCodec.decodeChain(PayloadType.DELETE.number(), manySpis)).isInstanceOf(Malformed.class);
    }
}
