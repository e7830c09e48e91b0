package org.xfrmagent.netlink.route;

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
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.StructReader;

/** Whatever octets arrive, decoders end, and with nothing but {@link MalformedMessage}. */
class MutatedRoutesTest {
    private static final List<byte[]> SEEDS = Golden.load("route").all();

    @Provide
    Arbitrary<byte[]> mutated() {
        Arbitrary<List<Integer>> places = Arbitraries.integers().between(0, 127).list().ofMaxSize(6);
        Arbitrary<Integer> value = Arbitraries.of(0, 1, 2, 3, 4, 0x7f, 0x80, 0xff);
        Arbitrary<Integer> keep = Arbitraries.integers().between(1, 200);
        return Combinators.combine(Arbitraries.of(SEEDS), places, value, keep).as((message, at, octet, length) -> {
            byte[] body = Golden.body(message);
            byte[] copy = Arrays.copyOf(body, Math.min(body.length, length));
            at.forEach(place -> copy[place % copy.length] = (byte) (int) octet);
            return copy;
        });
    }

    @FunctionalInterface
    private interface Decoder {
        Object decode(StructReader from) throws MalformedMessage;
    }

    @Property(tries = 3000)
    void linksAddressesRoutesAndRules(@ForAll("mutated") byte[] body) {
        List<Decoder> decoders = List.of(Link::read, InterfaceAddress::read, Route::read, Rule::read);
        for (Decoder decoder : decoders) {
            try {
                if (decoder.decode(new StructReader(body)) == null) {
                    fail("nothing decoded");
                }
            } catch (MalformedMessage expected) {
                // the one way out
            }
        }
    }
}
