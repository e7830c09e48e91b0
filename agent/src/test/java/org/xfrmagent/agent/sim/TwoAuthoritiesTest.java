package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;

/** Two peers of the policies may be who calls, and each is to be vouched for by another authority. */
class TwoAuthoritiesTest {
    /** Believes about each of its peers another authority. */
    private record ByPeer(Credentials ofFirst, Credentials ofSecond, String second) implements Credentials {
        private Credentials of(Peer peer) {
            return peer.name().equals(second) ? ofSecond : ofFirst;
        }

        @Override
        public Optional<Secret> psk(Identity local, Identity remote) {
            return Optional.empty();
        }

        @Override
        public Optional<Own> own(Peer peer, Identity local, List<Bytes> asked) {
            return ofFirst.own(peer, local, asked);
        }

        @Override
        public List<Anchor> anchors(Peer peer) {
            return of(peer).anchors(peer);
        }

        @Override
        public Optional<String> objection(Peer peer, Identity remote, List<Bytes> certificates) {
            return of(peer).objection(peer, remote, certificates);
        }
    }

    private static World world(Wallet first, Wallet second) {
        World world = new World(Policies.moon().certificates(Wallet.of("moon", KeyKind.P256)), Policies.sun().certificates(Wallet.of("sun", KeyKind.P256)));
        Profile one = Policies.sun().certificates(first).settings().profiles().getFirst();
        Profile other = Policies.sun().calling("another").certificates(second).settings().profiles().getFirst();
        world.sun.reconfigure(new Settings(List.of(one, other), new ByPeer(first, second, "another"), Settings.Ports.STANDARD));
        return world;
    }

    @Test
    void whoIsNotTheFirstIsTheSecond() {
        Wallet wary = Wallet.of("sun", KeyKind.P256).believing(Wallet.OTHER_ROOT);
        World world = world(wary, Wallet.of("sun", KeyKind.P256));
        world.moon.up("sun");
        world.network.run(60_000);
        assertThat(world.sun.events(Event.IkeUp.class)).as(world::journal).hasSize(1);
        assertThat(world.sun.established()).singleElement().satisfies(session -> assertThat(session.peerName()).isEqualTo("another"));
        assertThat(world.moon.events(Event.ChildUp.class)).hasSize(1);
    }

    @Test
    void whoIsNeitherIsRefused() {
        Wallet wary = Wallet.of("sun", KeyKind.P256).believing(Wallet.OTHER_ROOT);
        World world = world(wary, wary);
        world.moon.up("sun");
        world.network.run(60_000);
        assertThat(world.sun.events(Event.IkeUp.class)).as(world::journal).isEmpty();
        assertThat(world.sun.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("no authority that we believe vouches for"));
    }
}
