package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.TestKeys.Suite;
import org.xfrmagent.policies.algorithm.Protocol;

/** What must hold for each way to protect an ESP packet that the table allows. */
class PacketCipherTest {
    /** Octets before the packet, which belong to somebody else. */
    private static final int BEFORE = 40;

    private static final int HEADER = 8;
    private static final long SEQUENCE = 0x0000000700000009L;

    static Stream<Suite> suites() {
        return TestKeys.suites(Protocol.ESP);
    }

    private static PacketCipher cipher(Suite suite, boolean extended, Providers providers) {
        return PacketCipher.of(suite.cipher(), suite.mac(), suite.keys(70), extended, providers);
    }

    private static int plainLength(PacketCipher cipher) {
        return (1400 + cipher.blockBytes() - 1) / cipher.blockBytes() * cipher.blockBytes();
    }

    /** Somebody's octets | SPI, sequence | room for the IV | plain text | room for the ICV | somebody's octets. */
    private static byte[] packet(PacketCipher cipher) {
        return TestKeys.octets(BEFORE + HEADER + cipher.ivBytes() + plainLength(cipher) + cipher.icvBytes() + BEFORE, 1).toArray();
    }

    private static int body() {
        return BEFORE + HEADER;
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aPacketIsSealedAndOpenedInPlaceAndNothingAroundItIsTouched(Suite suite) {
        for (boolean extended : new boolean[] {false, true}) {
            PacketCipher sender = cipher(suite, extended, Providers.best());
            PacketCipher receiver = cipher(suite, extended, Providers.portable());
            for (int i = 0; i < 3; i++) {
                byte[] packet = packet(sender);
                Bytes original = Bytes.of(packet);
                int plain = plainLength(sender);
                int text = body() + sender.ivBytes();
                int length = sender.seal(packet, BEFORE, body(), plain, SEQUENCE + i);
                assertThat(length).isEqualTo(sender.ivBytes() + plain + sender.icvBytes());
                Bytes sealed = Bytes.of(packet);
                assertThat(sealed.slice(0, body())).isEqualTo(original.slice(0, body()));
                assertThat(sealed.from(body() + length)).isEqualTo(original.from(body() + length));
                assertThat(sealed.slice(body() + length - sender.icvBytes(), body() + length))
                        .isNotEqualTo(original.slice(body() + length - sender.icvBytes(), body() + length));
                if (suite.cipher().ike().isPresent()) {
                    assertThat(sealed.slice(text, text + plain)).isNotEqualTo(original.slice(text, text + plain));
                } else {
                    assertThat(sealed.slice(text, text + plain))
                            .as("NULL and GMAC do not encrypt")
                            .isEqualTo(original.slice(text, text + plain));
                }

                assertThat(receiver.open(packet, BEFORE, body(), length, SEQUENCE + i)).isEqualTo(plain);
                assertThat(Bytes.of(packet).slice(text, text + plain)).isEqualTo(original.slice(text, text + plain));
                assertThat(Bytes.of(packet).from(body() + length)).isEqualTo(original.from(body() + length));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void anyChangedOctetIsNotAuthentic(Suite suite) {
        PacketCipher sender = cipher(suite, false, Providers.best());
        PacketCipher receiver = cipher(suite, false, Providers.best());
        byte[] packet = packet(sender);
        int length = sender.seal(packet, BEFORE, body(), sender.blockBytes() * 4, SEQUENCE);
        for (int at = BEFORE; at < body() + length; at++) {
            byte[] changed = packet.clone();
            changed[at] ^= 1;
            assertThat(receiver.open(changed, BEFORE, body(), length, SEQUENCE)).isEqualTo(PacketCipher.NOT_AUTHENTIC);
        }
        assertThat(receiver.open(packet, BEFORE, body(), length, SEQUENCE)).isEqualTo(sender.blockBytes() * 4);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void theUnsentHalfOfAnExtendedSequenceNumberIsAuthenticated(Suite suite) {
        PacketCipher sender = cipher(suite, true, Providers.best());
        PacketCipher receiver = cipher(suite, true, Providers.best());
        byte[] packet = packet(sender);
        int plain = plainLength(sender);
        int length = sender.seal(packet, BEFORE, body(), plain, SEQUENCE);
        assertThat(receiver.open(packet.clone(), BEFORE, body(), length, SEQUENCE + (1L << 32)))
                .isEqualTo(PacketCipher.NOT_AUTHENTIC);
        assertThat(receiver.open(packet.clone(), BEFORE, body(), length, SEQUENCE)).isEqualTo(plain);
        PacketCipher plainSequence = cipher(suite, false, Providers.best());
        assertThat(plainSequence.open(packet.clone(), BEFORE, body(), length, SEQUENCE)).isEqualTo(PacketCipher.NOT_AUTHENTIC);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aPacketTooShortForItsIvAndIcvIsNotAuthentic(Suite suite) {
        PacketCipher receiver = cipher(suite, false, Providers.best());
        byte[] packet = packet(receiver);
        for (int length = 0; length < receiver.ivBytes() + receiver.icvBytes() + 2; length++) {
            assertThat(receiver.open(packet.clone(), BEFORE, body(), length, 1)).isEqualTo(PacketCipher.NOT_AUTHENTIC);
        }
    }

    @Test
    void whatCannotBeIsRefusedWhenTheCipherIsMade() {
        DirectionKeys short15 = new DirectionKeys(TestKeys.secret(15, 1), TestKeys.secret(32, 1));
        DirectionKeys good = new DirectionKeys(TestKeys.secret(16, 1), TestKeys.secret(32, 1));
        assertThatThrownBy(() -> PacketCipher.of(TestKeys.row("aes128"), Optional.of(TestKeys.row("sha256")), short15, false))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PacketCipher.of(TestKeys.row("aes128"), Optional.of(TestKeys.row("sha384")), good, false))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PacketCipher.of(TestKeys.row("aes128"), Optional.empty(), good, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs an integrity algorithm");
        assertThatThrownBy(() -> PacketCipher.of(TestKeys.row("sha256"), Optional.empty(), good, false))
                .isInstanceOf(IllegalArgumentException.class);
        PacketCipher cbc = PacketCipher.of(TestKeys.row("aes128"), Optional.of(TestKeys.row("sha256")), good, false);
        assertThatThrownBy(() -> cbc.seal(new byte[100], 0, 8, 17, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Protector.aead(TestKeys.row("aes128gmac"), TestKeys.secret(20, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot protect IKE messages");
    }

    /** RFC 3610 section 2 written out, for the ICV lengths that no published vector with an 11-octet nonce has. */
    @ParameterizedTest
    @MethodSource("ccm")
    void ccmIsWhatRfc3610Says(String keyword) throws Exception {
        byte[] key = TestKeys.octets(TestKeys.row(keyword).keyBytes(), 3).toArray();
        Bytes salt = TestKeys.octets(3, 9);
        Bytes header = TestKeys.octets(8, 21);
        Bytes plain = TestKeys.octets(50, 33);
        Secret keyAndSalt = Secret.copyOf(Bytes.concat(Bytes.of(key), salt));
        PacketCipher cipher = PacketCipher.of(
                TestKeys.row(keyword), Optional.empty(), new DirectionKeys(keyAndSalt, Secret.take(new byte[0])), false);
        int tag = cipher.icvBytes();
        byte[] packet = Bytes.concat(header, Bytes.wrap(new byte[8]), plain, Bytes.wrap(new byte[tag])).toArray();
        cipher.seal(packet, 0, 8, plain.length(), SEQUENCE);

        Bytes nonce = Bytes.concat(salt, Bytes.hex("%016x".formatted(SEQUENCE)));
        Cipher block = Cipher.getInstance("AES/ECB/NoPadding", "SunJCE");
        block.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        // B0 = flags | nonce | length in 4 octets; then the AAD behind its length, then the text, each padded with zeros
        Bytes b0 = Bytes.concat(Bytes.of((byte) (0x40 + 8 * ((tag - 2) / 2) + 3)), nonce, Bytes.hex("%08x".formatted(plain.length())));
        byte[] x = new byte[16];
        for (Bytes b : new Bytes[] {b0, Bytes.concat(Bytes.hex("0008"), header), plain}) {
            for (int at = 0; at < b.length(); at++) {
                x[at % 16] ^= (byte) b.u8(at);
                if (at % 16 == 15 || at == b.length() - 1) {
                    x = block.doFinal(x);
                }
            }
        }
        byte[] expected = new byte[plain.length() + tag];
        for (int at = 0; at < plain.length() + tag; at++) {
            boolean isTag = at >= plain.length();
            int index = isTag ? at - plain.length() : at;
            int counter = isTag ? 0 : 1 + index / 16;
            byte[] stream = block.doFinal(
                    Bytes.concat(Bytes.of((byte) 3), nonce, Bytes.hex("%08x".formatted(counter))).toArray());
            expected[at] = (byte) (stream[index % 16] ^ (isTag ? x[index] : plain.u8(index)));
        }
        assertThat(Bytes.wrap(packet).from(16)).isEqualTo(Bytes.wrap(expected));
    }

    static Stream<String> ccm() {
        return Stream.of(128, 192, 256).flatMap(bits -> Stream.of(8, 12, 16).map(icv -> "aes" + bits + "ccm" + icv));
    }
}
