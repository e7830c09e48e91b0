package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.TwoSites;

/**
 * Fragments under policies with ports (RFC 4301, section 7). A fragment does not tell its ports: the kernel reads not even the first
 * one's, and looks for a policy with 0 for both.
 *
 * <pre>
 *   alice ───── moon ═════ sun ───── bob        between the networks: UDP to bob's port 5000   protected, by nobody who is there
 *                                                                     all other                bypassed
 * </pre>
 */
@Tag("netns")
@Tag("lab")
class FragmentsTest {
    private static final int PORT = 5000;
    /** The port at alice. */
    private static final int FROM = 6000;
    private static final int LARGE = 3200;
    private static final String HEARD = "/run/heard";

    /** The networks. */
    enum Version {
        IPV4,
        IPV6;

        private TwoSites sites() {
            return this == IPV4 ? TwoSites.ipv4() : TwoSites.ipv6();
        }

        private String word() {
            return this == IPV4 ? "UDP4" : "UDP6";
        }
    }

    private static String yaml(TwoSites sites) {
        TwoSites.Addresses at = sites.addresses();
        String networks = "local: \"%s\", remote: \"%s\"".formatted(at.moonSubnet(), at.sunSubnet());
        return """
                peers:
                  sun:
                    local: { address: "%s", id: moon.lab, auth: psk }
                    remote: { address: "%s", id: sun.lab, auth: psk }
                secrets:
                  - psk: file:sun.psk
                    ids: [moon.lab, sun.lab]
                policies:
                  - { name: port, match: { %3$s, protocol: udp, remote-port: %4$d }, action: protect, peer: sun, start: by-peer }
                  - { name: rest, match: { %3$s }, action: bypass }
                """.formatted(at.moon(), at.sun(), networks, PORT);
    }

    @ParameterizedTest
    @EnumSource
    void aDatagramInFragmentsDoesNotPassByThePolicyForItsPort(Version version) {
        Scenario.play(version::sites, sites -> {
            sites.moon().write("/etc/xfrm-agent/sun.psk", "a secret for nobody\n");
            sites.with(new Agent(sites.moon(), Plane.best())).start(yaml(sites));
            String alice = sites.addresses().alice();
            String bob = sites.addresses().bob();
            listen(version, sites.alice(), FROM);
            listen(version, sites.bob(), PORT);
            Capture wire = sites.eavesdrop();

            for (int size : List.of(TwoSites.CANARY.length(), LARGE)) {
                say(version, sites.alice(), FROM, bob, PORT, size);
                // Clear text into the site, of the protected flow by its ports.
                say(version, sites.bob(), PORT, alice, FROM, size);
            }
            // What the bypass lets by comes after them, in fragments too.
            sites.alice().run("ping", "-n", "-c", "1", "-W", "5", "-s", Integer.toString(LARGE), bob).orFail();
            Capture.Wire fromAlice = wire.stop().from(alice);
            assertThat(fromAlice.packets()).as("a ping in fragments crosses").anyMatch(packet -> packet.content() instanceof Content.Fragment);
            fromAlice.hides(TwoSites.CANARY);
            assertThat(sites.bob().read(HEARD)).isEmpty();
            assertThat(sites.alice().read(HEARD)).isEmpty();
        });
    }

    private static void listen(Version version, Host host, int port) {
        host.start("socat", "-d", "-d", "-u", version.word() + "-RECV:" + port + ",reuseaddr", "CREATE:" + HEARD)
                .awaitOutput("starting data transfer loop", Scenario.SOON);
    }

    /** One datagram full of the canary. That it cannot be sent is a good answer too. */
    private static void say(Version version, Host from, int source, String address, int port, int octets) {
        String there = version == Version.IPV4 ? address : "[" + address + "]";
        from.shell("""
                for ((i = 0; i < %d; i++)); do printf '%s'; done >/run/said
                socat -b 65000 -u FILE:/run/said %s-SENDTO:%s:%d,sourceport=%d,reuseaddr || true
                """.formatted(octets / TwoSites.CANARY.length(), TwoSites.CANARY, version.word(), there, port, source));
    }
}
