package org.xfrmagent.agent.wire.v1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Malformed;

/** What holds for every string of octets: it is read or {@link Malformed}, and what is read can be written and read again. */
class MutatedMessagesTest {
    private static final List<Payload> SEEDS = PayloadLayoutTest.rows().stream().map(row -> (Payload) row.get()[2]).toList();

    @Provide
    Arbitrary<Bytes> messages() {
        return Combinators.combine(
                        Arbitraries.of(SEEDS).list().ofMaxSize(6), Arbitraries.of(IsakmpExchange.values()), Arbitraries.integers())
                .as((payloads, exchange, id) -> IsakmpCodec.encode(IsakmpHeader.of(1, 2, exchange, false, id), payloads));
    }

    @Property(tries = 200)
    void whatIsWrittenIsReadAsTheSame(@ForAll("messages") Bytes datagram) {
        assertThat(readOrMalformed(datagram)).isTrue();
        IsakmpMessage message = IsakmpCodec.decode(datagram);
        assertThat(message.body()).isInstanceOfSatisfying(
                IsakmpMessage.Clear.class,
                clear -> assertThat(IsakmpCodec.encode(message.header(), clear.chain().payloads())).isEqualTo(datagram));
    }

    @Property(tries = 50)
    void aMessageWithOneWrongOctetIsReadOrMalformed(@ForAll("messages") Bytes datagram, @ForAll byte anything) {
        byte[] octets = datagram.toArray();
        for (int at = 0; at < octets.length; at++) {
            byte original = octets[at];
            for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff, original + 1, original - 1, anything}) {
                octets[at] = (byte) value;
                readOrMalformed(Bytes.of(octets));
            }
            octets[at] = original;
        }
    }

    @Property
    void aMessageWithManyWrongOctetsIsReadOrMalformed(
            @ForAll("messages") Bytes datagram, @ForAll @Size(max = 20) List<@IntRange(max = 0xffffff) Integer> changes) {
        byte[] octets = datagram.toArray();
        for (int change : changes) {
            octets[(change >>> 8) % octets.length] = (byte) change;
        }
        readOrMalformed(Bytes.of(octets));
    }

    @Property(tries = 50)
    void aTruncatedChainIsMalformed(@ForAll("messages") Bytes datagram) {
        int first = IsakmpCodec.decode(datagram).header().nextPayload();
        Bytes chain = datagram.from(IsakmpHeader.LENGTH);
        for (int length = 0; length < chain.length(); length++) {
            Bytes cut = chain.slice(0, length);
            assertThat(onlyMalformed(() -> IsakmpCodec.decodeChain(first, cut))).isFalse();
        }
    }

    /** After decryption too: with a wrong key or IV anything at all may come out. */
    @Property(tries = 1000)
    void anyOctetsBehindAnyFirstPayloadAreReadOrMalformed(@ForAll @IntRange(max = 255) int first, @ForAll byte[] octets) {
        onlyMalformed(() -> IsakmpCodec.decodeChain(first, Bytes.of(octets)));
        for (PayloadType type : PayloadType.values()) {
            Bytes chain = Bytes.concat(Bytes.hex("0000%04x".formatted(4 + octets.length)), Bytes.of(octets));
            onlyMalformed(() -> IsakmpCodec.decodeChain(type.number(), chain));
        }
    }

    private static boolean readOrMalformed(Bytes datagram) {
        return onlyMalformed(() -> {
            IsakmpMessage message = IsakmpCodec.decode(datagram);
            assertThat(message.summary()).startsWith("HDR");
            if (message.body() instanceof IsakmpMessage.Clear(Chain chain)) {
                Bytes again = IsakmpCodec.encode(message.header(), chain.payloads());
                assertThat(IsakmpCodec.decode(again).body()).isInstanceOfSatisfying(
                        IsakmpMessage.Clear.class, clear -> assertThat(clear.chain().payloads()).isEqualTo(chain.payloads()));
            }
        });
    }

    private static boolean onlyMalformed(Runnable decoder) {
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
