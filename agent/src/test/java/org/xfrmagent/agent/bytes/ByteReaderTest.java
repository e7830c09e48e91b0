package org.xfrmagent.agent.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ByteReaderTest {
    @Test
    void readsFieldsFromFrontToBack() {
        ByteReader in = Bytes.hex("01 0203 ffffffff ffffffff 0102030405060708 aabb cc dd").reader();
        assertThat(in.u8()).isEqualTo(1);
        assertThat(in.u16()).isEqualTo(0x0203);
        assertThat(in.i32()).isEqualTo(-1);
        assertThat(in.u32()).isEqualTo(0xffffffffL);
        assertThat(in.i64()).isEqualTo(0x0102030405060708L);
        assertThat(in.position()).isEqualTo(19);
        assertThat(in.bytes(2)).isEqualTo(Bytes.hex("aabb"));
        in.skip(1);
        assertThat(in.remaining()).isEqualTo(1);
        assertThat(in.rest()).isEqualTo(Bytes.hex("dd"));
        assertThat(in.atEnd()).isTrue();
        assertThat(in.rest()).isEqualTo(Bytes.empty());
    }

    @Test
    void aReadPastTheEndThrowsUnderflowAndMovesNothing() {
        ByteReader in = Bytes.hex("010203").reader();
        assertThatThrownBy(in::i32).isInstanceOf(ByteReader.Underflow.class).hasMessage("needs 4 more octets, 3 left");
        assertThatThrownBy(in::i64).isInstanceOf(ByteReader.Underflow.class);
        assertThatThrownBy(() -> in.bytes(4)).isInstanceOf(ByteReader.Underflow.class);
        assertThatThrownBy(() -> in.bytes(-1)).isInstanceOf(ByteReader.Underflow.class);
        assertThatThrownBy(() -> in.skip(Integer.MAX_VALUE)).isInstanceOf(ByteReader.Underflow.class);
        assertThat(in.position()).isZero();
        assertThat(in.u16()).isEqualTo(0x0102);
    }
}
