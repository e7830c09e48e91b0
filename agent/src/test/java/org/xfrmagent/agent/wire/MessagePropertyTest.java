package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.xfrmagent.agent.bytes.Bytes;

/** What holds for every message, and for every string of octets. */
class MessagePropertyTest {
    @Provide
    Arbitrary<Message> messages() {
        return Messages.message();
    }

    @Provide
    Arbitrary<List<Payload>> chains() {
        return Messages.payloads();
    }

    @Property
    void whatIsWrittenIsReadAsTheSame(@ForAll("messages") Message message) {
        Bytes datagram = MessageCodec.encode(message);
        Message read = MessageCodec.decode(datagram);
        assertThat(read.payloads()).isEqualTo(message.payloads());
        assertThat(read.header())
                .isEqualTo(message.header().sized(MessageCodec.firstType(message.payloads()), datagram.length()));
        assertThat(Header.peek(datagram)).isEqualTo(read.header());
        assertThat(MessageCodec.encode(read)).isEqualTo(datagram);
    }

    @Property
    void aDecryptedChainIsReadAsItWasWritten(@ForAll("chains") List<Payload> payloads) {
        Bytes chain = MessageCodec.encodeChain(payloads);
        assertThat(MessageCodec.decodeChain(MessageCodec.firstType(payloads), chain)).isEqualTo(payloads);
    }

    /** Somewhere in the middle of a payload's header or body the datagram ends. */
    @Property(tries = 100)
    void aTruncatedMessageIsMalformed(@ForAll("messages") Message message) {
        Bytes chain = MessageCodec.encodeChain(message.payloads());
        int first = MessageCodec.firstType(message.payloads());
        for (int length = 0; length < chain.length(); length++) {
            Bytes cut = withHeader(message.header(), first, chain.slice(0, length));
            assertThat(readOrMalformed(cut)).as("cut to %d of %d", length, chain.length()).isFalse();
        }
    }

    /** Every octet of a valid message replaced in turn by values that like to break parsers. */
    @Property(tries = 50)
    void aMessageWithOneWrongOctetIsReadOrMalformed(@ForAll("messages") Message message, @ForAll byte anything) {
        byte[] datagram = MessageCodec.encode(message).toArray();
        for (int at = 0; at < datagram.length; at++) {
            byte original = datagram[at];
            for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff, original + 1, original - 1, anything}) {
                datagram[at] = (byte) value;
                readOrMalformed(Bytes.of(datagram));
            }
            datagram[at] = original;
        }
    }

    @Property
    void aMessageWithManyWrongOctetsIsReadOrMalformed(
            @ForAll("messages") Message message, @ForAll @Size(max = 20) List<@IntRange(max = 0xffffff) Integer> changes) {
        byte[] datagram = MessageCodec.encode(message).toArray();
        for (int change : changes) {
            datagram[Header.LENGTH - 1 - 3 + (change >>> 8) % (datagram.length - Header.LENGTH + 4)] = (byte) change;
        }
        readOrMalformed(Bytes.of(datagram));
        readOrMalformed(withHeader(message.header(), datagram[16] & 0xff, Bytes.of(datagram).from(Header.LENGTH)));
    }

    /** After decryption too: an authenticated peer may still send anything. */
    @Property(tries = 2000)
    void anyOctetsBehindAnyFirstPayloadAreReadOrMalformed(@ForAll @IntRange(max = 255) int first, @ForAll byte[] octets) {
        assertOnlyMalformed(() -> MessageCodec.decodeChain(first, Bytes.of(octets)));
        for (PayloadType type : PayloadType.values()) {
            Bytes body = Bytes.of(octets);
            Bytes chain = Bytes.concat(Bytes.hex("0000%04x".formatted(4 + body.length())), body);
            assertOnlyMalformed(() -> MessageCodec.decodeChain(type.number(), chain));
        }
        assertOnlyMalformed(() -> DigitalSignature.decode(Bytes.of(octets)));
        assertOnlyMalformed(() -> NonEspMarker.strip(Bytes.of(octets)));
    }

    private static Bytes withHeader(Header header, int first, Bytes chain) {
        Bytes empty = MessageCodec.encode(header, List.of());
        return Bytes.concat(
                empty.slice(0, 16),
                Bytes.of((byte) first),
                empty.slice(17, 24),
                Bytes.hex("%08x".formatted(Header.LENGTH + chain.length())),
                chain);
    }

    /** Whether it was read. What is read can also be written, described and read again. */
    private static boolean readOrMalformed(Bytes datagram) {
        return assertOnlyMalformed(() -> {
            Message message = MessageCodec.decode(datagram);
            assertThat(message.summary()).startsWith("HDR");
            assertThat(MessageCodec.decode(MessageCodec.encode(message)).payloads()).isEqualTo(message.payloads());
        });
    }

    private static boolean assertOnlyMalformed(Runnable decoder) {
        try {
            decoder.run();
            return true;
        } catch (Malformed malformed) {
            assertThat(malformed.where()).isNotEmpty();
            assertThat(malformed.why()).isNotEmpty();
            return false;
        }
    }
}
