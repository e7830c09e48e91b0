package org.xfrmagent.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.Ip;

class GuessesTest {
    private static final InetAddress HERE = Ip.parse("192.0.2.1").orElseThrow();
    private static final InetAddress ELSEWHERE = Ip.parse("198.51.100.1").orElseThrow();

    private final Guesses guesses = new Guesses();

    private void wrong(InetAddress from, String user, int times, long at) {
        IntStream.range(0, times).forEach(_ -> guesses.wrong(from, user, at));
    }

    @Test
    void aUserIsBarredFromWhereItsPasswordWasGuessedAndFromNowhereElse() {
        wrong(HERE, "carol", Guesses.OF_USER - 1, 1);
        assertThat(guesses.barred(HERE, 1).bars("carol")).isFalse();
        guesses.wrong(HERE, "carol", 1);
        assertThat(guesses.barred(HERE, 1).bars("carol")).isTrue();
        assertThat(guesses.barred(HERE, 1).bars("dave")).isFalse();
        assertThat(guesses.barred(ELSEWHERE, 1).bars("carol")).isFalse();
    }

    @Test
    void eachWrongOneIsForgottenAfterAWhile() {
        wrong(HERE, "carol", Guesses.OF_USER - 1, 1);
        guesses.wrong(HERE, "carol", 1_000);
        assertThat(guesses.barred(HERE, Guesses.MEMORY_MILLIS).bars("carol")).isTrue();
        assertThat(guesses.barred(HERE, Guesses.MEMORY_MILLIS + 1).bars("carol")).isFalse();
    }

    @Test
    void theRightOneMakesUpForTheWrongOnesOfThatUserAlone() {
        wrong(HERE, "carol", Guesses.OF_USER, 1);
        wrong(HERE, "dave", Guesses.OF_USER, 1);
        guesses.right(HERE, "carol");
        assertThat(guesses.barred(HERE, 1).bars("carol")).isFalse();
        assertThat(guesses.barred(HERE, 1).bars("dave")).isTrue();
    }

    @Test
    void oneWhoTriesUserAfterUserIsBarredAltogether() {
        IntStream.range(0, Guesses.OF_ADDRESS).forEach(number -> guesses.wrong(HERE, "user " + number, 1));
        assertThat(guesses.barred(HERE, 1).bars("carol")).isTrue();
        assertThat(guesses.barred(ELSEWHERE, 1).bars("carol")).isFalse();
    }

    @Test
    void aNetworkOfItsOwnIsOneAddress() {
        wrong(Ip.parse("2001:db8::1").orElseThrow(), "carol", Guesses.OF_USER, 1);
        assertThat(guesses.barred(Ip.parse("2001:db8::2").orElseThrow(), 1).bars("carol")).isTrue();
        assertThat(guesses.barred(Ip.parse("2001:db8:0:1::2").orElseThrow(), 1).bars("carol")).isFalse();
    }

    /** A flood from many addresses costs as much memory as there is for it, and what is new stays. */
    @Test
    void thoseThatGuessedLeastLatelyAreForgottenFirst() {
        wrong(HERE, "carol", Guesses.OF_USER, 1);
        for (int i = 0; i < 4_096; i++) {
            guesses.wrong(Ip.parse("10." + (i >> 8) + "." + (i & 0xff) + ".1").orElseThrow(), "carol", 2);
        }
        assertThat(guesses.barred(HERE, 2).bars("carol")).isFalse();
        wrong(HERE, "carol", Guesses.OF_USER, 3);
        assertThat(guesses.barred(HERE, 3).bars("carol")).isTrue();
    }
}
