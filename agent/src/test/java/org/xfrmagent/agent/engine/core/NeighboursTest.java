package org.xfrmagent.agent.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.control.Samples;
import org.xfrmagent.policies.model.Identity;

class NeighboursTest {
    private static final Identity GATE = Identity.parse("gate.lab");
    private static final Identity MOON = Identity.parse("moon.lab");

    /** Many hosts have children of one policy: only that of the same host is one to take over from. */
    @Test
    void aChildIsProvidedBySessionsOfTheSameTwoIdentities() {
        Session moon = Samples.tunnel(Samples.settings(Samples.policies()));
        String policy = moon.children().getFirst().name();
        Neighbours neighbours = new Neighbours(
                List.of(new Neighbours.Living(GATE, MOON, moon.path(), moon.children())), Optional.empty(), List.of(), Neighbours.Barred.NOBODY);

        assertThat(neighbours.provide(policy, GATE, MOON)).isTrue();
        assertThat(neighbours.provide("another", GATE, MOON)).isFalse();
        assertThat(neighbours.provide(policy, GATE, Identity.parse("mars.lab"))).isFalse();
        assertThat(neighbours.provide(policy, MOON, GATE)).isFalse();
    }
}
