package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Libreswan;
import org.xfrmagent.it.peers.OpenIked;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Pki.Certified;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/**
 * RSA certificates with those who need a kernel that has ESP. libreswan takes RFC 7427's signatures with PSS only, and so the agent signs;
 * what OpenIKED signs with is its own choice.
 */
@Tag("lab")
@Tag("long")
class CertificatesOfOthersTest {
    private final Certified root = Pki.authority("CN=Root", Pki.Key.RSA_2048);
    private final Certified sunsCertificate = Pki.end("CN=sun", Pki.Key.RSA_2048, root, "sun.lab");

    private Agent agent(TwoSites sites, Tunnel tunnel) {
        Certified moon = Pki.end("CN=moon", Pki.Key.RSA_2048, root, "moon.lab");
        sites.moon().write("/etc/xfrm-agent/root.pem", root.pem());
        sites.moon().write("/etc/xfrm-agent/moon.pem", moon.pem());
        sites.moon().write("/etc/xfrm-agent/moon.key", moon.keyPem());
        return sites.with(new Agent(sites.moon(), Plane.KERNEL)).start(
                yaml -> "authorities: { root: { certificate: file:root.pem } }\n" + yaml
                        .replace("id: moon.lab, auth: psk", "id: moon.lab, auth: pubkey, certificate: file:moon.pem, key: file:moon.key")
                        .replace("id: sun.lab, auth: psk", "id: sun.lab, auth: pubkey, authorities: [root]"),
                tunnel);
    }

    @Test
    void libreswan() {
        libreswan(usual -> usual.withEsp("aes256gcm16-x25519"), "certificates: RSA 2048");
    }

    @Test
    void libreswanInMainMode() {
        libreswan(Tunnel::withIkev1, "IKEv1 main mode, certificates of RSA_2048");
    }

    private void libreswan(UnaryOperator<Tunnel> version, String what) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = version.apply(sites.tunnel());
            Libreswan sun = sites.with(new Libreswan(sites.sun()).withCertificate("sun", sunsCertificate, root)).start(
                    configuration -> configuration.replace("authby=secret", "authby=rsasig\n\tleftcert=sun\n\tleftsendcert=always"),
                    tunnel.reversed());
            Agent moon = agent(sites, tunnel);
            for (Peer initiator : List.of(moon, sun)) {
                Capture wire = sites.eavesdrop();
                initiator.up(tunnel).orFail();
                passes(sites, tunnel, moon, sun);
                sun.terminate(tunnel);
                moon.awaitNoSas(SOON);
                sun.awaitNoSas(SOON);
                wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
                Scenario.met(sites, initiator, initiator == moon ? sun : moon, what);
            }
        });
    }

    @Test
    void openIked() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIke("aes256-sha256-x25519").withEsp("aes256-sha1-x25519");
            OpenIked sun = sites.with(new OpenIked(sites.sun()).withCertificate(sunsCertificate, root)).start(tunnel.reversed());
            Agent moon = agent(sites, tunnel);
            Capture wire = sites.eavesdrop();
            moon.up(tunnel).orFail();
            passes(sites, tunnel, moon, sun);
            sun.down(tunnel.reversed()).orFail();
            moon.awaitNoSas(SOON);
            Scenario.met(sites, moon, sun, "certificates: RSA 2048");

            sun.up(tunnel.reversed()).orFail();
            passes(sites, tunnel, moon, sun);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, sun, moon, "certificates: RSA 2048");
        });
    }

    private static void passes(TwoSites sites, Tunnel tunnel, Peer moon, Peer sun) {
        moon.awaitUp(tunnel, SOON);
        sun.awaitUp(tunnel, SOON);
        sites.ping(2).orFail();
        IkeSa.Child atMoon = moon.child(tunnel);
        IkeSa.Child atSun = sun.child(tunnel);
        assertThat(atMoon.spiOut()).isEqualTo(atSun.spiIn());
        assertThat(atMoon.spiIn()).isEqualTo(atSun.spiOut());
    }
}
