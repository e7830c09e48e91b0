package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.xfrmagent.it.parity.Parity;
import org.xfrmagent.it.parity.Parity.Accepted;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** The agent beside charon: the same swanctl.conf on moon, the same charon on sun, and the same questions to both. */
final class Beside {
    private Beside() {}

    /**
     * Plays {@code script} with charon and with the agent on moon, and compares.
     *
     * @param child more options of moon's child
     * @param moon more in its swanctl.conf
     * @param sun the same of sun's
     * @param script is given what it is to ask, and sun's socket
     */
    static void charon(String child, String moon, String sun, List<Accepted> accepted, BiConsumer<Interview, Control> script) {
        charon(tunnel -> tunnel, child, moon, sun, accepted, script);
    }

    /** The same with another tunnel. */
    static void charon(
            UnaryOperator<Tunnel> kind, String child, String moon, String sun, List<Accepted> accepted, BiConsumer<Interview, Control> script) {
        List<Interview> both = new ArrayList<>();
        for (boolean charon : List.of(true, false)) {
            Scenario.play(TwoSites::ipv4, sites -> {
                Tunnel tunnel = kind.apply(sites.tunnel());
                Control peer = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(conf -> conf + sun, tunnel.reversed()).control();
                String conf = StrongSwan.connections(List.of(tunnel)).replace("esp_proposals =", child + "esp_proposals =") + moon;
                Control control = charon
                        ? sites.with(new StrongSwan(sites.moon(), Plane.best())).start(conf).control()
                        : sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(conf).control();
                Interview interview = Interview.of(sites.moon(), control);
                script.accept(interview, peer);
                both.add(interview);
            });
        }
        assertThat(both.getFirst().differences(both.getLast(), new Parity(accepted))).isEmpty();
    }
}
