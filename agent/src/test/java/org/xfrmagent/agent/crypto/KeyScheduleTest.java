package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;

class KeyScheduleTest {
    private static final Bytes NI = TestKeys.octets(32, 1);
    private static final Bytes NR = TestKeys.octets(24, 2);
    private static final long SPII = 0x0102030405060708L;
    private static final long SPIR = 0x1112131415161718L;

    /** NIST CAVP's samples for IKEv2 (SP 800-135 section 4.1.2); the derived keying material is SK_d | SK_ai | ... */
    record Cavp(
            String prf, String cipher, String integrity, String ni, String nr, String gir, String girNew, String spii, String spir,
            String skeyseed, String dkm, String skeyseedRekey) {
        @Override
        public String toString() {
            return "NIST CAVP IKEv2, " + prf;
        }
    }

    static Stream<Cavp> cavp() {
        return Stream.of(
                new Cavp("prfsha1", "aes128", "sha1", "32b50d5f4a3763f3", "9206a04b26564cb1",
                        "4b2c1f971981a8ad8d0abeafabf38cf75fc8349c148142465ed9c8b516b8be52",
                        "863f3c9d06efd39d2b907b97f8699e5dd5251ef64a2a176f36ee40c87d4f9330",
                        "34c9e7c188868785", "3ff77d760d2b2199", "a9a7b222b59f8f48645f28a1db5b5f5d7479cba7",
                        "a14293677cc80ff8f9cc0eee30d895da9d8f405666e30ef0dfcb63c634a46002a2a63080e514a062768b76606f9fa5e9"
                                + "92204fc5a670bde3f10d6b027113936a5c55b648a194ae587b0088d52204b702c979fa280870d2ed41efa9c549fd1119"
                                + "8af1670b143d384bd275c5f594cf266b05ebadca855e4249520a441a81157435a7a56cc4",
                        "63e81194946ebd05df7df5ebf5d8750056bf1f1d"),
                new Cavp("prfsha256", "aes128gcm16", "", "3f302be1abcb28e1", "8c332ee006064c9b",
                        "0f4d257d7a58fc4545c7d7a88119eee5d5c9690c5b4c989171d3abbfd99d1d29",
                        "25f3b12d6f282739256e39bf54eda53b60ffcf379bb7bcc90c27b4c4c578616c",
                        "40dac39e1e1a8640", "8619a1cf9a6e4c07", "5f00d1bd2c58ec224b1e6b71fa0f19a1faa7a193952c444411b47c1a9d8ba6fe",
                        "0b137d669b0947d7d026d593f0305ad401ff0c471357d695778a9c7f4b4869ece98aca531188d16041b3bb936d2dbb3b"
                                + "4993a6e768a809160de45d0283f273a6cdf6854379e31be72b8d3d1fa990cf9c5b015ca9f918a7df6253c958114a09d4"
                                + "e1c19bdcd4db14b29d98db1a74ad405c588662c14a04d0d36aa4ab55e90f8986d12d4aad",
                        "2d63f6debc92048b4fef3889c4c99ca67d6496e0fac14a2bca9a2d6566ff2398"),
                new Cavp("prfsha384", "aes256", "sha384", "fd1b572a8e735591", "6013b0ef88dacd3d",
                        "d3288cd87565101e88fe3bad918f31939d8dd26ff1071f8b2d7f447524e58d7c",
                        "3358f620539473aee8d07e779764c4c6a9aabddc79a28e136b3bac021dbde44a",
                        "2116ad07ce61f749", "24880e55f11a65b7",
                        "69fe7a1ac94adaeb711295f5fe004b1a8d6a0b65d05692758ce8ad2f7a45f59d7d0b596f51f7dfcf3330061888f6a94f",
                        "4f904c2025c90c817ea5ff9b662a6fdb445a73b57cdf09eacd379b95e1f03cacb04cd6deeda4f952191dd9bc1f7a9502"
                                + "471a648d74dc06d38112de48a42501f6b1a3ad55c2099cd9a648e5f17e5bf3e34bf9b5953decb768a34f875fe2b78dca"
                                + "0c2fcca81ec1a412006dfaed38fa06882e61f4c148105fb8e231fdb33c4d484c001721d4",
                        "e0548c1682e13bce454026b3b1bdf42985b24e4e7408095a7c529de38c3d1fcb04c9fe6868042a34c9614c6c99e3fcea"));
    }

    @ParameterizedTest
    @MethodSource("cavp")
    void seedAndSevenKeysAreThePublishedOnes(Cavp vector) {
        for (Providers providers : TestKeys.providers()) {
            Prf prf = Prf.of(TestKeys.row(vector.prf()), providers);
            Bytes ni = Bytes.hex(vector.ni());
            Bytes nr = Bytes.hex(vector.nr());
            Secret skeyseed = KeySchedule.skeyseed(prf, ni, nr, TestKeys.hexSecret(vector.gir()));
            assertThat(skeyseed).isEqualTo(TestKeys.hexSecret(vector.skeyseed()));

            Algorithm cipher = TestKeys.row(vector.cipher());
            Optional<Algorithm> integrity = Optional.of(vector.integrity()).filter(name -> !name.isEmpty()).map(TestKeys::row);
            IkeKeys keys = KeySchedule.ikeKeys(
                    prf, skeyseed, ni, nr, Bytes.hex(vector.spii()).i64(0), Bytes.hex(vector.spir()).i64(0), cipher, integrity);
            Bytes expected = Bytes.hex(vector.dkm());
            assertThat(joined(keys.d(), keys.ai(), keys.ar(), keys.ei(), keys.er(), keys.pi(), keys.pr()).slice(0, expected.length()))
                    .isEqualTo(expected);

            assertThat(KeySchedule.rekeyedSkeyseed(prf, keys.d(), TestKeys.hexSecret(vector.girNew()), ni, nr))
                    .isEqualTo(TestKeys.hexSecret(vector.skeyseedRekey()));
        }
    }

    /** The same sample's KEYMAT, without and with a key exchange of the child's own. */
    @Test
    void aChildsKeysAreThePublishedOnes() {
        Prf prf = Prf.of(TestKeys.row("prfsha1"));
        Secret d = TestKeys.hexSecret("a14293677cc80ff8f9cc0eee30d895da9d8f4056");
        Bytes ni = Bytes.hex("32b50d5f4a3763f3");
        Bytes nr = Bytes.hex("9206a04b26564cb1");
        Secret girNew = TestKeys.hexSecret("863f3c9d06efd39d2b907b97f8699e5dd5251ef64a2a176f36ee40c87d4f9330");
        Optional<Algorithm> aes = Optional.of(TestKeys.row("aes128"));
        Optional<Algorithm> sha1 = Optional.of(TestKeys.row("sha1"));
        assertThat(joined(KeySchedule.childKeys(prf, d, Optional.empty(), ni, nr, aes, sha1)))
                .isEqualTo(Bytes.hex("8059e3ee8810e6c3a91bc8bcd2a7a41151b8d0e6ae239c7b38093ad85ef4c581"
                        + "1a8e7b5d1cdabd9560b2d5e092d1f24e2d4b85eccdf0ad0dc9abd94b51ee71814ca6dbc8bb51b630"));
        assertThat(joined(KeySchedule.childKeys(prf, d, Optional.of(girNew), ni, nr, aes, sha1)))
                .isEqualTo(Bytes.hex("bb43244c1860ad65ee1e211ffe8bb3661750c8f89cb9f547df7f4fa61d373016"
                        + "28190e38c66232eab4b3ab14c400a5197dd3730ed4820a8a10394d51e1c0400052f63ebd36b0e7ef"));
    }

    private static Bytes joined(ChildKeys keys) {
        DirectionKeys there = keys.initiatorToResponder();
        DirectionKeys back = keys.responderToInitiator();
        return joined(there.encryption(), there.integrity(), back.encryption(), back.integrity());
    }

    private static Bytes joined(Secret... keys) {
        return Bytes.concat(Stream.of(keys).map(TestKeys::reveal).toArray(Bytes[]::new));
    }

    static List<Algorithm> prfs() {
        return TestKeys.usable(TransformType.PRF, Protocol.IKE);
    }

    @ParameterizedTest
    @MethodSource("prfs")
    void everyKeyHasTheLengthItsAlgorithmWants(Algorithm row) {
        Prf prf = Prf.of(row);
        Secret skeyseed = KeySchedule.skeyseed(prf, NI, NR, TestKeys.secret(256, 3));
        TestKeys.suites(Protocol.IKE).forEach(suite -> {
            IkeKeys keys = KeySchedule.ikeKeys(prf, skeyseed, NI, NR, SPII, SPIR, suite.cipher(), suite.mac());
            int a = suite.mac().map(Algorithm::keyBytes).orElse(0);
            assertThat(List.of(keys.d(), keys.pi(), keys.pr())).allMatch(key -> key.length() == row.keyBytes());
            assertThat(List.of(keys.ai(), keys.ar())).allMatch(key -> key.length() == a);
            assertThat(List.of(keys.ei(), keys.er())).allMatch(key -> key.length() == suite.cipher().keyMaterialBytes());
            assertThat(keys.ei()).isNotEqualTo(keys.er());
        });
    }

    /** RFC 7296 section 2.13, written out. */
    @ParameterizedTest
    @MethodSource("prfs")
    void prfPlusChainsItsOutput(Algorithm row) {
        Prf prf = Prf.of(row);
        Secret key = TestKeys.secret(row.keyBytes(), 4);
        Bytes seed = TestKeys.octets(50, 5);
        Bytes t1 = prf.mac(key, seed, Bytes.of((byte) 1));
        Bytes t2 = prf.mac(key, t1, seed, Bytes.of((byte) 2));
        Bytes t3 = prf.mac(key, t2, seed, Bytes.of((byte) 3));
        Bytes all = Bytes.concat(t1, t2, t3);
        for (int length : List.of(0, 1, prf.outputBytes(), prf.outputBytes() + 1, all.length() - 1, all.length())) {
            assertThat(TestKeys.reveal(prf.plus(key, seed, length))).isEqualTo(all.slice(0, length));
        }
    }

    @ParameterizedTest
    @MethodSource("prfs")
    void prfPlusEndsAfter255Rounds(Algorithm row) {
        Prf prf = Prf.of(row);
        Secret key = TestKeys.secret(row.keyBytes(), 4);
        int most = 255 * prf.outputBytes();
        assertThat(prf.plus(key, NI, most).length()).isEqualTo(most);
        assertThatThrownBy(() -> prf.plus(key, NI, most + 1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** RFC 7296 section 2.14: "only the first 64 bits of Ni and the first 64 bits of Nr are used in calculating SKEYSEED". */
    @Test
    void aFixedKeyPrfTakesEightOctetsOfEachNonceForTheSeedOnly() {
        Secret shared = TestKeys.secret(32, 3);
        for (String keyword : List.of("prfaesxcbc", "prfaescmac")) {
            Prf prf = Prf.of(TestKeys.row(keyword));
            Bytes otherNi = Bytes.concat(NI.slice(0, 8), TestKeys.octets(8, 99));
            Bytes otherNr = Bytes.concat(NR.slice(0, 8), TestKeys.octets(16, 98));
            Secret seed = KeySchedule.skeyseed(prf, NI, NR, shared);
            assertThat(seed).isEqualTo(prf.compute(
                    Secret.copyOf(Bytes.concat(NI.slice(0, 8), NR.slice(0, 8))), TestKeys.reveal(shared)));
            assertThat(KeySchedule.skeyseed(prf, otherNi, otherNr, shared)).isEqualTo(seed);
            Algorithm cipher = TestKeys.row("aes128gcm16");
            assertThat(KeySchedule.ikeKeys(prf, seed, NI, NR, SPII, SPIR, cipher, Optional.empty()))
                    .isNotEqualTo(KeySchedule.ikeKeys(prf, seed, otherNi, otherNr, SPII, SPIR, cipher, Optional.empty()));
        }
        Prf hmac = Prf.of(TestKeys.row("prfsha256"));
        assertThat(KeySchedule.skeyseed(hmac, NI, NR, shared))
                .isEqualTo(hmac.compute(Secret.copyOf(Bytes.concat(NI, NR)), TestKeys.reveal(shared)));
    }

    @Test
    void ahHasIntegrityKeysOnlyAndAnAeadHasNone() {
        Prf prf = Prf.of(TestKeys.row("prfsha256"));
        Secret d = TestKeys.secret(32, 1);
        ChildKeys ah = KeySchedule.childKeys(
                prf, d, Optional.empty(), NI, NR, Optional.empty(), Optional.of(TestKeys.row("sha256")));
        assertThat(ah.initiatorToResponder().encryption().length()).isZero();
        assertThat(ah.initiatorToResponder().integrity().length()).isEqualTo(32);
        ChildKeys gcm = KeySchedule.childKeys(
                prf, d, Optional.empty(), NI, NR, Optional.of(TestKeys.row("aes256gcm16")), Optional.empty());
        assertThat(gcm.responderToInitiator().encryption().length()).isEqualTo(36);
        assertThat(gcm.responderToInitiator().integrity().length()).isZero();
    }

    /** RFC 7296 section 2.15, written out. */
    @Test
    void authCoversMessageNonceAndIdentityUnderThePaddedSecret() {
        Prf prf = Prf.of(TestKeys.row("prfsha256"));
        Bytes message = TestKeys.octets(300, 7);
        Bytes idBody = Bytes.concat(Bytes.hex("02000000"), TestKeys.ascii("moon.example.org"));
        Secret skp = TestKeys.secret(32, 8);
        Secret psk = Secret.copyOf(TestKeys.ascii("a pre-shared key for this test only"));
        Bytes octets = KeySchedule.authOctets(prf, message, NR, skp, idBody);
        assertThat(octets).isEqualTo(Bytes.concat(message, NR, prf.mac(skp, idBody)));
        assertThat(KeySchedule.pskAuth(prf, psk, octets))
                .isEqualTo(prf.mac(prf.compute(psk, TestKeys.ascii("Key Pad for IKEv2")), octets));
    }

    @Test
    void wipingWipesEveryKey() {
        Prf prf = Prf.of(TestKeys.row("prfsha256"));
        Algorithm aes = TestKeys.row("aes128");
        Optional<Algorithm> sha1 = Optional.of(TestKeys.row("sha1"));
        IkeKeys ike = KeySchedule.ikeKeys(prf, TestKeys.secret(32, 1), NI, NR, SPII, SPIR, aes, sha1);
        ChildKeys child = KeySchedule.childKeys(prf, ike.d(), Optional.empty(), NI, NR, Optional.of(aes), sha1);
        ike.wipe();
        child.wipe();
        assertThat(List.of(ike.d(), ike.ai(), ike.ar(), ike.ei(), ike.er(), ike.pi(), ike.pr())).allMatch(Secret::isWiped);
        assertThat(List.of(
                        child.initiatorToResponder().encryption(), child.initiatorToResponder().integrity(),
                        child.responderToInitiator().encryption(), child.responderToInitiator().integrity()))
                .allMatch(Secret::isWiped);
    }
}
