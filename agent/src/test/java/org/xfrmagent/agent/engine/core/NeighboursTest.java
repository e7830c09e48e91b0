package org.xfrmagent.agent.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.control.Samples;
import org.xfrmagent.policies.model.Identity;

class NeighboursTest {
    private static final Identity GATE = Identity.parse("gate.lab");
    private static final Lessee MOON = new Lessee.Identity("moon.lab");

    /** Many hosts have children of one policy: only that of the same host is one to take over from. */
    @Test
    void aChildIsProvidedBySessionsOfTheSameTwoEnds() {
        Session moon = Samples.tunnel(Samples.settings(Samples.policies()));
        String policy = moon.children().getFirst().name();
        Neighbours neighbours = new Neighbours(
                List.of(new Neighbours.Living(GATE, MOON, moon.path(), moon.children())), List.of(), List.of(), Neighbours.Barred.NOBODY);

        assertThat(neighbours.provide(policy, GATE, MOON)).isTrue();
        assertThat(neighbours.provide("another", GATE, MOON)).isFalse();
        assertThat(neighbours.provide(policy, GATE, new Lessee.Identity("mars.lab"))).isFalse();
        assertThat(neighbours.provide(policy, GATE, new Lessee.User("moon.lab"))).as("a user of that name is another").isFalse();
        assertThat(neighbours.provide(policy, Identity.parse("moon.lab"), new Lessee.Identity("gate.lab"))).isFalse();
    }
}
