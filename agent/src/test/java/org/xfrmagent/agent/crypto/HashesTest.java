package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;

class HashesTest {
    private static final Bytes ABC = TestKeys.ascii("abc");

    /** FIPS 180-4's example "abc". */
    @Test
    void abcHasThePublishedHashes() {
        assertThat(Hashes.sha1(ABC)).isEqualTo(Bytes.hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
        assertThat(Hashes.sha256(ABC))
                .isEqualTo(Bytes.hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        assertThat(Hashes.sha384(ABC)).isEqualTo(Bytes.hex(
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"));
        assertThat(Hashes.sha512(ABC)).isEqualTo(Bytes.hex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
    }

    @Test
    void theDataMayComeInPieces() {
        assertThat(Hashes.sha1(ABC.slice(0, 1), Bytes.empty(), ABC.from(1))).isEqualTo(Hashes.sha1(ABC));
    }

    @Test
    void onlyTheSameOctetsAreEqual() {
        assertThat(Hashes.equalInConstantTime(ABC, TestKeys.ascii("abc"))).isTrue();
        assertThat(Hashes.equalInConstantTime(ABC, TestKeys.ascii("abd"))).isFalse();
        assertThat(Hashes.equalInConstantTime(ABC, TestKeys.ascii("bbc"))).isFalse();
        assertThat(Hashes.equalInConstantTime(ABC, TestKeys.ascii("ab"))).isFalse();
        assertThat(Hashes.equalInConstantTime(Bytes.empty(), Bytes.empty())).isTrue();
    }
}
