package org.xfrmagent.agent.dataplane.user;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.PacketCipher;
import org.xfrmagent.agent.dataplane.SaKeys;

/**
 * Seals and opens ESP packets (RFC 4303) under the keys of one direction of one SA. Not for two threads at once.
 *
 * <pre>
 *   0         4          8                                               ┐ both a multiple of 4 octets
 *   | SPI (4) | seq. (4) | IV | payload … | padding 1, 2, 3 … | pad length (1) | next header (1) | ICV |
 *   +---------- authenticated ------------+---- and encrypted from the payload on ---------------+
 * </pre>
 *
 * With extended sequence numbers the high half is authenticated and not sent.
 */
public final class EspCodec {
    /** The next header of a dummy packet (RFC 4303, section 2.6). */
    public static final int NO_NEXT_HEADER = 59;

    static final int HEADER = 8;
    private static final int TRAILER = 2;
    /** The trailer ends on a 4-octet boundary whatever the cipher (RFC 4303, section 2.4). */
    private static final int ALIGNMENT = 4;

    private final PacketCipher cipher;
    private final int alignment;

    private EspCodec(PacketCipher cipher) {
        this.cipher = cipher;
        this.alignment = Math.max(ALIGNMENT, cipher.blockBytes());
    }

    /** @throws IllegalArgumentException with a sentence if the keys do not fit their algorithms or are of AH */
    public static EspCodec of(SaKeys keys, boolean esn) {
        return new EspCodec(switch (keys) {
            case SaKeys.Aead aead -> PacketCipher.of(
                    aead.algorithm(), Optional.empty(), new org.xfrmagent.agent.crypto.DirectionKeys(aead.key(), nothing()), esn);
            case SaKeys.CipherAndMac both -> PacketCipher.of(
                    both.cipher(), Optional.of(both.mac()),
                    new org.xfrmagent.agent.crypto.DirectionKeys(both.cipherKey(), both.macKey()), esn);
            case SaKeys.MacOnly mac -> throw new IllegalArgumentException("ESP needs a cipher, and the keys have only " + mac.mac());
            case SaKeys.Deflate _ -> throw new IllegalArgumentException("ESP needs a cipher, and there are no keys");
        });
    }

    private static Secret nothing() {
        return Secret.copyOf(Bytes.empty());
    }

    /** Octets of an ESP packet around a payload of {@code payload} octets. */
    public int sealedLength(int payload) {
        return HEADER + cipher.ivBytes() + padded(payload) + cipher.icvBytes();
    }

    /** The longest payload whose ESP packet has no more than {@code sealed} octets; negative if there is none. */
    public int payloadWithin(int sealed) {
        int room = sealed - HEADER - cipher.ivBytes() - cipher.icvBytes();
        return room - Math.floorMod(room, alignment) - TRAILER;
    }

    private int padded(int payload) {
        return (payload + TRAILER + alignment - 1) / alignment * alignment;
    }

    /**
     * Writes an ESP packet at {@code out[at]}.
     *
     * @param sequence the whole number; under one key it is never used twice
     * @return its length
     */
    public int seal(
            int spi, long sequence, int nextHeader, byte[] payload, int offset, int length, byte[] out, int at) {
        return seal(spi, sequence, sequence, nextHeader, payload, offset, length, out, at);
    }

    /** As above, with {@code filling} octets of zeros behind the payload, as TFC padding (RFC 4303, section 2.7). */
    int seal(
            int spi, long sequence, int nextHeader, byte[] payload, int offset, int length, int filling, byte[] out, int at) {
        Arrays.fill(out, at + HEADER + cipher.ivBytes() + length, at + HEADER + cipher.ivBytes() + length + filling, (byte) 0);
        return finish(spi, sequence, sequence, nextHeader, payload, offset, length, filling, out, at);
    }

    /** As above, with the number that the IV is made of, so that a test can repeat what another implementation sent. */
    int seal(
            int spi, long sequence, long nonce, int nextHeader, byte[] payload, int offset, int length, byte[] out, int at) {
        return finish(spi, sequence, nonce, nextHeader, payload, offset, length, 0, out, at);
    }

    private int finish(
            int spi, long sequence, long nonce, int nextHeader, byte[] payload, int offset, int copied, int filling, byte[] out, int at) {
        int length = copied + filling;
        Octets.putI32(out, at, spi);
        Octets.putI32(out, at + 4, (int) sequence);
        int text = at + HEADER + cipher.ivBytes();
        System.arraycopy(payload, offset, out, text, copied);
        int padded = padded(length);
        int padding = padded - length - TRAILER;
        for (int i = 0; i < padding; i++) {
            out[text + length + i] = (byte) (i + 1);
        }
        out[text + padded - 2] = (byte) padding;
        out[text + padded - 1] = (byte) nextHeader;
        return HEADER + cipher.seal(out, at, at + HEADER, padded, nonce);
    }

    /** What became of a packet that was to be opened. */
    sealed interface Opening permits Payload, Refused {}

    /** The payload is in the packet's own array, without padding; it may still end with TFC padding that the inner packet's length shows. */
    record Payload(int offset, int length, int nextHeader) implements Opening {}

    record Refused(DropReason reason) implements Opening {}

    /**
     * Verifies and decrypts in place.
     *
     * @param length octets of the ESP packet from its SPI to the end of its ICV
     * @param sequence the whole number as {@link ReplayWindow#sequence} gives it
     */
    Opening open(byte[] packet, int at, int length, long sequence) {
        if (length < HEADER + cipher.ivBytes() + TRAILER + cipher.icvBytes()) {
            return new Refused(DropReason.MALFORMED);
        }
        int plain = cipher.open(packet, at, at + HEADER, length - HEADER, sequence);
        if (plain == PacketCipher.NOT_AUTHENTIC) {
            return new Refused(DropReason.NOT_AUTHENTIC);
        }
        int text = at + HEADER + cipher.ivBytes();
        // The padding's content is not compared: nothing is opened here without a verified ICV, so it can tell nothing more.
        int padding = Octets.u8(packet, text + plain - 2);
        int payload = plain - TRAILER - padding;
        if (payload < 0) {
            return new Refused(DropReason.BAD_CONTENT);
        }
        return new Payload(text, payload, Octets.u8(packet, text + plain - 1));
    }

    /** What was inside an ESP packet. */
    public record Plain(int spi, long sequence, int nextHeader, Bytes payload) {}

    /**
     * Opens one ESP packet, as a capture shows it, without any state.
     *
     * @param sequenceHigh the high half of the sequence number if the SA has extended ones
     * @param esp from the SPI to the end of the ICV
     * @return empty if it is not authentic under these keys
     */
    public static Optional<Plain> open(SaKeys keys, OptionalInt sequenceHigh, Bytes esp) {
        byte[] packet = esp.toArray();
        if (packet.length < HEADER) {
            return Optional.empty();
        }
        long sequence = (long) sequenceHigh.orElse(0) << 32 | Octets.u32(packet, 4);
        return switch (of(keys, sequenceHigh.isPresent()).open(packet, 0, packet.length, sequence)) {
            case Payload inside -> Optional.of(
                    new Plain(Octets.i32(packet, 0), sequence, inside.nextHeader, Bytes.of(packet, inside.offset, inside.length)));
            case Refused refused -> Optional.empty();
        };
    }
}
