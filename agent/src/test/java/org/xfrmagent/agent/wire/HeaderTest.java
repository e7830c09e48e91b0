package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;

/** RFC 7296, section 3.1. */
class HeaderTest {
    @Test
    void everyFieldStandsWhereTheDiagramHasIt() {
        Header header = Header.peek(Bytes.hex("8000000000000001 fffffffffffffffe 21 20 22 08 fffffffe 0000001c"));
        assertThat(header)
                .isEqualTo(new Header(0x8000000000000001L, 0xfffffffffffffffeL, 33, 0x20, 34, true, false, false, -2, 28));
        assertThat(header.majorVersion()).isEqualTo(2);
        assertThat(header.minorVersion()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "00,false,false,false", "08,true,false,false",
        "10,false,false,true", "20,false,true,false",
        "c7,false,false,false", "38,true,true,true"
    })
    void theFlagsAreIRAndVAndTheOtherBitsAreIgnored(String flags, boolean initiator, boolean response, boolean version) {
        Header header = Header.peek(Bytes.hex("01".repeat(16) + "00 20 25" + flags + "00000000 0000001c"));
        assertThat(header.initiator()).isEqualTo(initiator);
        assertThat(header.response()).isEqualTo(response);
        assertThat(header.versionFlag()).isEqualTo(version);
    }

    @Test
    void anUnknownExchangeKeepsItsNumber() {
        Header header = Header.peek(Bytes.hex("01".repeat(16) + "00 20 f0 08 00000000 0000001c"));
        assertThat(header.exchange()).isEqualTo(240);
        assertThat(header.exchangeType()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000001b", "0000001d", "00000000", "8000001c", "ffffffff"})
    void theLengthMustBeTheDatagrams(String length) {
        assertThatThrownBy(() -> Header.peek(Bytes.hex("01".repeat(16) + "00 20 25 08 00000000" + length)))
                .isInstanceOf(Malformed.class)
                .hasMessageContaining("the datagram has 28 octets");
    }

    @Test
    void aShortDatagramIsMalformedAtEveryLength() {
        Bytes whole = Bytes.hex("01".repeat(16) + "00 20 25 08 00000000 0000001c");
        for (int length = 0; length < Header.LENGTH; length++) {
            Bytes cut = whole.slice(0, length);
            assertThatThrownBy(() -> Header.peek(cut)).as("%d octets", length).isInstanceOf(Malformed.class);
        }
    }

    @Test
    void aMessageLongerThanUdpCanCarryIsMalformed() {
        byte[] octets = new byte[65_536];
        octets[25] = 1;
        assertThatThrownBy(() -> Header.peek(Bytes.wrap(octets))).isInstanceOf(Malformed.class);
    }
}
