package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;

/** Each row of {@link PayloadType}, laid out by hand after the RFC's diagram: octets to record, and back to the same octets. */
class PayloadLayoutTest {
    private static final Bytes SPI = Bytes.hex("c0ffee01");

    static List<Arguments> rows() {
        return List.of(
                arguments(PayloadType.SA, """
                        02 00 00 2c  01 03 04 03  c0ffee01
                           03 00 00 0c  01 00 00 14  80 0e 01 00
                           03 00 00 0c  01 00 00 14  80 0e 00 80
                           00 00 00 08  05 00 00 00
                        00 00 00 2c  02 02 04 03  c0ffee01
                           03 00 00 08  03 00 00 0c
                           03 00 00 0c  07 00 ff ff  00 11 00 00
                           00 00 00 0c  05 00 00 01  c3 21 12 34
                        """, new SaPayload(List.of(
                        new ProposalSubstructure(1, 3, SPI, List.of(
                                new TransformSubstructure(1, 20, 256),
                                new TransformSubstructure(1, 20, 128),
                                new TransformSubstructure(5, 0))),
                        new ProposalSubstructure(2, 2, SPI, List.of(
                                new TransformSubstructure(3, 12),
                                new TransformSubstructure(7, 0xffff, 0, List.of(
                                        new TransformSubstructure.Attribute(17, false, Bytes.empty()))),
                                new TransformSubstructure(5, 1, 0, List.of(
                                        new TransformSubstructure.Attribute(0x4321, true, Bytes.hex("1234"))))))))),
                arguments(PayloadType.KE, "00 1f 00 00  aabbccdd", new KePayload(31, Bytes.hex("aabbccdd"))),
                arguments(PayloadType.ID_INITIATOR, "01 00 00 00  c0 00 02 01",
                        new IdPayload(Role.INITIATOR, 1, Bytes.hex("c0000201"))),
                arguments(PayloadType.ID_RESPONDER, "0b 00 00 00  00 ff", new IdPayload(Role.RESPONDER, 11, Bytes.hex("00ff"))),
                arguments(PayloadType.CERT, "04  3082", new CertPayload(4, Bytes.hex("3082"))),
                arguments(PayloadType.CERTREQ, "04 " + "11".repeat(20) + "22".repeat(20),
                        new CertReqPayload(4, Bytes.hex("11".repeat(20) + "22".repeat(20)))),
                arguments(PayloadType.AUTH, "02 00 00 00  0102030405", new AuthPayload(2, Bytes.hex("0102030405"))),
                arguments(PayloadType.NONCE, "ab".repeat(16), new NoncePayload(Bytes.hex("ab".repeat(16)))),
                arguments(PayloadType.NOTIFY, "03 04 40 09  c0ffee01",
                        NotifyPayload.about(ProtocolId.ESP, SPI, Notify.REKEY_SA)),
                arguments(PayloadType.DELETE, "03 04 00 02  c0ffee01 c0ffee02",
                        new DeletePayload(3, List.of(SPI, Bytes.hex("c0ffee02")))),
                arguments(PayloadType.VENDOR_ID, "882fe56d6fd20dbc", new VendorIdPayload(Bytes.hex("882fe56d6fd20dbc"))),
                arguments(PayloadType.TS_INITIATOR, """
                        02 00 00 00
                           07 06 00 10  00 16 00 16  0a 01 00 00  0a 01 ff ff
                           07 01 00 10  08 00 08 ff  0a 01 00 00  0a 01 ff ff
                        """, new TsPayload(Role.INITIATOR, List.of(
                        new TsSubstructure(7, 6, 22, 22, Bytes.hex("0a010000"), Bytes.hex("0a01ffff")),
                        new TsSubstructure(7, 1, 0x0800, 0x08ff, Bytes.hex("0a010000"), Bytes.hex("0a01ffff"))))),
                arguments(PayloadType.TS_RESPONDER, """
                        03 00 00 00
                           08 00 00 28  ff ff 00 00  fd020000000000000000000000000000 fd0200000000000000000000000000ff
                           0a 00 00 08  72 65 64 00
                           0b 00 00 07  61 62 63
                        """, new TsPayload(
                        Role.RESPONDER,
                        List.of(new TsSubstructure(8, 0, 65535, 0,
                                Bytes.hex("fd020000000000000000000000000000"), Bytes.hex("fd0200000000000000000000000000ff"))),
                        List.of(Bytes.hex("72656400")),
                        List.of(new TsPayload.UnknownSelector(11, 0, Bytes.hex("616263"))))),
                arguments(PayloadType.ENCRYPTED, "0011223344556677 8899", new EncryptedPayload(0, Bytes.hex("00112233445566778899"))),
                arguments(PayloadType.CONFIGURATION, "02 00 00 00  00 01 00 04 0a4d0001  00 03 00 00",
                        new ConfigurationPayload(2, List.of(
                                new ConfigAttribute(1, Bytes.hex("0a4d0001")), new ConfigAttribute(3, Bytes.empty())))),
                arguments(PayloadType.EAP, "01 2a 00 05 01", new EapPayload(Bytes.hex("012a000501"))),
                arguments(PayloadType.ENCRYPTED_FRAGMENT, "0002 0003 0011223344556677",
                        new EncryptedFragmentPayload(0, 2, 3, Bytes.hex("0011223344556677"))));
    }

    /* HDR, <payload> --> */
    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void octetsBecomeTheRecordAndTheSameOctetsAgain(PayloadType type, String hex, Payload expected) {
        Bytes body = Bytes.hex(hex);
        Bytes payload = Bytes.concat(Bytes.hex("00 00 %04x".formatted(4 + body.length())), body);
        Bytes datagram = Bytes.concat(
                Bytes.hex("1111111111111111 2222222222222222 %02x 20 25 08 00000007 %08x".formatted(type.number(), 28 + payload.length())),
                payload);

        Message message = MessageCodec.decode(datagram);

        assertThat(message.payloads()).containsExactly(expected);
        assertThat(expected.typeNumber()).isEqualTo(type.number());
        assertThat(MessageCodec.encode(message)).isEqualTo(datagram);
    }

    @Test
    void everyRowOfTheTableIsLaidOutAbove() {
        assertThat(rows().stream().map(row -> row.get()[0]).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder((Object[]) PayloadType.values());
    }

    @Test
    void reservedBitsAreIgnoredAndTheCriticalBitOfAKnownPayloadToo() {
        Bytes clean = Bytes.hex("00 00 000c  02 00 00 00  aabbccdd");
        Bytes noisy = Bytes.hex("00 ff 000c  02 ff ff ff  aabbccdd");
        int type = PayloadType.AUTH.number();
        assertThat(MessageCodec.decodeChain(type, noisy)).isEqualTo(MessageCodec.decodeChain(type, clean));
        assertThat(Payload.unsupportedCritical(MessageCodec.decodeChain(type, noisy))).isEmpty();
    }

    @Test
    void theEapPayloadPrintsNoContent() {
        assertThat(new EapPayload(Bytes.hex("012a0008 06 706173"))).hasToString("EapPayload[8 octets]");
    }
}
