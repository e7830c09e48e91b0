package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/** Published vectors of every MAC, as a PRF and as an integrity algorithm. */
class MacVectorsTest {
    private static final Bytes HI_THERE = TestKeys.ascii("Hi There");
    private static final Bytes NOTHING = TestKeys.ascii("what do ya want for nothing?");
    private static final Bytes LONG_KEY = TestKeys.ascii("Test Using Larger Than Block-Size Key - Hash Key First");
    private static final Bytes LONG_BOTH = TestKeys.ascii("This is a test using a larger than block-size key and a larger than"
            + " block-size data. The key needs to be hashed before being used by the HMAC algorithm.");
    private static final Bytes SP800_38B = Bytes.hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
            + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");

    record Vector(String source, String keyword, Bytes key, Bytes data, String mac) {
        @Override
        public String toString() {
            return keyword + ", " + source;
        }
    }

    private static Bytes times(int octet, int count) {
        return Bytes.hex("%02x".formatted(octet).repeat(count));
    }

    private static Bytes counting(int count) {
        byte[] octets = new byte[count];
        for (int i = 0; i < count; i++) {
            octets[i] = (byte) i;
        }
        return Bytes.wrap(octets);
    }

    static Stream<Vector> prfs() {
        Bytes jefe = TestKeys.ascii("Jefe");
        Bytes tooLong = Bytes.hex("000102030405060708090a0b0c0d0e0fedcb");
        return Stream.of(
                new Vector("RFC 2202 case 1", "prfmd5", times(0x0b, 16), HI_THERE, "9294727a3638bb1c13f48ef8158bfc9d"),
                new Vector("RFC 2202 case 2", "prfmd5", jefe, NOTHING, "750c783e6ab0b503eaa86e310a5db738"),
                new Vector("RFC 2202 case 3", "prfmd5", times(0xaa, 16), times(0xdd, 50), "56be34521d144c88dbb8c733f0e8b3f6"),
                new Vector("RFC 2202 case 1", "prfsha1", times(0x0b, 20), HI_THERE, "b617318655057264e28bc0b6fb378c8ef146be00"),
                new Vector("RFC 2202 case 2", "prfsha1", jefe, NOTHING, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
                new Vector("RFC 2202 case 3", "prfsha1", times(0xaa, 20), times(0xdd, 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
                new Vector("RFC 2202 case 6", "prfsha1", times(0xaa, 80), LONG_KEY, "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
                new Vector("RFC 4231 case 1", "prfsha256", times(0x0b, 20), HI_THERE,
                        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
                new Vector("RFC 4231 case 2", "prfsha256", jefe, NOTHING,
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
                new Vector("RFC 4231 case 3", "prfsha256", times(0xaa, 20), times(0xdd, 50),
                        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
                new Vector("RFC 4231 case 6", "prfsha256", times(0xaa, 131), LONG_KEY,
                        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
                new Vector("RFC 4231 case 7", "prfsha256", times(0xaa, 131), LONG_BOTH,
                        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
                new Vector("RFC 4231 case 1", "prfsha384", times(0x0b, 20), HI_THERE,
                        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"),
                new Vector("RFC 4231 case 2", "prfsha384", jefe, NOTHING,
                        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"),
                new Vector("RFC 4231 case 3", "prfsha384", times(0xaa, 20), times(0xdd, 50),
                        "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27"),
                new Vector("RFC 4231 case 6", "prfsha384", times(0xaa, 131), LONG_KEY,
                        "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"),
                new Vector("RFC 4231 case 7", "prfsha384", times(0xaa, 131), LONG_BOTH,
                        "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e"),
                new Vector("RFC 4231 case 1", "prfsha512", times(0x0b, 20), HI_THERE,
                        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                                + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"),
                new Vector("RFC 4231 case 2", "prfsha512", jefe, NOTHING,
                        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"),
                new Vector("RFC 4231 case 3", "prfsha512", times(0xaa, 20), times(0xdd, 50),
                        "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
                                + "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"),
                new Vector("RFC 4231 case 6", "prfsha512", times(0xaa, 131), LONG_KEY,
                        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                                + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"),
                new Vector("RFC 4231 case 7", "prfsha512", times(0xaa, 131), LONG_BOTH,
                        "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
                                + "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"),
                new Vector("RFC 4434, key of 16", "prfaesxcbc", counting(16), counting(20), "47f51b4564966215b8985c63055ed308"),
                new Vector("RFC 4434, key of 10", "prfaesxcbc", counting(10), counting(20), "0fa087af7d866e7653434e602fdde835"),
                new Vector("RFC 4434, key of 18", "prfaesxcbc", tooLong, counting(20), "8cd3c93ae598a9803006ffb67c40e9e4"),
                new Vector("RFC 4615, key of 18", "prfaescmac", tooLong, counting(20), "84a348a4a45d235babfffc0d2b4da09a"),
                new Vector("RFC 4615, key of 16", "prfaescmac", counting(16), counting(20), "980ae87b5f4c9c5214f5b6a8455e4c2d"),
                new Vector("RFC 4615, key of 10", "prfaescmac", counting(10), counting(20), "290d9e112edb09ee141fcf64c0b72f3d"));
    }

    @ParameterizedTest
    @MethodSource("prfs")
    void aPrfGivesThePublishedResult(Vector vector) {
        for (Providers providers : TestKeys.providers()) {
            Prf prf = Prf.of(TestKeys.row(vector.keyword()), providers);
            Secret key = Secret.copyOf(vector.key());
            Bytes expected = Bytes.hex(vector.mac());
            assertThat(prf.outputBytes()).isEqualTo(expected.length());
            assertThat(prf.mac(key, vector.data())).isEqualTo(expected);
            assertThat(TestKeys.reveal(prf.compute(key, vector.data()))).isEqualTo(expected);
            int cut = vector.data().length() / 3;
            assertThat(prf.mac(key, vector.data().slice(0, cut), Bytes.empty(), vector.data().from(cut)))
                    .as("in pieces")
                    .isEqualTo(expected);
        }
    }

    static Stream<Vector> icvs() {
        Bytes nist = Bytes.hex("2b7e151628aed2a6abf7158809cf4f3c");
        return Stream.of(
                new Vector("RFC 4868 AUTH256-1", "sha256", times(0x0b, 32), HI_THERE, "198a607eb44bfbc69903a0f1cf2bbdc5"),
                new Vector("RFC 2202 case 3", "sha1", times(0xaa, 20), times(0xdd, 50), "125d7342b9ac11cd91a39af4"),
                new Vector("RFC 2202 case 3", "md5", times(0xaa, 16), times(0xdd, 50), "56be34521d144c88dbb8c733"),
                new Vector("RFC 4493 example 1", "aescmac", nist, Bytes.empty(), "bb1d6929e95937287fa37d12"),
                new Vector("RFC 4493 example 2", "aescmac", nist, SP800_38B.slice(0, 16), "070a16b46b4d4144f79bdd9d"),
                new Vector("RFC 4493 example 3", "aescmac", nist, SP800_38B.slice(0, 40), "dfa66747de9ae63030ca3261"),
                new Vector("RFC 4493 example 4", "aescmac", nist, SP800_38B, "51f0bebf7e3b9d92fc497417"),
                new Vector("RFC 3566 case 1", "aesxcbc", counting(16), Bytes.empty(), "75f0251d528ac01c4573dfd5"),
                new Vector("RFC 3566 case 2", "aesxcbc", counting(16), counting(3), "5b376580ae2f19afe7219cee"),
                new Vector("RFC 3566 case 3", "aesxcbc", counting(16), counting(16), "d2a246fa349b68a79998a439"),
                new Vector("RFC 3566 case 4", "aesxcbc", counting(16), counting(20), "47f51b4564966215b8985c63"),
                new Vector("RFC 3566 case 5", "aesxcbc", counting(16), counting(32), "f54f0ec8d2b9f3d36807734b"),
                new Vector("RFC 3566 case 6", "aesxcbc", counting(16), counting(34), "becbb3bccdb518a30677d548"),
                new Vector("RFC 3566 case 7", "aesxcbc", counting(16), times(0, 1000), "f0dafee895db30253761103b"));
    }

    @ParameterizedTest
    @MethodSource("icvs")
    void anIntegrityAlgorithmGivesThePublishedIcvHoweverThePacketIsCut(Vector vector) {
        for (Providers providers : TestKeys.providers()) {
            PacketMac mac = PacketMac.of(TestKeys.row(vector.keyword()), Secret.copyOf(vector.key()), providers);
            byte[] data = vector.data().toArray();
            for (int piece : new int[] {1, 3, 15, 16, 17, 31, 32, 1100}) {
                byte[] icv = new byte[2 + mac.icvBytes()];
                for (int pass = 0; pass < 2; pass++) {
                    for (int at = 0; at < data.length; at += piece) {
                        mac.update(data, at, Math.min(piece, data.length - at));
                    }
                    if (pass == 0) {
                        mac.finish(icv, 2);
                        assertThat(Bytes.wrap(icv).from(2)).isEqualTo(Bytes.hex(vector.mac()));
                    } else {
                        assertThat(mac.verify(icv, 2)).isTrue();
                    }
                }
            }
        }
    }
}
