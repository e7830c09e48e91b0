package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.TestKeys.Suite;
import org.xfrmagent.policies.algorithm.Protocol;

/** What must hold for each way to protect an IKE message that the table allows. */
class ProtectorTest {
    private static final Bytes HEADER = TestKeys.octets(32, 1);

    static Stream<Suite> suites() {
        return TestKeys.suites(Protocol.IKE);
    }

    private static Protector protector(Suite suite, Providers providers) {
        DirectionKeys keys = suite.keys(40);
        return Protector.of(suite.cipher(), suite.mac(), keys.encryption(), keys.integrity(), providers);
    }

    private static Protector protector(Suite suite) {
        return protector(suite, Providers.best());
    }

    @ParameterizedTest
    @MethodSource("suites")
    void whatIsSealedOpensAgainAndIsAsLongAsForetold(Suite suite) throws Unauthentic {
        for (int length : List.of(0, 1, 7, 8, 14, 15, 16, 17, 31, 254, 1400)) {
            Bytes plain = TestKeys.octets(length, 3);
            Protector ours = protector(suite);
            Bytes body = ours.seal(HEADER, plain, length);
            assertThat(body.length()).isEqualTo(ours.overhead(length));
            assertThat(protector(suite).open(HEADER, body)).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void everyProviderMakesTheSameOctets(Suite suite) throws Unauthentic {
        Bytes plain = TestKeys.octets(333, 3);
        Bytes body = protector(suite, Providers.best()).seal(HEADER, plain, 77);
        assertThat(protector(suite, Providers.portable()).seal(HEADER, plain, 77)).isEqualTo(body);
        assertThat(protector(suite, Providers.portable()).open(HEADER, body)).isEqualTo(plain);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void oneProtectorServesManyMessages(Suite suite) throws Unauthentic {
        Protector sender = protector(suite);
        Protector receiver = protector(suite);
        for (int counter = 0; counter < 5; counter++) {
            Bytes plain = TestKeys.octets(40 + counter, counter);
            Bytes body = sender.seal(HEADER, plain, counter);
            assertThat(receiver.open(HEADER, body)).isEqualTo(plain);
            assertThat(receiver.open(HEADER, body)).as("a repeated message opens again").isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aChangedOctetAnywhereIsUnauthentic(Suite suite) {
        Bytes body = protector(suite).seal(HEADER, TestKeys.octets(20, 9), 5);
        Protector receiver = protector(suite);
        for (int at = 0; at < body.length(); at++) {
            Bytes changed = flipped(body, at);
            assertThatThrownBy(() -> receiver.open(HEADER, changed)).isInstanceOf(Unauthentic.class);
        }
        for (int at = 0; at < HEADER.length(); at++) {
            Bytes changed = flipped(HEADER, at);
            assertThatThrownBy(() -> receiver.open(changed, body)).isInstanceOf(Unauthentic.class);
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void everyOtherLengthIsUnauthentic(Suite suite) {
        Bytes body = protector(suite).seal(HEADER, TestKeys.octets(20, 9), 5);
        Protector receiver = protector(suite);
        for (int length = 0; length < body.length(); length++) {
            Bytes shorter = body.slice(0, length);
            assertThatThrownBy(() -> receiver.open(HEADER, shorter)).isInstanceOf(Unauthentic.class);
        }
        for (int more = 1; more <= 33; more++) {
            Bytes longer = Bytes.concat(body, TestKeys.octets(more, 0));
            assertThatThrownBy(() -> receiver.open(HEADER, longer)).isInstanceOf(Unauthentic.class);
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aForgedMessageDoesNotSpoilTheGenuineOneWithTheSameIv(Suite suite) throws Unauthentic {
        Bytes plain = TestKeys.octets(20, 9);
        Bytes body = protector(suite).seal(HEADER, plain, 5);
        Protector receiver = protector(suite);
        Bytes forged = flipped(body, body.length() - 1);
        assertThatThrownBy(() -> receiver.open(HEADER, forged)).isInstanceOf(Unauthentic.class);
        assertThat(receiver.open(HEADER, body)).isEqualTo(plain);
    }

    private static Bytes flipped(Bytes octets, int at) {
        byte[] changed = octets.toArray();
        changed[at] ^= 0x10;
        return Bytes.wrap(changed);
    }
}
