package org.xfrmagent.agent.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ByteWriterTest {
    @Test
    void writesFieldsInNetworkOrderAndGrowsAsNeeded() {
        Bytes written = new ByteWriter(1)
                .u8(0x01)
                .u16(0x0203)
                .i32(0x80000001)
                .i64(0x8000000000000001L)
                .bytes(Bytes.hex("aabb"))
                .bytes(new byte[] {1, 2})
                .zeros(3)
                .toBytes();
        assertThat(written).isEqualTo(Bytes.hex("01 0203 80000001 8000000000000001 aabb 0102 000000"));
    }

    @Test
    void lengthsAreFilledInLater() {
        ByteWriter out = new ByteWriter().zeros(7).u8(9);
        out.setU8(0, 0xff);
        out.setU16(1, 0x0102);
        out.setI32(3, 0x03040506);
        assertThat(out.length()).isEqualTo(8);
        assertThat(out.toBytes()).isEqualTo(Bytes.hex("ff 0102 03040506 09"));
    }

    @Test
    void whatWasTakenOutNoLongerChanges() {
        ByteWriter out = new ByteWriter().u16(0x0102);
        Bytes before = out.toBytes();
        out.setU8(0, 0xff);
        assertThat(before).isEqualTo(Bytes.hex("0102"));
    }

    @Test
    void aWriterWithoutRoomStartsToo() {
        assertThat(new ByteWriter(0).u8(1).u8(2).toBytes()).isEqualTo(Bytes.hex("0102"));
    }

    @Test
    void nothingIsWrittenBehindTheEnd() {
        ByteWriter out = new ByteWriter(2).u8(1);
        assertThatThrownBy(() -> out.setU16(1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> out.setU8(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
