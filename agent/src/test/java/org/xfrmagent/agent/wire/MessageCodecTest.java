package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;

/** The chain of payloads: RFC 7296, sections 2.5, 3.1, 3.2 and 3.14; RFC 7383, section 2.5. */
class MessageCodecTest {
    private static final Header REQUEST = Header.of(0x1111111111111111L, 0x2222222222222222L, ExchangeType.INFORMATIONAL, true, false, 7);
    private static final Bytes SECRET_PART = Bytes.hex("00112233445566778899aabbccddeeff");

    /* HDR --> */
    @Test
    void aMessageWithoutPayloadsIsAHeader() {
        Bytes datagram = MessageCodec.encode(REQUEST, List.of());
        assertThat(datagram).isEqualTo(Bytes.hex("1111111111111111 2222222222222222 00 20 25 08 00000007 0000001c"));
        assertThat(MessageCodec.decode(datagram)).isEqualTo(new Message(REQUEST, List.of()));
    }

    /* HDR, N(COOKIE), V, 77 --> */
    @Test
    void everyPayloadNamesTheNextOne() {
        List<Payload> payloads = List.of(
                NotifyPayload.of(Notify.COOKIE, Bytes.hex("aa")),
                new VendorIdPayload(Bytes.hex("bb")),
                new UnknownPayload(77, true, Bytes.hex("cc")));
        Bytes datagram = MessageCodec.encode(REQUEST, payloads);
        assertThat(datagram.u8(16)).isEqualTo(41);
        assertThat(datagram.from(28)).isEqualTo(Bytes.hex("2b 00 0009 00004006 aa   4d 00 0005 bb   00 80 0005 cc"));
        assertThat(MessageCodec.decode(datagram).payloads()).isEqualTo(payloads);
    }

    @Test
    void aCriticalPayloadThatIsUnknownCanBeAnswered() {
        List<Payload> payloads = List.of(
                new UnknownPayload(76, false, Bytes.empty()),
                new UnknownPayload(77, true, Bytes.empty()),
                new UnknownPayload(78, true, Bytes.empty()));
        List<Payload> read = MessageCodec.decode(MessageCodec.encode(REQUEST, payloads)).payloads();
        assertThat(Payload.unsupportedCritical(read)).hasValue(77);
        assertThat(Payload.unsupportedCritical(read.subList(0, 1))).isEmpty();
        assertThat(NotifyData.unsupportedCriticalPayload(77).data()).isEqualTo(Bytes.hex("4d"));
    }

    /** Payload types 1 to 13 are IKEv1's: here they are strangers like any other. */
    @Test
    void payloadsOfIkev1AreUnknown() {
        assertThat(MessageCodec.decodeChain(1, Bytes.hex("00 00 0008 00000001")))
                .containsExactly(new UnknownPayload(1, false, Bytes.hex("00000001")));
    }

    @Test
    void anEmptyChainHasNoFirstPayload() {
        assertThat(MessageCodec.decodeChain(PayloadType.NONE, Bytes.empty())).isEmpty();
        assertThatThrownBy(() -> MessageCodec.decodeChain(PayloadType.NONE, Bytes.hex("00")))
                .isInstanceOf(Malformed.class)
                .hasMessage("decrypted payloads, octet 0: 1 octets are left over");
        assertThatThrownBy(() -> MessageCodec.decodeChain(PayloadType.NOTIFY.number(), Bytes.empty())).isInstanceOf(Malformed.class);
    }

    @Test
    void aPayloadIsAtLeastItsHeaderAndAtMostWhatIsLeft() {
        assertThatThrownBy(() -> MessageCodec.decodeChain(43, Bytes.hex("2b 00 0000")))
                .hasMessage("decrypted payloads, octet 4: V says its length is 0");
        assertThatThrownBy(() -> MessageCodec.decodeChain(43, Bytes.hex("2b 00 0003"))).isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> MessageCodec.decodeChain(43, Bytes.hex("00 00 0006 aa")))
                .hasMessage("decrypted payloads, octet 4: needs 2 more octets, 1 left");
        assertThatThrownBy(() -> MessageCodec.decodeChain(43, Bytes.hex("00 00 0004 aa")))
                .hasMessage("decrypted payloads, octet 4: 1 octets are left over");
    }

    @Test
    void onlyVersionTwoIsDecodedButEveryVersionCanBePeekedAt() {
        Bytes version1 = Bytes.hex("1111111111111111 0000000000000000 00 10 02 00 00000000 0000001c");
        assertThat(Header.peek(version1).majorVersion()).isEqualTo(1);
        assertThatThrownBy(() -> MessageCodec.decode(version1))
                .isInstanceOf(Malformed.class)
                .hasMessageContaining("is of IKE version 1, expected 2");
        Bytes minorVersion = Bytes.hex("1111111111111111 0000000000000000 00 2f 22 08 00000000 0000001c");
        assertThat(MessageCodec.decode(minorVersion).header().minorVersion()).isEqualTo(15);
    }

    /* HDR, SK {D} --> : what the engine prepends to the body is what the receiver must authenticate */
    @Test
    void theAssociatedDataOfAnSkMessageIsItsBeginning() {
        int first = PayloadType.DELETE.number();
        Bytes aad = MessageCodec.associatedData(REQUEST, first, SECRET_PART.length());
        Bytes datagram = Bytes.concat(aad, SECRET_PART);

        assertThat(aad).isEqualTo(Bytes.hex("1111111111111111 2222222222222222 2e 20 25 08 00000007 00000030  2a 00 0014"));
        EncryptedPayload sk = MessageCodec.decode(datagram).encrypted().orElseThrow();
        assertThat(sk).isEqualTo(new EncryptedPayload(first, SECRET_PART));
        assertThat(MessageCodec.associatedData(datagram, sk)).isEqualTo(aad);
        assertThat(MessageCodec.encode(REQUEST, List.of(sk))).isEqualTo(datagram);
    }

    /* strongSwan's own idea of the associated data, from its log */
    @Test
    void theAssociatedDataOfACapturedMessageIsWhatCharonUsed() {
        Message message = MessageCodec.decode(Captured.IKE_AUTH_REQUEST);
        EncryptedPayload sk = message.encrypted().orElseThrow();
        Bytes expected = Bytes.hex("8b35dfaaaf2fbb136efddcd1df2a5c96 2e20230800000001 00000370 23000354");
        assertThat(MessageCodec.associatedData(Captured.IKE_AUTH_REQUEST, sk)).isEqualTo(expected);
        assertThat(MessageCodec.associatedData(message.header(), sk.firstInner(), sk.body().length())).isEqualTo(expected);
    }

    /* HDR, SKF(1/2) --> HDR, SKF(2/2) --> */
    @Test
    void theAssociatedDataOfAFragmentCoversItsNumbers() {
        int first = PayloadType.ID_INITIATOR.number();
        Bytes aad1 = MessageCodec.associatedData(REQUEST, first, 1, 2, SECRET_PART.length());
        Bytes aad2 = MessageCodec.associatedData(REQUEST, first, 2, 2, SECRET_PART.length());
        assertThat(aad1.from(16)).isEqualTo(Bytes.hex("35 20 25 08 00000007 00000034  23 00 0018  0001 0002"));
        assertThat(aad2.from(16)).isEqualTo(Bytes.hex("35 20 25 08 00000007 00000034  00 00 0018  0002 0002"));

        Bytes datagram = Bytes.concat(aad1, SECRET_PART);
        EncryptedFragmentPayload skf = MessageCodec.decode(datagram).fragment().orElseThrow();
        assertThat(skf).isEqualTo(new EncryptedFragmentPayload(first, 1, 2, SECRET_PART));
        assertThat(MessageCodec.associatedData(datagram, skf)).isEqualTo(aad1);
        assertThat(MessageCodec.encode(REQUEST, List.of(skf))).isEqualTo(datagram);
    }

    @Test
    void nothingStandsBehindAnEncryptedPayload() {
        EncryptedPayload sk = new EncryptedPayload(0, SECRET_PART);
        Bytes datagram = MessageCodec.encode(REQUEST, List.of(sk));
        Bytes longer = Bytes.concat(datagram.slice(0, 24), Bytes.hex("00000034"), datagram.from(28), Bytes.hex("00000004"));
        assertThatThrownBy(() -> MessageCodec.decode(longer)).isInstanceOf(Malformed.class).hasMessageContaining("left over");
        assertThatThrownBy(() -> MessageCodec.encodeChain(List.of(sk, new VendorIdPayload(Bytes.empty()))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothingIsEncryptedTwice() {
        Bytes chain = MessageCodec.encodeChain(List.of(new EncryptedPayload(0, SECRET_PART)));
        assertThatThrownBy(() -> MessageCodec.decodeChain(PayloadType.ENCRYPTED.number(), chain))
                .isInstanceOf(Malformed.class)
                .hasMessageContaining("encrypted inside an encrypted payload");
        Bytes fragment = MessageCodec.encodeChain(List.of(new EncryptedFragmentPayload(0, 1, 1, SECRET_PART)));
        assertThatThrownBy(() -> MessageCodec.decodeChain(PayloadType.ENCRYPTED_FRAGMENT.number(), fragment))
                .isInstanceOf(Malformed.class);
    }

    @Test
    void whatFitsNoFieldIsNotWritten() {
        Bytes huge = Bytes.of(new byte[65_532]);
        assertThatThrownBy(() -> MessageCodec.encodeChain(List.of(new VendorIdPayload(huge))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("payload length 65536 does not fit a field of 0 to 65535");
        Payload half = new VendorIdPayload(Bytes.of(new byte[40_000]));
        assertThatThrownBy(() -> MessageCodec.encode(REQUEST, List.of(half, half))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MessageCodec.associatedData(REQUEST, 0, 65_510)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MessageCodec.encodeChain(List.of(new KePayload(0x10000, huge.slice(0, 1)))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MessageCodec.encodeChain(List.of(new DeletePayload(3, List.of(Bytes.hex("aabb"))))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("SPI has 2 octets, its field 4");
        TsSubstructure crooked = new TsSubstructure(7, 0, 0, 65535, Bytes.hex("0a000000"), Bytes.hex("0a0000"));
        assertThatThrownBy(() -> MessageCodec.encodeChain(List.of(new TsPayload(Role.INITIATOR, List.of(crooked)))))
                .isInstanceOf(IllegalArgumentException.class);
        List<TransformSubstructure> many = Collections.nCopies(256, new TransformSubstructure(5, 0));
        SaPayload sa = new SaPayload(List.of(new ProposalSubstructure(1, 1, Bytes.empty(), many)));
        assertThatThrownBy(() -> MessageCodec.encodeChain(List.of(sa))).isInstanceOf(IllegalArgumentException.class);
    }
}
