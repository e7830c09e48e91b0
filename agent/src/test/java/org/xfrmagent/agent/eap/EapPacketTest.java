package org.xfrmagent.agent.eap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.bytes.Bytes;

/** RFC 3748, sections 4 and 5. */
class EapPacketTest {
    private static final EapType VENDORS = new EapType(0x0137, 1);

    @Test
    void everyKindIsWrittenAsTheRfcDrawsIt() {
        both("01 07 0005 01", new EapPacket.Request(7, EapType.IDENTITY, Bytes.empty()));
        both("02 07 0008 01 616263", new EapPacket.Response(7, EapType.IDENTITY, Bytes.hex("616263")));
        both("02 08 0007 03 1a04", new EapPacket.Nak(8, false, List.of(EapType.MSCHAPV2, EapType.MD5)));
        both("02 08 0006 03 00", new EapPacket.Nak(8, false, List.of()));
        both("03 09 0004", new EapPacket.Success(9));
        both("04 ff 0004", new EapPacket.Failure(255));
    }

    @Test
    void aVendorsTypeStandsBehindType254() {
        both("01 01 000e fe 000137 00000001 abcd", new EapPacket.Request(1, VENDORS, Bytes.hex("abcd")));
        both("02 01 001c fe 000000 00000003 fe 000137 00000001 fe 000000 0000000d",
                new EapPacket.Nak(1, true, List.of(VENDORS, EapType.TLS)));
    }

    /** RFC 3748, section 5.7: types below 256 mean the same in both forms. */
    @Test
    void anExpandedTypeOfTheIetfIsTheSameType() {
        assertThat(EapPacket.decode(Bytes.hex("01 01 000c fe 000000 00000004"))).isEqualTo(new EapPacket.Request(1, EapType.MD5, Bytes.empty()));
    }

    @Test
    void aLegacyNakThatWantsAVendorsTypeSaysExpanded() {
        assertThat(new EapPacket.Nak(1, false, List.of(VENDORS)).encode()).isEqualTo(Bytes.hex("02 01 0006 03 fe"));
    }

    @ParameterizedTest
    @CsvSource({
        "03, an EAP packet of 1 octets",
        "01070006 01, the EAP length is 6",
        "01070004, without a type",
        "05070005 01, EAP code 5",
        "03090005 00, has 1 octets of data",
        "01070006 03 04, request of type Nak",
        "01070005 00, EAP type 0",
        "0107000d fe00000000000000fe, EAP type 0",
        "0107000c fe000000000000fe, EAP type 254",
        "02070005 03, a Nak with 0 octets|an EAP Nak with 0 octets",
        "01070009 fe00013700, an expanded EAP type of 5 octets",
        "0107000c fe00000000000100, EAP type 256 of vendor 0",
        "0207000d fe0000000000000304, an EAP Nak with 1 octets",
        "02070014 fe00000000000003 0400013700000001, EAP type 4 in an expanded Nak"})
    void anythingElseIsMalformed(String octets, String why) {
        assertThatThrownBy(() -> EapPacket.decode(Bytes.hex(octets)))
                .isInstanceOf(MalformedEap.class)
                .hasMessageContaining(why.substring(why.indexOf('|') + 1));
    }

    @Test
    void whatAPacketCarriesIsNotPrinted() {
        assertThat(new EapPacket.Response(1, EapType.GTC, Bytes.hex("736563726574"))).hasToString("Response[1, EAP-GTC, 6 octets]");
    }

    @Test
    void typesHaveTheWordsOfSwanctlConf() {
        assertThat(EapType.byWord("mschapv2")).contains(EapType.MSCHAPV2);
        assertThat(EapType.byWord("26")).contains(EapType.MSCHAPV2);
        assertThat(EapType.byWord("1-311")).contains(VENDORS);
        assertThat(VENDORS.word()).isEqualTo("1-311");
        assertThat(EapType.TLS).hasToString("EAP-TLS");
        assertThat(List.of("256", "0", "1-16777216", "9999999999", "tlx", "")).allSatisfy(word -> assertThat(EapType.byWord(word)).isEmpty());
    }

    private static void both(String octets, EapPacket packet) {
        assertThat(EapPacket.decode(Bytes.hex(octets))).isEqualTo(packet);
        assertThat(packet.encode()).isEqualTo(Bytes.hex(octets));
    }
}
