package org.xfrmagent.agent.wire.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Malformed;

/** Each row of {@link PayloadType}, laid out by hand after the RFC's diagram: octets to record, and back to the same octets. */
class PayloadLayoutTest {
    private static final Bytes SPI = Bytes.hex("c0ffee01");
    private static final Bytes COOKIES = Bytes.hex("11111111111111112222222222222222");

    static List<Arguments> rows() {
        return List.of(
                arguments(PayloadType.SA, """
                        00000001 00000001
                        02 00 0034  01 03 04 02  c0ffee01
                           03 00 0014  01 0c 0000  8006 0100  8005 0005  0001 0000
                           00 00 0014  02 0c 0000  8006 0080  0002 0004 00015180
                        00 00 0018  01 02 04 01  c0ffee01
                           00 00 000c  01 05 0000  8004 0001
                        """, new SaPayload(List.of(
                        new ProposalPayload(1, ProtocolId.ESP, SPI, List.of(
                                new TransformPayload(1, 12, List.of(
                                        DataAttribute.of(IpsecAttribute.KEY_LENGTH, 256),
                                        DataAttribute.of(IpsecAttribute.AUTHENTICATION, 5),
                                        new DataAttribute(1, false, Bytes.empty()))),
                                new TransformPayload(2, 12, List.of(
                                        DataAttribute.of(IpsecAttribute.KEY_LENGTH, 128),
                                        DataAttribute.of(IpsecAttribute.LIFE_DURATION, 86_400))))),
                        new ProposalPayload(1, ProtocolId.AH, SPI, List.of(new TransformPayload(1, 5, List.of(
                                DataAttribute.of(IpsecAttribute.ENCAPSULATION_MODE, IpsecAttribute.TUNNEL)))))))),
                arguments(PayloadType.KE, "aabbccdd", new KePayload(Bytes.hex("aabbccdd"))),
                arguments(PayloadType.ID, "04 11 01f4  0a010000 ffff0000",
                        new IdPayload(4, 17, 500, Bytes.hex("0a010000ffff0000"))),
                arguments(PayloadType.CERT, "04 3082", new CertPayload(6, 4, Bytes.hex("3082"))),
                arguments(PayloadType.CERTREQ, "04", new CertPayload(7, 4, Bytes.empty())),
                arguments(PayloadType.HASH, "ab".repeat(20), new HashPayload(Bytes.hex("ab".repeat(20)))),
                arguments(PayloadType.SIGNATURE, "cd".repeat(256), new SignaturePayload(Bytes.hex("cd".repeat(256)))),
                arguments(PayloadType.NONCE, "0102030405060708", new NoncePayload(Bytes.hex("0102030405060708"))),
                arguments(PayloadType.NOTIFICATION, "00000001 01 10 8d28 " + COOKIES.toHex() + " 00000007",
                        NotificationPayload.of(ProtocolId.ISAKMP, COOKIES, NotifyType.R_U_THERE, Bytes.hex("00000007"))),
                arguments(PayloadType.DELETE, "00000001 03 04 0002  c0ffee01 c0ffee02",
                        new DeletePayload(ProtocolId.ESP, List.of(SPI, Bytes.hex("c0ffee02")))),
                arguments(PayloadType.VENDOR_ID, "09002689dfd6b712", VendorId.XAUTH.payload()),
                arguments(PayloadType.ATTRIBUTES, "01 00 1234  4089 0003 626f62  c088 0000", new AttributesPayload(1, 0x1234, List.of(
                        new DataAttribute(0x4089, false, Bytes.hex("626f62")), DataAttribute.of(0x4088, 0)))),
                arguments(PayloadType.NAT_DISCOVERY, "ef".repeat(20), new NatDiscoveryPayload(20, Bytes.hex("ef".repeat(20)))),
                arguments(PayloadType.NAT_DISCOVERY_DRAFT, "ef".repeat(16), new NatDiscoveryPayload(130, Bytes.hex("ef".repeat(16)))),
                arguments(PayloadType.NAT_ORIGINAL_ADDRESS, "01 000000 c0000201",
                        new NatOriginalAddressPayload(21, Bytes.hex("c0000201"))),
                arguments(PayloadType.NAT_ORIGINAL_ADDRESS_DRAFT, "05 000000 fd02000000000000000000000000000a",
                        new NatOriginalAddressPayload(131, Bytes.hex("fd02000000000000000000000000000a"))),
                arguments(PayloadType.FRAGMENT, "beef 02 01 c0ffee", new FragmentPayload(0xbeef, 2, true, Bytes.hex("c0ffee"))));
    }

    private static Bytes message(int type, Bytes body) {
        Bytes payload = Bytes.concat(Bytes.hex("00 00 %04x".formatted(4 + body.length())), body);
        return Bytes.concat(
                Bytes.hex("1111111111111111 2222222222222222 %02x 10 20 00 00000007 %08x".formatted(type, 28 + payload.length())),
                payload);
    }

    /* HDR, <payload> --> */
    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void octetsBecomeTheRecordAndTheSameOctetsAgain(PayloadType type, String hex, Payload expected) {
        Bytes datagram = message(type.number(), Bytes.hex(hex));

        IsakmpMessage message = IsakmpCodec.decode(datagram);

        assertThat(message.body()).isInstanceOfSatisfying(
                IsakmpMessage.Clear.class, clear -> assertThat(clear.chain().payloads()).containsExactly(expected));
        assertThat(expected.typeNumber()).isEqualTo(type.number());
        assertThat(IsakmpCodec.encode(message.header(), List.of(expected))).isEqualTo(datagram);
    }

    @Test
    void everyRowOfTheTableIsLaidOutAbove() {
        assertThat(rows().stream().map(row -> row.get()[0]).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder((Object[]) PayloadType.values());
    }

    static List<Arguments> wrong() {
        return List.of(
                arguments(PayloadType.SA, "00000002 00000001 00000008 01010000", "the DOI is 2"),
                arguments(PayloadType.SA, "00000001 00000003 00000008 01010000", "the situation is 3"),
                arguments(PayloadType.SA, "00000001 00000001", "needs 1 more octets"),
                arguments(PayloadType.SA, "00000001 00000001 00 00 0003", "says its length is 3"),
                arguments(PayloadType.SA, "00000001 00000001 05 00 0008 01010001", "is followed by payload 5"),
                arguments(PayloadType.SA, "00000001 00000001 00 00 000a 01030200 c0ff", "an SPI of 2 octets"),
                arguments(PayloadType.SA, "00000001 00000001 00 00 0010 01010002 00 00 0008 01010000", "announces 2 transforms, has 1"),
                arguments(PayloadType.NONCE, "01020304050607", "the nonce has 7 octets, expected 8 to 256"),
                arguments(PayloadType.HASH, "", "the hash has 0 octets"),
                arguments(PayloadType.ID, "01 00 0000 0a0101", "the address has 3 octets, expected 4"),
                arguments(PayloadType.DELETE, "00000001 03 04 0002 c0ffee01", "announces 2 SPIs"),
                arguments(PayloadType.DELETE, "00000001 03 00 ffff", "SPIs of 0 octets"),
                arguments(PayloadType.NAT_ORIGINAL_ADDRESS, "02 000000 c0000201", "an original address of type 2"),
                arguments(PayloadType.FRAGMENT, "0001 00 00 c0ffee", "has the number 0, expected 1 to 128"),
                arguments(PayloadType.FRAGMENT, "0001 81 00 c0ffee", "has the number 129"),
                arguments(PayloadType.FRAGMENT, "0001 01 01", "the piece has 0 octets"),
                arguments(PayloadType.NOTIFICATION, "00000001 01 ff 0001", "an SPI of 255 octets"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatIsWrongIsSaid(PayloadType type, String hex, String why) {
        assertThatThrownBy(() -> IsakmpCodec.decode(message(type.number(), Bytes.hex(hex))))
                .isInstanceOf(Malformed.class)
                .hasMessageContaining(why);
    }

    /** R4: the numbers of IKEv2's payloads mean nothing here. */
    @Test
    void payloadsOfIkev2AreUnknown() {
        for (int type = 33; type <= 53; type++) {
            assertThat(PayloadType.byNumber(type)).isEmpty();
        }
    }

    @Test
    void anotherMajorVersionIsRefused() {
        byte[] datagram = message(8, Bytes.hex("ab")).toArray();
        datagram[17] = 0x20;
        assertThatThrownBy(() -> IsakmpCodec.decode(Bytes.of(datagram))).isInstanceOf(Malformed.class).hasMessageContaining("IKE version 2");
    }

    /** libreswan fills its messages up to a word of four octets; more than that is something else. */
    @Test
    void aMessageInTheClearMayBeFilledUpToAWord() {
        Bytes hash = Bytes.hex("00 00 0018" + "ab".repeat(20));
        for (int padding = 1; padding <= 4; padding++) {
            Bytes datagram = Bytes.concat(
                    Bytes.hex("1111111111111111 2222222222222222 08 10 20 00 00000007 %08x".formatted(28 + hash.length() + padding)), hash,
                    Bytes.hex("00".repeat(padding)));
            if (padding < 4) {
                IsakmpMessage message = IsakmpCodec.decode(datagram);
                assertThat(message.body()).isInstanceOfSatisfying(
                        IsakmpMessage.Clear.class, clear -> assertThat(clear.chain().links()).extracting(Chain.Link::octets).containsExactly(hash));
            } else {
                assertThatThrownBy(() -> IsakmpCodec.decode(datagram))
                        .isInstanceOf(Malformed.class)
                        .hasMessageContaining("4 octets behind the last payload, of padding at most 3");
            }
        }
    }

    @Test
    void paddingBehindAnEncryptedChainIsNoPayload() {
        Bytes hash = Bytes.hex("00 00 0018" + "ab".repeat(20));
        Chain chain = IsakmpCodec.decodeChain(PayloadType.HASH.number(), Bytes.concat(hash, Bytes.hex("000000000000000000000000")));
        assertThat(chain.links()).hasSize(1);
        assertThat(chain.links().getFirst().octets()).isEqualTo(hash);
        assertThat(chain.afterFirst()).isEqualTo(Bytes.empty());
    }

    @Test
    void aLargeNumberTakesTheLongForm() {
        assertThat(DataAttribute.of(2, 65_535)).isEqualTo(new DataAttribute(2, true, Bytes.hex("ffff")));
        assertThat(DataAttribute.of(2, 65_536)).isEqualTo(new DataAttribute(2, false, Bytes.hex("00010000")));
        assertThat(new DataAttribute(2, false, Bytes.hex("0000000000015180")).number()).isEqualTo(OptionalLong.of(86_400));
        assertThat(new DataAttribute(2, false, Bytes.hex("ff00000000000000")).number()).isEmpty();
        assertThat(new DataAttribute(2, false, Bytes.empty()).number()).isEmpty();
    }

    @Test
    void attributesDoNotPrintTheirValues() {
        assertThat(new AttributesPayload(1, 2, List.of(new DataAttribute(0x408a, false, Bytes.hex("736563726574")))).toString())
                .doesNotContain("736563726574");
    }
}
