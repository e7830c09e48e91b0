package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/** Published vectors of every cipher, as packets. */
class PacketVectorsTest {
    private static final Bytes MCGREW_PLAIN = Bytes.hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    private static final String MCGREW_AAD = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
    private static final String MCGREW_IV = "facedbaddecaf888";

    record Aead(String source, String keyword, String keyAndSalt, String iv, String aad, Bytes plain, String sealed) {
        @Override
        public String toString() {
            return keyword + ", " + source;
        }
    }

    private static Stream<Aead> mcgrew(int bits, String key, String cipherText, String tag) {
        return Stream.of(16, 12, 8).map(icv -> new Aead(
                "McGrew and Viega, 60 octets", "aes" + bits + "gcm" + icv, key + "cafebabe", MCGREW_IV, MCGREW_AAD, MCGREW_PLAIN,
                cipherText + tag.substring(0, 2 * icv)));
    }

    static Stream<Aead> aeads() {
        return Stream.of(
                mcgrew(128, "feffe9928665731c6d6a8f9467308308",
                        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                                + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
                        "5bc94fbc3221a5db94fae95ae7121a47"),
                mcgrew(192, "feffe9928665731c6d6a8f9467308308feffe9928665731c",
                        "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c"
                                + "7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
                        "2519498e80f1478f37ba55bd6d27618c"),
                mcgrew(256, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                        "76fc6ece0f4e1768cddf8853bb2d551b"),
                Stream.of(
                        new Aead("draft-mcgrew-gcm-test-01, 192 bits", "aes192gcm16",
                                "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe", MCGREW_IV, "0000a5f80000000a",
                                Bytes.hex("45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d075680001"),
                                "a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452144cc77"
                                        + "95457b9652037f5318027b5b4cd7a636"),
                        new Aead("draft-mcgrew-gcm-test-01, 256 bits", "aes256gcm16",
                                "abbccddef00112233445566778899aababbccddef00112233445566778899aab11223344", "0102030405060708",
                                "4a2cbfe300000002",
                                Bytes.hex("4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee000000000"
                                        + "7002400020bf0000020405b40101040201020201"),
                                "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763"
                                        + "748a637985771d347f0545659f14e99def842d8eb335f4eecfdbf831824b4c4915956c96"),
                        new Aead("RFC 7634 appendix A", "chacha20poly1305",
                                "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3", "1011121314151617",
                                "0102030400000005",
                                Bytes.hex("45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec10"
                                        + "0007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223"
                                        + "2425262728292a2b2c2d2e2f303132333435363701020204"),
                                "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c6"
                                        + "14ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3"
                                        + "cbec163fac469b502773f6fb94e664da9165b82829f641e076aaa8266b7fb0f7b11b369907e1ad43"),
                        new Aead("Wycheproof aes_ccm_test, case 262", "aes128ccm16",
                                "82841ef7fbae35546525fbbebf4718fbb5cd81", "8f73a36ed025b6cf", "44f48c2a20456358",
                                Bytes.hex("8c2c823bb39941b1c6b75bbc82f05ba4"),
                                "b287c637a7554362c80d6b24d50ddfb33967277da0f856f8f0ad49282894d2bb"),
                        new Aead("Wycheproof aes_ccm_test, case 264", "aes128ccm16",
                                "1d286e525ec2864d9ea6e7adfbdc49701ad448", "79f1947abd503dce", "1db0eaaaa1e2c848",
                                Bytes.hex("7b40e6c987692d0202cb6f44b423c267dd"),
                                "84f91f9d35b998598e50feb34dcaa0d260ae4e38cc4b730944bc459df85a536f4e"))).flatMap(each -> each);
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void anAeadMakesAndReadsThePublishedPacket(Aead vector) {
        for (Providers providers : TestKeys.providers()) {
            DirectionKeys keys = new DirectionKeys(TestKeys.hexSecret(vector.keyAndSalt()), Secret.take(new byte[0]));
            PacketCipher cipher = PacketCipher.of(TestKeys.row(vector.keyword()), Optional.empty(), keys, false, providers);
            Bytes iv = Bytes.hex(vector.iv());
            Bytes expected = Bytes.concat(Bytes.hex(vector.aad()), iv, Bytes.hex(vector.sealed()));
            Bytes zeroIv = Bytes.wrap(new byte[iv.length()]);
            Bytes room = Bytes.wrap(new byte[cipher.icvBytes()]);
            int body = Bytes.hex(vector.aad()).length();

            byte[] packet = Bytes.concat(Bytes.hex(vector.aad()), zeroIv, vector.plain(), room).toArray();
            int length = cipher.seal(packet, 0, body, vector.plain().length(), iv.i64(0));
            assertThat(Bytes.wrap(packet)).isEqualTo(expected);
            assertThat(length).isEqualTo(packet.length - body);

            byte[] received = expected.toArray();
            assertThat(cipher.open(received, 0, body, length, 0)).isEqualTo(vector.plain().length());
            int text = body + iv.length();
            assertThat(Bytes.wrap(received).slice(text, text + vector.plain().length())).isEqualTo(vector.plain());
        }
    }

    /** draft-mcgrew-gcm-test-01, 128 bits: AAD = SPI 00004321 | sequence 8765432100000000, of which the packet has the lower half. */
    @Test
    void anAeadAuthenticatesTheUnsentHalfOfAnExtendedSequenceNumber() {
        for (Providers providers : TestKeys.providers()) {
            DirectionKeys keys = new DirectionKeys(
                    TestKeys.hexSecret("4c80cdefbb5d10da906ac73c3613a6342e443b68"), Secret.take(new byte[0]));
            PacketCipher cipher = PacketCipher.of(TestKeys.row("aes128gcm16"), Optional.empty(), keys, true, providers);
            Bytes packet = Bytes.hex("0000432100000000" + "4956ed7e3b244cfe"
                    + "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34"
                    + "cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce"
                    + "61bc17d768fd9732459018148f6cbe722fd04796562dfdb4");
            byte[] received = packet.toArray();
            assertThat(cipher.open(received, 0, 8, received.length - 8, 0x8765432100000000L)).isEqualTo(72);
            assertThat(Bytes.wrap(received).slice(16, 88)).isEqualTo(Bytes.hex(
                    "45000048699a000080114db7c0a80102c0a801010a9bf15638d3010000010000"
                            + "00000000045f736970045f756470037369700963796265726369747902646b00"
                            + "0021000101020201"));
            assertThat(cipher.open(packet.toArray(), 0, 8, packet.length() - 8, 0x8765432200000000L))
                    .isEqualTo(PacketCipher.NOT_AUTHENTIC);
        }
    }

    /** RFC 7634 appendix B: a whole IKE message's Encrypted payload. */
    @Test
    void anIkeMessageIsSealedAsPublished() throws Unauthentic {
        Bytes header = Bytes.hex("c0c1c2c3c4c5c6c7d0d1d2d3d4d5d6d72e202500000000090000004529000029");
        Bytes notify = Bytes.hex("0000000c000040010000000a");
        for (Providers providers : TestKeys.providers()) {
            Protector protector = Protector.of(
                    TestKeys.row("chacha20poly1305"), Optional.empty(),
                    TestKeys.hexSecret("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3"),
                    Secret.take(new byte[0]), providers);
            Bytes body = protector.seal(header, notify, 0x1011121314151617L);
            assertThat(body)
                    .isEqualTo(Bytes.hex("1011121314151617" + "610394701f8d017f7c12924889" + "6b71bfe25236efd7cdc67066906315b2"));
            assertThat(protector.open(header, body)).isEqualTo(notify);
        }
    }

    record Plain(String source, String keyword, String keyAndSalt, String iv, String plain, String cipherText) {
        @Override
        public String toString() {
            return keyword + ", " + source;
        }
    }

    static Stream<Plain> ciphers() {
        String camellia = "0123456789abcdeffedcba9876543210";
        String zero = "00000000000000000000000000000000";
        String tripleDes = "0123456789abcdef23456789abcdef01456789abcdef0123";
        String singleBlock = TestKeys.ascii("Single block msg").toHex();
        String counting = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        return Stream.of(
                new Plain("RFC 3602 case 1", "aes128", "06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41",
                        singleBlock, "e353779c1079aeb82708942dbe77181a"),
                new Plain("RFC 3602 case 2", "aes128", "c286696d887c9aa0611bbb3e2025a45a", "562e17996d093d28ddb3ba695a2e6f58",
                        counting, "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1"),
                new Plain("RFC 3686 vector 1", "aes128ctr", "ae6852f8121067cc4bf7a5765577f39e00000030", "0000000000000000",
                        singleBlock, "e4095d4fb7a7b3792d6175a3261311b8"),
                new Plain("RFC 3686 vector 2", "aes128ctr", "7e24067817fae0d743d6ce1f32539163006cb6db", "c0543b59da48d90b",
                        counting, "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28"),
                new Plain("RFC 3686 vector 3", "aes128ctr", "7691be035e5020a8ac6e618529f9a0dc00e0017b", "27777f3f4a1786f0",
                        counting + "20212223", "c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325b2072f"),
                new Plain("RFC 3686 vector 7", "aes256ctr",
                        "776beff2851db06f4c8a0542c8696f6c6a81af1eec96b4d37fc1d689e6c1c10400000060", "db5672c97aa8f0b2",
                        singleBlock, "145ad01dbf824ec7560863dc71e3e0c0"),
                new Plain("RFC 3713 appendix A", "camellia128", camellia, zero, camellia, "67673138549669730857065648eabe43"),
                new Plain("RFC 3713 appendix A", "camellia192", camellia + "0011223344556677", zero, camellia,
                        "b4993401b3e996f84ee5cee7d79b09b9"),
                new Plain("RFC 3713 appendix A", "camellia256", camellia + "00112233445566778899aabbccddeeff", zero, camellia,
                        "9acc237dff16d76c20ef7c919e3a7509"),
                new Plain("NIST SP 800-67 appendix B.1", "3des", tripleDes, "0000000000000000",
                        TestKeys.ascii("The qufc").toHex(), "a826fd8ce53b855f"),
                new Plain("NIST SP 800-67 appendix B.1", "3des", tripleDes, "0000000000000000",
                        TestKeys.ascii("k brown ").toHex(), "cce21c8112256fe6"));
    }

    /** A packet as published, with the MAC that our own key gives it. */
    @ParameterizedTest
    @MethodSource("ciphers")
    void aCipherReadsThePublishedCipherText(Plain vector) {
        Algorithm sha256 = TestKeys.row("sha256");
        Bytes header = Bytes.hex("0102030400000005");
        for (Providers providers : TestKeys.providers()) {
            Secret macKey = TestKeys.secret(32, 5);
            PacketMac mac = PacketMac.of(sha256, macKey, providers);
            byte[] packet = Bytes.concat(
                            header, Bytes.hex(vector.iv()), Bytes.hex(vector.cipherText()), Bytes.wrap(new byte[mac.icvBytes()]))
                    .toArray();
            mac.update(packet, 0, packet.length - mac.icvBytes());
            mac.finish(packet, packet.length - mac.icvBytes());

            DirectionKeys keys = new DirectionKeys(TestKeys.hexSecret(vector.keyAndSalt()), macKey);
            PacketCipher cipher = PacketCipher.of(TestKeys.row(vector.keyword()), Optional.of(sha256), keys, false, providers);
            int length = cipher.open(packet, 0, 8, packet.length - 8, 0);
            int text = 8 + cipher.ivBytes();
            assertThat(Bytes.wrap(packet).slice(text, text + length)).isEqualTo(Bytes.hex(vector.plain()));
        }
    }

    /** RFC 3686 vector 3 again, the other way: the IV of counter mode is the sequence number. */
    @Test
    void counterModeWritesThePublishedCipherText() {
        DirectionKeys keys = new DirectionKeys(TestKeys.hexSecret("7691be035e5020a8ac6e618529f9a0dc00e0017b"), TestKeys.secret(32, 5));
        PacketCipher cipher = PacketCipher.of(TestKeys.row("aes128ctr"), Optional.of(TestKeys.row("sha256")), keys, false);
        byte[] packet = Bytes.concat(
                        Bytes.wrap(new byte[8]), Bytes.hex("000102030405060708090a0b0c0d0e0f"), Bytes.wrap(new byte[16]))
                .toArray();
        cipher.seal(packet, 0, 0, 16, 0x27777f3f4a1786f0L);
        assertThat(Bytes.wrap(packet).slice(0, 24)).isEqualTo(Bytes.hex("27777f3f4a1786f0c1cf48a89f2ffdd9cf4652e9efdb72d7"));
    }

    /** RFC 3602's case 2 key: the IV is the encrypted counter, and what follows is plain CBC from that IV. */
    @Test
    void chainingTakesItsIvFromTheEncryptedCounter() throws Exception {
        byte[] key = Bytes.hex("c286696d887c9aa0611bbb3e2025a45a").toArray();
        DirectionKeys keys = new DirectionKeys(Secret.copyOf(Bytes.of(key)), TestKeys.secret(32, 5));
        PacketCipher cipher = PacketCipher.of(TestKeys.row("aes128"), Optional.of(TestKeys.row("sha256")), keys, false);
        Bytes plain = TestKeys.octets(48, 11);
        byte[] packet = Bytes.concat(Bytes.wrap(new byte[16]), plain, Bytes.wrap(new byte[16])).toArray();
        cipher.seal(packet, 0, 0, 48, 0x0102030405060708L);

        SecretKey aes = new SecretKeySpec(key, "AES");
        Cipher block = Cipher.getInstance("AES/ECB/NoPadding", "SunJCE");
        block.init(Cipher.ENCRYPT_MODE, aes);
        byte[] iv = block.doFinal(Bytes.hex("00000000000000000102030405060708").toArray());
        Cipher cbc = Cipher.getInstance("AES/CBC/NoPadding", "SunJCE");
        cbc.init(Cipher.ENCRYPT_MODE, aes, new IvParameterSpec(iv));
        assertThat(Bytes.wrap(packet).slice(0, 64)).isEqualTo(Bytes.concat(Bytes.wrap(iv), Bytes.wrap(cbc.doFinal(plain.toArray()))));
    }
}
