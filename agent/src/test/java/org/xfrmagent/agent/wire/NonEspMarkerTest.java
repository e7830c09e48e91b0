package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.bytes.Bytes;

/** RFC 3948, section 2. */
class NonEspMarkerTest {
    @ParameterizedTest
    @CsvSource({
        "ff, KEEPALIVE",
        "fe, NOISE",
        "'', NOISE",
        "ffff, NOISE",
        "00000000, NOISE",
        "00000000aabbcc, NOISE",
        "00000000aabbccdd, IKE",
        "00000001 00000001 aabb, ESP",
        "ffffffff 00000001 aabb, ESP"
    })
    void theFirstFourOctetsTellIkeFromEsp(String datagram, NonEspMarker.Kind kind) {
        assertThat(NonEspMarker.classify(Bytes.hex(datagram))).isEqualTo(kind);
    }

    @Test
    void theMarkerGoesOnAndComesOff() {
        Bytes marked = NonEspMarker.prepend(Captured.IKE_SA_INIT_REQUEST);
        assertThat(NonEspMarker.classify(marked)).isEqualTo(NonEspMarker.Kind.IKE);
        assertThat(NonEspMarker.strip(marked)).isEqualTo(Captured.IKE_SA_INIT_REQUEST);
        assertThat(NonEspMarker.classify(NonEspMarker.keepalive())).isEqualTo(NonEspMarker.Kind.KEEPALIVE);
    }

    @Test
    void withoutAMarkerThereIsNothingToStrip() {
        assertThatThrownBy(() -> NonEspMarker.strip(Bytes.hex("00000001"))).isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> NonEspMarker.strip(Bytes.hex("0000"))).isInstanceOf(Malformed.class);
    }
}
