package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Identity;

/**
 * RFC 2409, section 5.4: a pre-shared key is chosen by the peer's address in main mode, which does not know more when it needs it, and by
 * the peer's identity in aggressive mode. Moon and mars have a key each with sun.
 */
class TwoPeersV1Test {
    private static final String OF_MOON = "a key of twenty octets and moon's";
    private static final String OF_MARS = "a key of twenty octets and mars's";

    enum By {
        ADDRESS,
        /** Both may call from anywhere. */
        IDENTITY;

        Policies of(Policies policies) {
            return this == ADDRESS ? policies.v1() : policies.aggressive();
        }

        Policies ofSun(Policies policies) {
            return this == ADDRESS ? policies.v1() : policies.aggressive().anywhere();
        }
    }

    private record Keys(Map<String, String> byPeer) implements Credentials {
        @Override
        public Optional<Secret> psk(Identity local, Identity remote) {
            return Optional.ofNullable(byPeer.get(remote.toString())).map(key -> Secret.take(key.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private record Three(World world, SimulatedHost mars) {
        static Three of(By by, String marsShows) {
            World world = new World(by.of(Policies.moon()).psk(OF_MOON), by.ofSun(Policies.sun()));
            Settings withMoon = by.ofSun(Policies.sun()).settings();
            Settings withMars = by.ofSun(Policies.sunWithMars()).settings();
            Keys keys = new Keys(Map.of("moon.example.org", OF_MOON, "mars.example.org", OF_MARS));
            world.sun.reconfigure(new Settings(
                    List.of(withMoon.profiles().getFirst(), withMars.profiles().getFirst()), keys, Settings.Ports.STANDARD));
            return new Three(world, new SimulatedHost(
                    "mars", Policies.address("mars"), by.of(Policies.mars()).psk(marsShows).settings(), world.network, World.entropy(9), 0xc3000000));
        }

        void call() {
            world.moon.up("sun");
            mars.up("sun");
            world.network.run(5_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachHasAKeyOfItsOwn(By by) {
        Three three = Three.of(by, OF_MARS);
        three.call();
        assertThat(three.world.sun.children()).as(three.world::journal).extracting(child -> child.name()).containsExactlyInAnyOrder("net", "to-mars");
        assertThat(three.world.moon.children()).hasSize(1);
        assertThat(three.mars.children()).hasSize(1);
        assertThat(three.world.sun.established()).extracting(session -> session.profile().orElseThrow().name()).containsExactlyInAnyOrder("moon", "mars");
    }

    /** Moon's key is good, and not mars's. */
    @ParameterizedTest
    @EnumSource
    void theKeyOfAnotherLetsNobodyIn(By by) {
        Three three = Three.of(by, OF_MOON);
        three.call();
        three.world.network.run(200_000);
        assertThat(three.world.sun.established()).as(three.world::journal).singleElement()
                .satisfies(session -> assertThat(session.profile().orElseThrow().name()).isEqualTo("moon"));
        assertThat(three.mars.events(Event.IkeUp.class)).isEmpty();
        assertThat(three.mars.sessions()).isEmpty();
    }
}
