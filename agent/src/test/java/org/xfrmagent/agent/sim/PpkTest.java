package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.Payload;

/** Postquantum pre-shared keys (RFC 8784): who has which, who requires it, and what comes of it. */
class PpkTest {
    private static final String NAME = "ppk.example.org";
    private static final String KEY = "thirty-two octets of randomness!";

    /** A side: nothing, knows (the key alone), uses (the policy names it), requires; other: it requires one with other octets. */
    private static Policies side(Policies policies, String has) {
        return switch (has) {
            case "nothing" -> policies;
            case "knows" -> policies.knowsPpk(NAME, KEY);
            case "uses" -> policies.ppk(NAME, KEY, false);
            case "requires" -> policies.ppk(NAME, KEY, true);
            case "other" -> policies.ppk(NAME, "thirty-two octets of another key", false);
            case "named otherwise" -> policies.ppk("another." + NAME, KEY, false);
            default -> throw new IllegalArgumentException(has);
        };
    }

    /** The table of RFC 8784, section 3, and that a key of the same name with other octets never comes to an IKE SA. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            # moon,          sun,             comes up, with it
            nothing,         uses,            yes,      no
            uses,            nothing,         yes,      no
            uses,            knows,           yes,      yes
            uses,            uses,            yes,      yes
            uses,            requires,        yes,      yes
            requires,        requires,        yes,      yes
            requires,        knows,           yes,      yes
            requires,        nothing,         no,       no
            nothing,         requires,        no,       no
            uses,            named otherwise, yes,      no
            requires,        named otherwise, no,       no
            named otherwise, requires,        no,       no
            uses,            other,           no,       no
            other,           requires,        no,       no
            """)
    void isUsedWhereBothHaveItAndRefusedWhereOneLacksWhatItRequires(String moon, String sun, String up, String with) {
        World world = new World(side(Policies.moon(), moon), side(Policies.sun(), sun));
        world.moon.up("sun", "net");
        world.network.run(10_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(up.equals("yes") ? 1 : 0);
        if (up.equals("no")) {
            assertThat(world.moon.events(Event.IkeFailed.class)).as(world::journal).isNotEmpty();
            assertThat(world.sun.children()).isEmpty();
            return;
        }
        for (IkeSa sa : List.of(sa(world, true), sa(world, false))) {
            assertThat(sa.ppk()).as(world::journal).isEqualTo(with.equals("yes"));
        }
        world.assertSameChildren();
    }

    private static IkeSa sa(World world, boolean moon) {
        return world.session(moon ? world.moon : world.sun).phase().ikeSa().orElseThrow();
    }

    /** The keys of the child, of its successors and of the IKE SA's come from SK_d with the key in it: both ends agree on them. */
    @Test
    void lastsThroughEveryRekeying() {
        World world = new World(side(Policies.moon(), "requires"), side(Policies.sun(), "requires")).established(1);
        long session = world.session(world.moon).id();
        world.moon.rekey(session, OptionalInt.empty());
        world.network.run(5_000);
        world.sun.rekey(world.session(world.sun).id(), OptionalInt.empty());
        world.network.run(5_000);
        world.moon.rekey(session, OptionalInt.of(world.moon.children().getFirst().serial()));
        world.network.run(5_000);
        assertThat(world.moon.events(Event.IkeRekeyed.class)).hasSize(2);
        assertThat(sa(world, true).ppk()).isTrue();
        assertThat(sa(world, false).ppk()).isTrue();
        world.assertSameChildren();
    }

    /** HDR, SAi1, KEi, Ni, N(USE_PPK) -->  <-- HDR, SAr1, KEr, Nr, N(USE_PPK): said by who asks, and answered only to who asks. */
    @ParameterizedTest
    @CsvSource({"uses, knows, true, true", "uses, nothing, true, false", "nothing, uses, false, false"})
    void isSpokenOfInTheFirstExchangeByThoseThatHaveOne(String moon, String sun, boolean asked, boolean answered) {
        World world = new World(side(Policies.moon(), moon), side(Policies.sun(), sun)).established(1);
        List<Boolean> said = world.network.seen.stream().limit(2)
                .map(sighting -> Payload.notification(MessageCodec.decode(sighting.datagram()).payloads(), Notify.USE_PPK).isPresent())
                .toList();
        assertThat(said).containsExactly(asked, answered);
    }

    @Test
    void whoLacksItsOwnKeyDoesNotEvenCall() {
        World world = new World(side(Policies.moon(), "requires").knowsPpk("another", KEY), Policies.sun());
        world.moon.up("sun", "net");
        world.network.run(1_000);
        assertThat(world.network.seen).isEmpty();
        assertThat(world.moon.events(Event.IkeFailed.class)).extracting(Event.IkeFailed::reason)
                .containsExactly("there is no postquantum pre-shared key " + NAME + ", which the policy requires");
    }
}
