package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Session;

/** Moon and sun with a wire between them. */
final class World {
    final SimulatedNetwork network;
    final SimulatedHost moon;
    final SimulatedHost sun;

    World(Policies moon, Policies sun) {
        this(moon, sun, 1);
    }

    World(Policies moonPolicies, Policies sunPolicies, long seed) {
        network = new SimulatedNetwork(seed);
        moon = new SimulatedHost("moon", Policies.address("moon"), moonPolicies.settings(), network, entropy(seed), 0xc1000000);
        sun = new SimulatedHost("sun", Policies.address("sun"), sunPolicies.settings(), network, entropy(seed + 1), 0xc2000000);
    }

    static SecureRandom entropy(long seed) {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(seed);
            return random;
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Moon initiates, and both sides have as many children as moon has policies. */
    World established(int children) {
        moon.up("sun");
        boolean up = network.until(30_000, () -> moon.children().size() == children && sun.children().size() == children);
        assertThat(up).as(() -> "not up:\n" + journal()).isTrue();
        assertSameChildren();
        return this;
    }

    /** Both sides hold the same children with the same keys, and nothing else is installed. */
    void assertSameChildren() {
        assertThat(moon.children()).as(this::journal).hasSameSizeAs(sun.children());
        for (ChildSa child : moon.children()) {
            ChildSa mirror = sun.children().stream()
                    .filter(other -> other.inbound().equals(child.outbound()) && other.outbound().equals(child.inbound()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("sun has no other half of " + child + "\n" + journal()));
            assertThat(mirror.local()).isEqualTo(child.remote());
            assertThat(mirror.remote()).isEqualTo(child.local());
            assertThat(mirror.suite()).isEqualTo(child.suite());
        }
        assertInstalled(moon);
        assertInstalled(sun);
        assertFit(moon, sun);
        assertFit(sun, moon);
    }

    private void assertInstalled(SimulatedHost host) {
        assertThat(host.plane.sas.keySet())
                .as(() -> host.name + " has what its children need and nothing more\n" + journal())
                .containsExactlyInAnyOrderElementsOf(
                        host.children().stream().flatMap(child -> child.sas().stream()).toList());
        assertThat(host.plane.policies)
                .containsExactlyInAnyOrderElementsOf(host.children().stream().flatMap(child -> child.policies().stream()).toList());
    }

    private void assertFit(SimulatedHost sender, SimulatedHost receiver) {
        for (SaSpec out : sender.plane.all(Direction.OUT)) {
            assertThat(receiver.plane.all(Direction.IN)).anyMatch(in -> RememberingPlane.fit(out, in));
        }
    }

    void assertNothing() {
        for (SimulatedHost host : List.of(moon, sun)) {
            assertThat(host.sessions()).as(() -> host.name + "\n" + journal()).isEmpty();
            assertThat(host.plane.sas).as(host.name).isEmpty();
            assertThat(host.plane.policies).as(host.name).isEmpty();
        }
    }

    Session session(SimulatedHost host) {
        assertThat(host.established()).hasSize(1);
        return host.established().getFirst();
    }

    String journal() {
        return String.join("\n", moon.journal()) + "\n" + String.join("\n", sun.journal());
    }
}
