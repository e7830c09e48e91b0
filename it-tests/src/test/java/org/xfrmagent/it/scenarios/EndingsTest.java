package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.netns.Await.SOON;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/**
 * What follows when charon ends what there is: {@code close_action} and {@code dpd_action}, or {@code when-closed} and {@code when-lost}.
 * Of three children one is let go, one waits for traffic, and one comes back at once; nothing is in the clear meanwhile.
 *
 * <pre>
 *   alice: 10.1.1.10 (released), 10.1.2.10 (trapped), 10.1.3.10 (started) ── moon ══════════ sun ── bob
 * </pre>
 */
@Tag("netns")
@Tag("lab")
@Tag("long")
class EndingsTest {
    private static final Duration NOTICED = Duration.ofSeconds(60);

    /** What follows the end of a child: in swanctl.conf's word and in the agent's. */
    private enum Child {
        RELEASED(1, "none", "nothing"),
        TRAPPED(2, "trap", "on-traffic"),
        STARTED(3, "start", "at-once");

        private final int net;
        private final String action;
        private final String afterwards;

        Child(int net, String action, String afterwards) {
            this.net = net;
            this.action = action;
            this.afterwards = afterwards;
        }

        private String address() {
            return "10.1.%d.10".formatted(net);
        }

        private String subnet() {
            return "10.1.%d.0/24".formatted(net);
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Who brings the children up at first, and how the agent was told of them. */
    enum Way {
        LOADED_BY_SWANCTL_AND_WE_INITIATE,
        YAML_AND_THE_PEER_INITIATES;

        private boolean loaded() {
            return this == LOADED_BY_SWANCTL_AND_WE_INITIATE;
        }
    }

    private record Stage(TwoSites sites, Agent moon, StrongSwan sun) {
        /** Whether both sides have it. */
        boolean up(Child child) {
            return Stream.of(moon.sas(), sun.sas()).allMatch(sas -> installed(sas).contains(child.word()));
        }

        private static List<String> installed(List<IkeSa> sas) {
            return sas.stream().flatMap(sa -> sa.children().stream()).filter(IkeSa.Child::isInstalled).map(IkeSa.Child::name).toList();
        }

        /** Whether bob answers alice through that child. */
        boolean ping(Child child) {
            return sites.alice().run("ping", "-n", "-c", "1", "-W", "1", "-I", child.address(), "-p", TwoSites.canaryPattern(),
                    sites.addresses().bob()).ok();
        }

        void bringUp(Control by, Child... children) {
            for (Child child : children) {
                by.initiate(child.word()).orFail();
                Await.until(child + " is up", SOON, () -> up(child) && ping(child), sites.lab()::report);
            }
        }

        /** All have been ended by sun. */
        void eachComesBackAsItShould() {
            Await.until("what is to be up comes back by itself", NOTICED, () -> up(Child.STARTED) && ping(Child.STARTED), sites.lab()::report);
            Await.until("traffic brings back what waits for it", SOON, () -> ping(Child.TRAPPED) && up(Child.TRAPPED), sites.lab()::report);
            assertThat(ping(Child.RELEASED)).as("what was let go stays away").isFalse();
            assertThat(Stage.installed(moon.sas())).containsExactlyInAnyOrder(Child.STARTED.word(), Child.TRAPPED.word());
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachChildFollowsItsAction(Way way) {
        Scenario.play(TwoSites::ipv4, sites -> {
            for (Child child : Child.values()) {
                sites.alice().run("ip", "addr", "add", child.address() + "/32", "dev", "lo").orFail();
                sites.moon().run("ip", "route", "add", child.subnet(), "via", sites.addresses().alice()).orFail();
            }
            Tunnel tunnel = sites.tunnel();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(connections(tunnel.reversed(), false));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best()));
            Stage stage = new Stage(sites, way.loaded() ? moon.startAndLoad(connections(tunnel, true)) : moon.start(_ -> yaml(tunnel), tunnel), sun);
            Capture wire = sites.eavesdrop();
            Control initiator = way.loaded() ? moon.control() : sun.control();
            stage.bringUp(initiator, Child.values());

            for (Child child : Child.values()) {
                sun.control().request("terminate", Map.of("child", child.word(), "timeout", "20000")).orFail();
            }
            Await.until("what is to be up comes back by itself", NOTICED, () -> stage.up(Child.STARTED), sites.lab()::report);
            assertThat(Stage.installed(moon.sas())).as("before there is traffic").containsExactly(Child.STARTED.word());
            stage.eachComesBackAsItShould();

            stage.bringUp(initiator, Child.RELEASED);
            sun.control().terminateIke("moon").orFail();
            stage.eachComesBackAsItShould();

            if (!way.loaded()) {
                stage.bringUp(initiator, Child.RELEASED);
                sun.kill();
                Await.until("moon notices that sun is dead", NOTICED, () -> Stage.installed(moon.sas()).isEmpty(), sites.lab()::report);
                for (Child child : Child.values()) {
                    assertThat(stage.ping(child)).as(child + " while sun is dead").isFalse();
                }
                sun.start(connections(tunnel.reversed(), false));
                stage.eachComesBackAsItShould();
            }
            // Of the killed charon a route is left that has sun complain from its inner address of what comes to a closed port.
            wire.stop().withoutErrorsFrom(sites.addresses().moon(), sites.addresses().sun(), sites.addresses().sunInside())
                    .onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, way.loaded() ? "close_action: none, trap, start" : "when-closed, when-lost: nothing, on-traffic, at-once");
        });
    }

    private static String connections(Tunnel tunnel, boolean actions) {
        String children = SwanctlConf.children(Stream.of(Child.values()).map(child -> SwanctlConf.child(child.word(), """
                local_ts = %s
                remote_ts = %s
                esp_proposals = aes256gcm16
                """.formatted(
                        actions ? child.subnet() : tunnel.local().subnet(), actions ? tunnel.remote().subnet() : child.subnet())
                + (actions ? "close_action = %1$s\ndpd_action = %1$s\n".formatted(child.action) : ""))).toList());
        return SwanctlConf.of(
                List.of(SwanctlConf.connection(tunnel.remote().name(), new SwanctlConf.End(tunnel.local().address(), tunnel.local().id()),
                        new SwanctlConf.End(tunnel.remote().address(), tunnel.remote().id()),
                        "version = 2\nproposals = aes256gcm16-prfsha384-x25519\n" + children)),
                List.of(SwanctlConf.secret("lab", List.of(tunnel.local().id(), tunnel.remote().id()), tunnel.psk())));
    }

    /** What a tunnel says of peer and secret, and three policies. */
    private static String yaml(Tunnel tunnel) {
        String usual = Agent.yaml(List.of(tunnel)).replaceAll("liveness: .*\n.*retransmission: .*\n",
                "liveness: 1s\n    retransmission: { base: 1s, factor: 1.5, tries: 2 }\n");
        return usual.substring(0, usual.indexOf("policies:")) + Stream.of(Child.values()).map(child -> """
                  - name: %1$s
                    match: { local: %2$s, remote: %3$s }
                    action: protect
                    peer: sun
                    esp: [aes256gcm16]
                    start: by-peer
                    when-closed: %4$s
                    when-lost: %4$s
                """.formatted(child.word(), child.subnet(), tunnel.remote().subnet(), child.afterwards)).collect(Collectors.joining("", "policies:\n", ""));
    }
}
