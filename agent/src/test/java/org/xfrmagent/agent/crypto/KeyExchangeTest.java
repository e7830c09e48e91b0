package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;

class KeyExchangeTest {
    private static final SecureRandom ENTROPY = new SecureRandom();

    static List<Algorithm> groups() {
        return TestKeys.usable(TransformType.KE, Protocol.IKE);
    }

    @ParameterizedTest
    @MethodSource("groups")
    void bothSidesAgreeOnASecretOfTheGroupsLength(Algorithm row) throws InvalidKeyExchange {
        KeyExchange ours = KeyExchange.of(row, Providers.best());
        KeyExchange theirs = KeyExchange.of(row, Providers.portable());
        KeyPair initiator = ours.generate(ENTROPY);
        KeyPair responder = theirs.generate(ENTROPY);
        assertThat(initiator.publicValue().length()).isEqualTo(row.values().initiatorBytes());
        assertThat(responder.publicValue().length()).isEqualTo(row.values().responderBytes());
        assertThat(ours.agree(initiator, responder.publicValue()))
                .isEqualTo(theirs.agree(responder, initiator.publicValue()))
                .satisfies(secret -> assertThat(secret.length()).isEqualTo(row.values().secretBytes()));
    }
}
