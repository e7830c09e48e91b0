package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** A round through all SAs leaves none out, and looks at no more of them at once than its share. */
class SadTest {
    private static final int STEPS = 16;

    private final Sad sad = new Sad();

    private SaId add(int spi) {
        SaId id = new SaId(InetAddress.getLoopbackAddress(), Protocol.ESP, spi);
        SaSpec spec = new SaSpec(
                id, InetAddress.getLoopbackAddress(), Direction.IN, Mode.TUNNEL, 1,
                new SaKeys.Aead(Algorithms.byKeyword("aes128gcm16").orElseThrow(), Secret.take(new byte[20])), Optional.empty(), 64, false,
                SaLimits.NONE, Optional.empty(), OptionalInt.empty());
        assertThat(sad.add(new Sa(spec, 0))).isTrue();
        return id;
    }

    private static List<SaId> next(Sad.Round round) {
        return round.next().stream().map(Sa::id).toList();
    }

    @Test
    void eachOfManyIsLookedAtOnceInARound() {
        List<SaId> all = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            all.add(add(256 + i));
        }
        Sad.Round round = sad.round(STEPS);
        for (int rounds = 0; rounds < 3; rounds++) {
            List<SaId> seen = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                List<SaId> part = next(round);
                assertThat(part).hasSizeBetween(1000 / STEPS, 1000 / STEPS + STEPS);
                seen.addAll(part);
            }
            assertThat(seen).containsExactlyInAnyOrderElementsOf(all);
        }
    }

    @Test
    void thoseThatComeAndGoMeanwhileDoNotKeepOthersFromTheirTurn() {
        Sad.Round round = sad.round(STEPS);
        List<SaId> lasting = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            lasting.add(add(256 + i));
        }
        for (int rounds = 0; rounds < 10; rounds++) {
            List<SaId> seen = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                SaId passing = add(10_000 + rounds * STEPS + step);
                seen.addAll(next(round));
                assertThat(sad.remove(passing)).isPresent();
            }
            assertThat(seen).containsAll(lasting);
        }
    }
}
