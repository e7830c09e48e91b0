package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.EapKind;

/** Private keys in tokens (PKCS #11): a signature takes its time, and everything else goes on meanwhile. */
class TokensTest {
    private final SimulatedToken moons = new SimulatedToken(Wallet.of("moon", KeyKind.P256));
    private final SimulatedToken suns = new SimulatedToken(Wallet.of("sun", KeyKind.P256));

    private World world() {
        return new World(Policies.moon().certificates(moons.kept()), Policies.sun().certificates(suns.kept()));
    }

    private World mainMode() {
        return new World(Policies.moon().v1().certificates(moons.kept()), Policies.sun().v1().certificates(suns.kept()));
    }

    @ParameterizedTest
    @EnumSource(value = KeyKind.class, names = {"RSA_2048", "P256", "P384", "ED25519"})
    void bothSidesSignByTheirTokensOnceEach(KeyKind kind) {
        SimulatedToken moon = new SimulatedToken(Wallet.of("moon", kind));
        SimulatedToken sun = new SimulatedToken(Wallet.of("sun", kind));
        new World(Policies.moon().certificates(moon.kept()), Policies.sun().certificates(sun.kept())).established(1);
        assertThat(moon.signed).hasValue(1);
        assertThat(sun.signed).hasValue(1);
    }

    /* HDR, SK{IDi, ..., AUTH} -->   (9 s: sun's token signs, and moon sends its request again and again)   <-- HDR, SK{IDr, ..., AUTH} */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatThePeerSaysAgainMeanwhileAsksForNoOtherSignature(boolean v1) {
        World world = v1 ? mainMode() : world();
        world.moon.tokenMillis = 9_000;
        world.sun.tokenMillis = 9_000;
        world.established(1);
        assertThat(moons.signed).hasValue(1);
        assertThat(suns.signed).hasValue(1);
    }

    @Test
    void oneThatCannotDoPssSignsInTheOldWay() {
        SimulatedToken moon = new SimulatedToken(Wallet.of("moon", KeyKind.RSA_2048));
        moon.old = true;
        new World(Policies.moon().certificates(moon.kept()), Policies.sun().certificates(Wallet.of("sun", KeyKind.RSA_2048))).established(1);
    }

    @Test
    void oneThatHasNothingOfWhatThePolicyWantsIsSaid() {
        SimulatedToken moon = new SimulatedToken(Wallet.of("moon", KeyKind.RSA_2048));
        moon.old = true;
        World world = new World(
                Policies.moon().certificates(moon.kept()).signatures(SignatureScheme.RSA_PSS_SHA256),
                Policies.sun().certificates(Wallet.of("sun", KeyKind.RSA_2048)).signatures(SignatureScheme.RSA_PSS_SHA256));
        world.moon.up("sun", "net");
        world.network.run(5_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).as(world::journal).isNotEmpty().first()
                .satisfies(failed -> assertThat(failed.reason()).startsWith("no way to sign that the peer can verify"));
        assertThat(moon.signed).hasValue(0);
    }

    /** AUTH with the key and AUTH without it are two signatures (RFC 8784, section 3). */
    @Test
    void aPostquantumKeyTakesTwoSignaturesOfTheInitiator() {
        String key = "thirty-two octets of random text";
        World world = new World(
                Policies.moon().ppk("moon-sun", key, false).certificates(moons.kept()), Policies.sun().ppk("moon-sun", key, false).certificates(suns.kept()));
        world.established(1);
        assertThat(moons.signed).hasValue(2);
        assertThat(suns.signed).hasValue(1);
    }

    /* HDR, SK{IDi, ...} -->   (2 s)   <-- HDR, SK{IDr, CERT, AUTH, EAP} */
    @Test
    void aGatewaysTokenSignsBeforeItsUserIsAsked() {
        World world = new World(
                Policies.moon().eap(EapKind.MSCHAPV2).user("carol", "let me in"),
                Policies.sun().eap(EapKind.MSCHAPV2).users().certificates(suns.kept(), Auth.PUBKEY, Auth.PUBKEY));
        world.sun.tokenMillis = 2_000;
        world.established(1);
        assertThat(suns.signed).hasValue(1);
    }

    @Test
    void anInitiatorsTokenThatDoesNotSignFailsTheAttemptWithItsReason() {
        World world = world();
        moons.reason = Optional.of("the token in slot 0 was removed (CKR_DEVICE_REMOVED)");
        world.moon.up("sun", "net");
        world.network.run(5_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).as(world::journal).isNotEmpty().first()
                .satisfies(failed -> assertThat(failed.reason()).isEqualTo("the peer cannot be shown who we are: the token in slot 0 was removed (CKR_DEVICE_REMOVED)"));
        moons.reason = Optional.empty();
        world.network.run(60_000);
        world.established(1);
    }

    /* HDR, SK{IDi, ..., AUTH} -->  <-- HDR, SK{N(AUTHENTICATION_FAILED)} */
    @Test
    void aRespondersTokenThatDoesNotSignIsAnAnswer() {
        World world = world();
        suns.reason = Optional.of("the token in slot 0 has not answered within 10 s");
        world.moon.up("sun", "net");
        world.network.run(5_000);
        assertThat(world.sun.events(Event.IkeFailed.class)).as(world::journal).isNotEmpty().first()
                .satisfies(failed -> assertThat(failed.reason()).isEqualTo("the peer cannot be shown who we are: the token in slot 0 has not answered within 10 s"));
        assertThat(world.moon.events(Event.IkeFailed.class)).as(world::journal).isNotEmpty().first()
                .satisfies(failed -> assertThat(failed.reason()).contains("AUTHENTICATION_FAILED"));
    }

    @ParameterizedTest
    @EnumSource(value = KeyKind.class, names = {"RSA_2048", "P256", "P384"})
    void mainModeIsSignedByBoth(KeyKind kind) {
        SimulatedToken moon = new SimulatedToken(Wallet.of("moon", kind));
        SimulatedToken sun = new SimulatedToken(Wallet.of("sun", kind));
        new World(Policies.moon().v1().certificates(moon.kept()), Policies.sun().v1().certificates(sun.kept())).established(1);
        assertThat(moon.signed).hasValue(1);
        assertThat(sun.signed).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void mainModeFailsWithTheTokensReason(boolean responders) {
        World world = mainMode();
        (responders ? suns : moons).reason = Optional.of("the token in slot 0 was removed");
        world.moon.up("sun", "net");
        world.network.run(5_000);
        assertThat((responders ? world.sun : world.moon).events(Event.IkeFailed.class)).as(world::journal).isNotEmpty().first()
                .satisfies(failed -> assertThat(failed.reason()).isEqualTo("the peer cannot be shown who we are: the token in slot 0 was removed"));
    }

    @Test
    void aggressiveModeIsSignedByAnInitiatorsTokenAndNotByARespondersForWhoeverCalls() {
        World world = new World(
                Policies.moon().aggressive().certificates(moons.kept()), Policies.sun().aggressive().certificates(Wallet.of("sun", KeyKind.P256)));
        world.established(1);
        assertThat(moons.signed).hasValue(1);
        World other = new World(
                Policies.moon().aggressive().certificates(Wallet.of("moon", KeyKind.P256)), Policies.sun().aggressive().certificates(suns.kept()));
        other.moon.up("sun", "net");
        other.network.run(2_000);
        assertThat(other.sun.events(Event.Refused.class)).as(other::journal).isNotEmpty().first()
                .satisfies(refused -> assertThat(refused.detail()).contains("would have to sign for whoever calls: with a token only main mode is answered"));
        assertThat(suns.signed).hasValue(0);
    }
}
