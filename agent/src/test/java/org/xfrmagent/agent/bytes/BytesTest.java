package org.xfrmagent.agent.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BytesTest {
    private static final Bytes TEN = Bytes.hex("00 01 02 03 04 05 06 07 08 09");

    @Test
    void numbersAreReadInNetworkOrderAndUnsigned() {
        Bytes bytes = Bytes.hex("ff fe 00 00 80 00 00 01");
        assertThat(bytes.u8(0)).isEqualTo(255);
        assertThat(bytes.u16(0)).isEqualTo(0xfffe);
        assertThat(bytes.i32(4)).isEqualTo(0x80000001);
        assertThat(bytes.i64(0)).isEqualTo(0xfffe000080000001L);
    }

    @Test
    void aSliceEqualsTheSameOctetsFromElsewhere() {
        assertThat(TEN.slice(2, 5)).isEqualTo(Bytes.hex("020304")).hasSameHashCodeAs(Bytes.hex("020304"));
        assertThat(TEN.slice(2, 5)).isNotEqualTo(Bytes.hex("020305")).isNotEqualTo(Bytes.hex("0203"));
        assertThat(TEN.from(7)).isEqualTo(Bytes.hex("070809"));
    }

    @Test
    void aSliceOfASliceCountsFromItsOwnStart() {
        Bytes slice = TEN.slice(2, 8).slice(1, 4);
        assertThat(slice).isEqualTo(Bytes.hex("030405"));
        assertThat(slice.u16(1)).isEqualTo(0x0405);
        assertThat(slice.toArray()).containsExactly(3, 4, 5);
    }

    @Test
    void aSliceDoesNotShowWhatItsParentHolds() {
        Bytes slice = TEN.slice(2, 5);
        assertThatThrownBy(() -> slice.u8(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> slice.u8(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> slice.u16(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> slice.i32(0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> slice.i64(Integer.MAX_VALUE)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> slice.slice(0, 4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> slice.slice(2, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void copiesDoNotFollowTheArrayTheyCameFrom() {
        byte[] array = {1, 2, 3};
        Bytes copy = Bytes.of(array);
        Bytes part = Bytes.of(array, 1, 2);
        array[1] = 9;
        assertThat(copy).isEqualTo(Bytes.hex("010203"));
        assertThat(part).isEqualTo(Bytes.hex("0203"));
        copy.toArray()[0] = 9;
        assertThat(copy.u8(0)).isEqualTo(1);
    }

    @Test
    void concatenationKeepsTheOrder() {
        assertThat(Bytes.concat(TEN.slice(8, 10), Bytes.empty(), TEN.slice(0, 2))).isEqualTo(Bytes.hex("08090001"));
        assertThat(Bytes.concat()).isEqualTo(Bytes.empty());
    }

    @Test
    void hexIgnoresSpacesAndColonsAndRefusesOtherLetters() {
        assertThat(Bytes.hex("de:ad be\n ef").toHex()).isEqualTo("deadbeef");
        assertThatThrownBy(() -> Bytes.hex("xy")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Bytes.hex("abc")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void printsAsItsHex() {
        assertThat(TEN.slice(8, 10)).hasToString("0809");
        assertThat(Bytes.empty()).hasToString("");
    }
}
