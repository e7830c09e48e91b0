package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.bytes.Bytes;

/** One row for each rule that a payload's octets can break; SA payloads have their own test. */
class MalformedPayloadTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            KE                 | 001f0000                             | key exchange data has 0 octets, expected at least 1
            KE                 | 001f                                 | needs 2 more octets, 0 left
            ID_INITIATOR       | 01000000 c00002                      | the address has 3 octets, expected 4
            ID_RESPONDER       | 05000000 c0000201                    | the address has 4 octets, expected 16
            CERT               | 04                                   | the certificate has 0 octets, expected 1 to 32768
            CERTREQ            | 04 112233                            | 3 octets are no whole number of SHA-1 hashes
            AUTH               | 02000000                             | authentication data has 0 octets
            AUTH               | 0200                                 | needs 3 more octets, 1 left
            NONCE              | 000102030405060708090a0b0c0d0e       | the nonce has 15 octets, expected 16 to 256
            NOTIFY             | 00004006 ''                          | the data of COOKIE has 0 octets, expected 1 to 64
            NOTIFY             | 00000011 1f                          | the data of INVALID_KE_PAYLOAD has 1 octets, expected 2
            NOTIFY             | 00004004 0102                        | the data of NAT_DETECTION_SOURCE_IP has 2 octets, expected 20
            NOTIFY             | 03024009 0102                        | an SPI of 2 octets for protocol 3
            NOTIFY             | 00044009 01020304                    | an SPI of 4 octets for protocol 0
            NOTIFY             | 03044009 010203                      | needs 4 more octets, 3 left
            DELETE             | 03040002 01020304                    | needs 4 more octets, 0 left
            DELETE             | 03040001 0102030405060708            | 4 octets are left over
            DELETE             | 0300ffff                             | SPIs of 0 octets for protocol 3
            DELETE             | 0100ffff                             | announces 65535 SPIs without octets
            DELETE             | 01080001 0102030405060708            | SPIs of 8 octets for protocol 1
            TS_INITIATOR       | 00000000                             | announces no selector
            TS_INITIATOR       | 02000000 070000100000ffff0a0000000a0000ff | needs 1 more octets, 0 left
            TS_RESPONDER       | 01000000 07000003                    | selector 1 says its length is 3
            TS_RESPONDER       | 01000000 070000110000ffff0a0000000a0000ff00 | 1 octets are left over
            TS_RESPONDER       | 01000000 070000100000ffff0a0000ff0a000000 | addresses run backwards from 0a0000ff to 0a000000
            TS_RESPONDER       | 01000000 07060010001700160a0000000a0000ff | ports run backwards from 23 to 22
            TS_RESPONDER       | 01000000 080000100000ffff0a0000000a0000ff | needs 16 more octets, 8 left
            CONFIGURATION      | 01000000 000100040a                  | needs 4 more octets, 1 left
            CONFIGURATION      | 01000000 0001                        | needs 2 more octets, 0 left
            EAP                | 012a00                               | the EAP message has 3 octets, expected at least 4
            EAP                | 012a0006 01                          | the EAP length is 6, the payload holds 5
            """)
    void aBrokenRuleIsNamed(PayloadType type, String hex, String why) {
        Bytes body = Bytes.hex(hex.replace("'", ""));
        Bytes chain = Bytes.concat(Bytes.hex("0000%04x".formatted(4 + body.length())), body);
        assertThatThrownBy(() -> MessageCodec.decodeChain(type.number(), chain))
                .isInstanceOf(Malformed.class)
                .hasMessageContaining(type.notation())
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ENCRYPTED          | ''                    | the encrypted part has 0 octets
            ENCRYPTED_FRAGMENT | 0001 0001             | the encrypted part has 0 octets
            ENCRYPTED_FRAGMENT | 0000 0001 aa          | fragment 0 of 1
            ENCRYPTED_FRAGMENT | 0003 0002 aa          | fragment 3 of 2
            ENCRYPTED_FRAGMENT | 0001 0081 aa          | fragment 1 of 129, expected 1 to at most 128
            """)
    void aBrokenEncryptedPayloadIsNamed(PayloadType type, String hex, String why) {
        Bytes body = Bytes.hex(hex);
        Bytes datagram = Bytes.concat(
                Bytes.hex("1111111111111111 2222222222222222 %02x 20 25 08 00000007 %08x".formatted(type.number(), 32 + body.length())),
                Bytes.hex("0000%04x".formatted(4 + body.length())),
                body);
        assertThatThrownBy(() -> MessageCodec.decode(datagram)).isInstanceOf(Malformed.class).hasMessageContaining(why);
    }
}
