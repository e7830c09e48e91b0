package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;

/** Signatures with public keys that both sides have of each other, and no certificate anywhere. */
class PublicKeysTest {
    /** In which version. */
    enum Kind {
        IKEV2(KeyKind.ED25519),
        MAIN_MODE(KeyKind.RSA_2048),
        AGGRESSIVE_MODE(KeyKind.P256);

        private final KeyKind key;

        Kind(KeyKind key) {
            this.key = key;
        }

        private Policies policies(Policies host, Wallet wallet) {
            Policies plain = host.byPublicKey().certificates(wallet);
            return switch (this) {
                case IKEV2 -> plain;
                case MAIN_MODE -> plain.v1();
                case AGGRESSIVE_MODE -> plain.aggressive();
            };
        }

        private Holder holder(String host) {
            return Wallet.end(host, key).issuedBy(Wallet.ROOT);
        }

        /** With another key. */
        private Holder another(String host) {
            return Wallet.end(host, key).keyNamed("another of " + host).issuedBy(Wallet.ROOT);
        }

        private Wallet wallet(String host, Holder own, Holder... others) {
            return Wallet.of(host, key).showing(own, Wallet.ROOT).knowing(others);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoHasTheKeyIsBelievedAndNothingElseIsShown(Kind kind) {
        Holder moon = kind.holder("moon");
        Holder sun = kind.holder("sun");
        Holder former = kind.another("sun");
        World world = new World(kind.policies(Policies.moon(), kind.wallet("moon", moon, former, sun)), kind.policies(Policies.sun(), kind.wallet("sun", sun, moon)));
        world.established(1);
        assertThat(world.network.seen).allSatisfy(packet -> assertThat(packet.datagram().toHex())
                .doesNotContain(moon.der().slice(20, 60).toHex()).doesNotContain(sun.der().slice(20, 60).toHex()));
    }

    @ParameterizedTest
    @EnumSource
    void whoHasAnotherKeyIsNot(Kind kind) {
        Holder moon = kind.holder("moon");
        Holder sun = kind.holder("sun");
        World world = new World(
                kind.policies(Policies.moon(), kind.wallet("moon", kind.another("moon"), sun)), kind.policies(Policies.sun(), kind.wallet("sun", sun, moon)));
        world.moon.up("sun");
        world.network.run(60_000);
        assertThat(world.sun.events(Event.IkeUp.class)).as(world::journal).isEmpty();
    }

    /** A certificate that some authority has issued for the identity is not its key. */
    @ParameterizedTest
    @EnumSource
    void aCertificateIsNoKey(Kind kind) {
        Holder moon = kind.holder("moon");
        Holder sun = kind.holder("sun");
        Holder stolen = kind.another("moon");
        World world = new World(
                kind == Kind.IKEV2 ? Policies.moon().certificates(kind.wallet("moon", stolen, sun)) : kind.policies(Policies.moon(), kind.wallet("moon", stolen, sun)),
                kind.policies(Policies.sun(), kind.wallet("sun", sun, moon)));
        world.moon.up("sun");
        world.network.run(60_000);
        assertThat(world.sun.events(Event.IkeUp.class)).as(world::journal).isEmpty();
    }
}
