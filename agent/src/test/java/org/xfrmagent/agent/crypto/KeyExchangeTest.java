package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.crypto.agreement.DHStandardGroups;
import org.bouncycastle.crypto.params.DHParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;

class KeyExchangeTest {
    private static final SecureRandom ENTROPY = new SecureRandom();

    static List<Algorithm> groups() {
        return TestKeys.usable(TransformType.KE, Protocol.IKE);
    }

    private static List<Algorithm> groups(Class<? extends KeyExchange> kind) {
        return groups().stream().filter(row -> kind.isInstance(KeyExchange.of(row))).toList();
    }

    static List<Algorithm> modpGroups() {
        return groups(ModpGroup.class);
    }

    static List<Algorithm> ecpGroups() {
        return groups(EcpGroup.class);
    }

    @ParameterizedTest
    @MethodSource("groups")
    void bothSidesAgreeOnASecretOfTheGroupsLength(Algorithm row) throws InvalidKeyExchange {
        KeyExchange ours = KeyExchange.of(row, Providers.best());
        KeyExchange theirs = KeyExchange.of(row, Providers.portable());
        KeyPair initiator = ours.generate(ENTROPY);
        KeyPair responder = theirs.generate(ENTROPY);
        assertThat(initiator.publicValue().length()).isEqualTo(row.values().initiatorBytes());
        assertThat(responder.publicValue().length()).isEqualTo(row.values().responderBytes());
        assertThat(ours.agree(initiator, responder.publicValue()))
                .isEqualTo(theirs.agree(responder, initiator.publicValue()))
                .satisfies(secret -> assertThat(secret.length()).isEqualTo(row.values().secretBytes()));
    }

    @ParameterizedTest
    @MethodSource("groups")
    void everyExchangeHasAKeyPairOfItsOwn(Algorithm row) {
        KeyExchange group = KeyExchange.of(row);
        assertThat(group.generate(ENTROPY).publicValue()).isNotEqualTo(group.generate(ENTROPY).publicValue());
    }

    @ParameterizedTest
    @MethodSource("groups")
    void aPublicValueOfAnotherLengthIsRefused(Algorithm row) {
        KeyExchange group = KeyExchange.of(row);
        KeyPair own = group.generate(ENTROPY);
        Bytes good = group.generate(ENTROPY).publicValue();
        assertRefused(group, own, Bytes.empty());
        assertRefused(group, own, good.from(1));
        assertRefused(group, own, Bytes.concat(Bytes.of((byte) 0), good));
        assertRefused(group, own, Bytes.concat(good, Bytes.of((byte) 0)));
    }

    @ParameterizedTest
    @MethodSource("groups")
    void zeroIsRefused(Algorithm row) {
        KeyExchange group = KeyExchange.of(row);
        assertRefused(group, group.generate(ENTROPY), Bytes.wrap(new byte[row.values().initiatorBytes()]));
    }

    private static void assertRefused(KeyExchange group, KeyPair own, Bytes peer) {
        assertThatThrownBy(() -> group.agree(own, peer))
                .isInstanceOf(InvalidKeyExchange.class)
                .hasMessageContaining(group.toString());
    }

    private static Bytes bigEndian(BigInteger value, int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[length - 1 - i] = value.shiftRight(8 * i).byteValue();
        }
        return Bytes.wrap(octets);
    }

    // ---- MODP ----

    private static DHParameters published(Algorithm row) {
        return switch (row.keyword()) {
            case "modp768" -> DHStandardGroups.rfc2409_768;
            case "modp1024" -> DHStandardGroups.rfc2409_1024;
            case "modp1536" -> DHStandardGroups.rfc3526_1536;
            case "modp2048" -> DHStandardGroups.rfc3526_2048;
            case "modp3072" -> DHStandardGroups.rfc3526_3072;
            case "modp4096" -> DHStandardGroups.rfc3526_4096;
            case "modp6144" -> DHStandardGroups.rfc3526_6144;
            case "modp8192" -> DHStandardGroups.rfc3526_8192;
            default -> throw new AssertionError("no published prime of " + row);
        };
    }

    @ParameterizedTest
    @MethodSource("modpGroups")
    void theComputedPrimeIsThePublishedOneAndTheGeneratorIsTwo(Algorithm row) {
        DHParameters published = published(row);
        ModpGroup group = (ModpGroup) KeyExchange.of(row);
        assertThat(group.prime()).isEqualTo(published.getP());
        assertThat(published.getG()).isEqualTo(BigInteger.TWO);
        Bytes eight = bigEndian(BigInteger.valueOf(8), row.values().initiatorBytes());
        assertThat(group.pair(Secret.take(new byte[] {3})).publicValue()).isEqualTo(eight);
    }

    @ParameterizedTest
    @MethodSource("modpGroups")
    void valuesOutsideTwoToPrimeMinusTwoAreRefused(Algorithm row) throws InvalidKeyExchange {
        ModpGroup group = (ModpGroup) KeyExchange.of(row);
        int length = row.values().initiatorBytes();
        KeyPair own = group.generate(ENTROPY);
        BigInteger p = group.prime();
        BigInteger highest = BigInteger.ONE.shiftLeft(8 * length).subtract(BigInteger.ONE);
        for (BigInteger bad : List.of(
                BigInteger.ZERO, BigInteger.ONE, p.subtract(BigInteger.ONE), p, p.add(BigInteger.ONE), p.add(BigInteger.TWO), highest)) {
            assertRefused(group, own, bigEndian(bad, length));
        }
        assertThat(group.agree(own, bigEndian(BigInteger.TWO, length)).length()).isEqualTo(length);
        assertThat(group.agree(own, bigEndian(p.subtract(BigInteger.TWO), length)).length()).isEqualTo(length);
    }

    /** RFC 7296 section 2.14: g^ir is padded with zeros to the length of the modulus. */
    @ParameterizedTest
    @MethodSource("modpGroups")
    void aShortSecretIsPaddedToTheLengthOfThePrime(Algorithm row) throws InvalidKeyExchange {
        ModpGroup group = (ModpGroup) KeyExchange.of(row);
        int length = row.values().initiatorBytes();
        KeyPair own = group.pair(Secret.take(new byte[] {2}));
        Secret shared = group.agree(own, bigEndian(BigInteger.valueOf(5), length));
        assertThat(TestKeys.reveal(shared)).isEqualTo(bigEndian(BigInteger.valueOf(25), length));
    }

    // ---- ECP ----

    record EcpVector(String keyword, String i, String gi, String r, String gr, String secret) {
        @Override
        public String toString() {
            return keyword + ", RFC 5903";
        }
    }

    static Stream<EcpVector> rfc5903() {
        return Stream.of(
                new EcpVector("ecp256",
                        "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
                        "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
                                + "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
                        "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
                        "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
                                + "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
                        "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"),
                new EcpVector("ecp384",
                        "099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF896783AB194",
                        "667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732AEE95F41AA"
                                + "9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C634573A81C",
                        "41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312916B8ED2960E4BD55A7448FC",
                        "E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D0D1AC43A0336DEF96FDA41D0774A3571"
                                + "DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FFF83FA40142209DFF5EAAD96DB9E6386C",
                        "11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4A270F59746"),
                new EcpVector("ecp521",
                        "0037ADE9319A89F4DABDB3EF411AACCCA5123C61ACAB57B5393DCE47608172A095AA"
                                + "85A30FE1C2952C6771D937BA9777F5957B2639BAB072462F68C27A57382D4A52",
                        "0015417E84DBF28C0AD3C278713349DC7DF153C897A1891BD98BAB4357C9ECBEE1E3"
                                + "BF42E00B8E380AEAE57C2D107564941885942AF5A7F4601723C4195D176CED3E"
                                + "017CAE20B6641D2EEB695786D8C946146239D099E18E1D5A514C739D7CB4A10AD8A7"
                                + "88015AC405D7799DC75E7B7D5B6CF2261A6A7F1507438BF01BEB6CA3926F9582",
                        "0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E9C67"
                                + "7D600B343757A3BDBF2A3163E4C2F869CCA7458AA4A4EFFC311F5CB151685EB9",
                        "00D0B3975AC4B799F5BEA16D5E13E9AF971D5E9B984C9F39728B5E5739735A219B97"
                                + "C356436ADC6E95BB0352F6BE64A6C2912D4EF2D0433CED2B6171640012D9460F"
                                + "015C68226383956E3BD066E797B623C27CE0EAC2F551A10C2C724D9852077B87220B"
                                + "6536C5C408A1D2AEBB8E86D678AE49CB57091F4732296579AB44FCD17F0FC56A",
                        "01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04D142"
                                + "7E73CA4BAA240A34786859810C06B3C715A3A8CC3151F2BEE417996D19F3DDEA"));
    }

    @ParameterizedTest
    @MethodSource("rfc5903")
    void aCurveGivesThePublishedSecretToBothSides(EcpVector vector) throws Exception {
        for (Providers providers : TestKeys.providers()) {
            KeyExchange group = KeyExchange.of(TestKeys.row(vector.keyword()), providers);
            KeyPair initiator = ecpPair(group, vector.i(), vector.gi(), providers);
            KeyPair responder = ecpPair(group, vector.r(), vector.gr(), providers);
            Bytes expected = Bytes.hex(vector.secret());
            assertThat(TestKeys.reveal(group.agree(initiator, responder.publicValue()))).isEqualTo(expected);
            assertThat(TestKeys.reveal(group.agree(responder, initiator.publicValue()))).isEqualTo(expected);
        }
    }

    private static KeyPair ecpPair(KeyExchange group, String scalar, String point, Providers providers)
            throws GeneralSecurityException {
        ECPrivateKeySpec spec = new ECPrivateKeySpec(new BigInteger(scalar, 16), parameters(group.row()));
        byte[] encoding = KeyFactory.getInstance("EC", providers.curves()).generatePrivate(spec).getEncoded();
        return new KeyPair(Bytes.hex(point), Secret.take(encoding));
    }

    private static ECParameterSpec parameters(Algorithm row) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "SunEC");
        generator.initialize(new ECGenParameterSpec(row.jca().orElseThrow()));
        return ((ECPublicKey) generator.generateKeyPair().getPublic()).getParams();
    }

    @ParameterizedTest
    @MethodSource("ecpGroups")
    void pointsOffTheCurveAreRefused(Algorithm row) throws GeneralSecurityException {
        BigInteger p = ((ECFieldFp) parameters(row).getCurve().getField()).getP();
        int half = row.values().secretBytes();
        for (Providers providers : TestKeys.providers()) {
            KeyExchange group = KeyExchange.of(row, providers);
            KeyPair own = group.generate(ENTROPY);
            Bytes point = group.generate(ENTROPY).publicValue();
            Bytes x = point.slice(0, half);
            Bytes y = point.from(half);
            BigInteger high = new BigInteger(1, y.toArray());
            assertRefused(group, own, Bytes.concat(x, bigEndian(high.xor(BigInteger.ONE), half)));
            assertRefused(group, own, Bytes.concat(x, bigEndian(p, half)));
            assertRefused(group, own, Bytes.concat(bigEndian(p, half), y));
            assertRefused(group, own, Bytes.concat(x, bigEndian(BigInteger.ONE.shiftLeft(8 * half).subtract(BigInteger.ONE), half)));
            assertRefused(group, own, Bytes.concat(x, Bytes.wrap(new byte[half])));
        }
    }

    // ---- RFC 7748 ----

    record MontgomeryVector(String keyword, String a, String ga, String b, String gb, String secret) {
        @Override
        public String toString() {
            return keyword + ", RFC 7748 section 6";
        }
    }

    static Stream<MontgomeryVector> rfc7748() {
        return Stream.of(
                new MontgomeryVector("x25519",
                        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
                        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"),
                new MontgomeryVector("x448",
                        "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28d"
                                + "d9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
                        "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c"
                                + "22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0",
                        "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d"
                                + "6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d",
                        "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b430"
                                + "27d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
                        "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282b"
                                + "b60c0b56fd2464c335543936521c24403085d59a449a5037514a879d"));
    }

    @ParameterizedTest
    @MethodSource("rfc7748")
    void aMontgomeryCurveGivesThePublishedValues(MontgomeryVector vector) throws InvalidKeyExchange {
        MontgomeryCurve curve = (MontgomeryCurve) KeyExchange.of(TestKeys.row(vector.keyword()));
        KeyPair alice = curve.pair(TestKeys.hexSecret(vector.a()));
        KeyPair bob = curve.pair(TestKeys.hexSecret(vector.b()));
        assertThat(alice.publicValue()).isEqualTo(Bytes.hex(vector.ga()));
        assertThat(bob.publicValue()).isEqualTo(Bytes.hex(vector.gb()));
        assertThat(TestKeys.reveal(curve.agree(alice, bob.publicValue()))).isEqualTo(Bytes.hex(vector.secret()));
        assertThat(TestKeys.reveal(curve.agree(bob, alice.publicValue()))).isEqualTo(Bytes.hex(vector.secret()));
    }

    /** The points of small order, and their other encodings: every one would make the secret zero. */
    @Test
    void pointsOfSmallOrderAreRefused() {
        KeyExchange x25519 = KeyExchange.of(TestKeys.row("x25519"));
        for (String point : List.of(
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000080")) {
            assertRefused(x25519, x25519.generate(ENTROPY), Bytes.hex(point));
        }
        KeyExchange x448 = KeyExchange.of(TestKeys.row("x448"));
        BigInteger p = BigInteger.TWO.pow(448).subtract(BigInteger.TWO.pow(224)).subtract(BigInteger.ONE);
        for (BigInteger point : List.of(BigInteger.ZERO, BigInteger.ONE, p.subtract(BigInteger.ONE), p, p.add(BigInteger.ONE))) {
            byte[] littleEndian = new byte[56];
            for (int i = 0; i < littleEndian.length; i++) {
                littleEndian[i] = point.shiftRight(8 * i).byteValue();
            }
            assertRefused(x448, x448.generate(ENTROPY), Bytes.wrap(littleEndian));
        }
    }

    @Test
    void aKeyExchangeThatIsNotSymmetricIsNoRowOfOurs() {
        assertThatThrownBy(() -> KeyExchange.of(TestKeys.row("mlkem768"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KeyExchange.of(TestKeys.row("sha256"))).isInstanceOf(IllegalArgumentException.class);
    }
}
