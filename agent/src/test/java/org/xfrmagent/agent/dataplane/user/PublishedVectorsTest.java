package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.policies.algorithm.Algorithms;

/** ESP packets that were published: RFC 7634, appendix A, and draft-mcgrew-gcm-test-01 (whole packets under RFC 4106). */
class PublishedVectorsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // name, algorithm, key and salt, high half, SPI and number, IV, plain text with padding, cipher text and ICV
        "RFC 7634 A, chacha20poly1305, 808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3, -, 0102030400000005, "
                + "1011121314151617, "
                + "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec100007362708090a0b0c0d0e0f10111213"
                + "1415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363701020204, "
                + "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61aa95dfab4c02f7"
                + "2aa71e7c4c4f64c9befe2facc638e8f3cbec163fac469b502773f6fb94e664da9165b82829f641e0"
                + "76aaa8266b7fb0f7b11b369907e1ad43",
        "GCM test 1, aes128gcm16, 4c80cdefbb5d10da906ac73c3613a6342e443b68, 87654321, 0000432100000000, 4956ed7e3b244cfe, "
                + "45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f756470037369700963"
                + "796265726369747902646b000021000101020201, "
                + "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d"
                + "15b21e1884f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe722fd04796562dfdb4",
        "GCM test 7, aes192gcm16, feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe, -, 0000a5f80000000a, facedbaddecaf888, "
                + "45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d075680001, "
                + "a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452144cc77"
                + "95457b9652037f5318027b5b4cd7a636",
        "GCM test 8, aes256gcm16, abbccddef00112233445566778899aababbccddef00112233445566778899aab11223344, -, 4a2cbfe300000002, "
                + "0102030405060708, "
                + "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b40101040201020201, "
                + "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99d"
                + "ef842d8eb335f4eecfdbf831824b4c4915956c96"
    })
    void opens_and_seals_what_was_published(
            String name, String algorithm, String key, String high, String header, String iv, String plain, String sealed) {
        SaKeys keys = new SaKeys.Aead(Algorithms.byKeyword(algorithm).orElseThrow(), Secret.copyOf(Bytes.hex(key)));
        OptionalInt sequenceHigh = high.equals("-") ? OptionalInt.empty() : OptionalInt.of(Integer.parseUnsignedInt(high, 16));
        Bytes esp = Bytes.hex(header + iv + sealed);
        EspCodec.Plain inside = EspCodec.open(keys, sequenceHigh, esp).orElseThrow();
        Bytes text = Bytes.hex(plain);
        int padding = text.u8(text.length() - 2);
        assertThat(inside.payload()).isEqualTo(text.slice(0, text.length() - 2 - padding));
        assertThat(inside.nextHeader()).isEqualTo(text.u8(text.length() - 1));
        assertThat(inside.spi()).isEqualTo(Bytes.hex(header).i32(0));
        if (sequenceHigh.isEmpty()) {
            byte[] out = new byte[esp.length()];
            byte[] payload = inside.payload().toArray();
            EspCodec.of(keys, false).seal(
                    inside.spi(), inside.sequence(), Bytes.hex(iv).i64(0), inside.nextHeader(), payload, 0, payload.length, out, 0);
            assertThat(Bytes.wrap(out)).isEqualTo(esp);
        }
    }
}
