package org.xfrmagent.netlink.xfrm;

import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.xfrmagent.netlink.Golden;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.StructReader;

/** Whatever octets arrive, decoders end, and with nothing but {@link MalformedMessage}. */
class MutatedMessagesTest {
    private static final List<byte[]> SEEDS = Golden.load("xfrm").all();

    @Provide
    Arbitrary<byte[]> mutated() {
        Arbitrary<byte[]> seed = Arbitraries.of(SEEDS);
        Arbitrary<List<Integer>> places = Arbitraries.integers().between(0, 511).list().ofMaxSize(8);
        Arbitrary<Integer> value = Arbitraries.of(0, 1, 2, 3, 4, 0x7f, 0x80, 0xff);
        Arbitrary<Integer> keep = Arbitraries.integers().between(0, 1000);
        return Combinators.combine(seed, places, value, keep).as((message, at, octet, length) -> {
            byte[] copy = Arrays.copyOf(message, Math.min(message.length, Math.max(length, 1)));
            at.forEach(place -> copy[place % copy.length] = (byte) (int) octet);
            return copy;
        });
    }

    @FunctionalInterface
    private interface Decoder {
        Object decode(StructReader from) throws MalformedMessage;
    }

    private static void decode(byte[] octets, Decoder decoder) {
        try {
            if (decoder.decode(new StructReader(octets)) == null) {
                fail("nothing decoded");
            }
        } catch (MalformedMessage expected) {
            // the one way out
        }
    }

    @Property(tries = 3000)
    void statesPoliciesAndEvents(@ForAll("mutated") byte[] message) {
        byte[] body = message.length > 16 ? Golden.body(message) : message;
        decode(body, StateCodec::decode);
        decode(body, PolicyCodec::decode);
        decode(body, Attributes::read);
        for (int type = XfrmNumbers.NEWSA; type <= XfrmNumbers.GETDEFAULT; type++) {
            int each = type;
            decode(body, from -> EventCodec.decode(each, from));
        }
    }

    @Property(tries = 1000)
    void messagesAreCutOrRefused(@ForAll("mutated") byte[] message) {
        decode(message, from -> NetlinkMessage.readAll(message));
    }
}
