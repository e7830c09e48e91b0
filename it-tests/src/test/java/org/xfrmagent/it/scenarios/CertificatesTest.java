package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Pki.Certified;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/**
 * Signatures and certificates with charon: one agent and one charon, and a tunnel for each way to sign. Neither has the authority between
 * the other's certificate and the root that both believe: it comes with the certificate.
 *
 * <pre>
 *   Root ──┬── Moon's authority ── moon's certificates
 *          └── Sun's authority  ── sun's certificates, one of them revoked
 * </pre>
 */
@Tag("netns")
@Tag("lab")
@TestInstance(Lifecycle.PER_CLASS)
class CertificatesTest {
    /** The first: alice and bob are in its networks. */
    private static final Way OF_THE_HOSTS = Way.RSA_2048_PSS;

    /** A way to sign, and what charon's configuration calls it: by itself it signs with PKCS #1 v1.5. */
    enum Way {
        RSA_2048_PSS(Pki.Key.RSA_2048, "[rsa-pss-sha256]", "rsa/pss-sha256"),
        RSA_2048_PKCS1(Pki.Key.RSA_2048, "[rsa-sha256]", "rsa-sha256"),
        RSA_3072(Pki.Key.RSA_3072, "", ""),
        RSA_4096(Pki.Key.RSA_4096, "", ""),
        ECDSA_P256(Pki.Key.P256, "", ""),
        ECDSA_P384(Pki.Key.P384, "", ""),
        ECDSA_P521(Pki.Key.P521, "", ""),
        ED25519(Pki.Key.ED25519, "", "");

        private final Pki.Key key;
        private final String agents;
        private final String charons;

        Way(Pki.Key key, String agents, String charons) {
            this.key = key;
            this.agents = agents;
            this.charons = charons;
        }

        private String word() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    private TwoSites sites;
    private Agent moon;
    private StrongSwan sun;

    @BeforeAll
    void start() {
        sites = TwoSites.ipv4();
        Certified root = Pki.authority("CN=Root", Pki.Key.P256);
        Certified moons = Pki.authority("CN=Moon's authority", Pki.Key.RSA_2048, root);
        Certified suns = Pki.authority("CN=Sun's authority", Pki.Key.P384, root);
        StringBuilder yaml = new StringBuilder("authorities:\n  root: { certificate: file:root.pem }\ncrls: [file:root.crl, file:suns.crl]\npeers:\n");
        StringBuilder conf = new StringBuilder("connections {\n");
        sites.moon().write("/etc/xfrm-agent/root.pem", root.pem());
        sites.sun().write("/etc/swanctl/x509ca/root.pem", root.pem());
        sites.sun().write("/etc/swanctl/x509ca/suns.pem", suns.pem());
        for (Way way : Way.values()) {
            Certified moon = Pki.end("CN=moon", way.key, moons, id("moon", way.word()));
            Certified sun = Pki.end("CN=sun", way.key, suns, id("sun", way.word()));
            show(way.word(), moon, moons, sun);
            yaml.append(peer(way.word(), proof(way.word()) + signatures(way), "auth: pubkey, authorities: [root]" + signatures(way)));
            conf.append(connection(way.word(), way.charons.isEmpty() ? "pubkey" : way.charons, way.charons.isEmpty() ? "pubkey" : "ike:" + way.charons));
        }
        Certified revoked = Pki.end("CN=sun", Pki.Key.P256, suns, id("sun", "revoked"));
        show("revoked", Pki.end("CN=moon", Pki.Key.P256, moons, id("moon", "revoked")), moons, revoked);
        sites.moon().write("/etc/xfrm-agent/root.crl", Pki.crl(root));
        sites.moon().write("/etc/xfrm-agent/suns.crl", Pki.crl(suns, revoked));
        yaml.append(peer("revoked", proof("revoked"), "auth: pubkey, authorities: [root], revocation: strict"));
        conf.append(connection("revoked", "pubkey", "pubkey"));
        show("mixed", Pki.end("CN=moon", Pki.Key.P256, moons, id("moon", "mixed")), moons,
                Pki.end("CN=sun", Pki.Key.P256, suns, id("sun", "mixed")));
        sites.moon().write("/etc/xfrm-agent/mixed.psk", "a secret of twenty octets\n");
        yaml.append(peer("mixed", "auth: psk", "auth: pubkey, authorities: [root]"));
        conf.append(connection("mixed", "pubkey", "psk"));
        Certified nobodys = Pki.end("CN=moon", Pki.Key.P256, Pki.authority("CN=Nobody", Pki.Key.P256), id("moon", "strange"));
        show("strange", nobodys, moons, Pki.end("CN=sun", Pki.Key.P256, suns, id("sun", "strange")));
        yaml.append(peer("strange", proof("strange"), "auth: pubkey, authorities: [root]"));
        conf.append(connection("strange", "pubkey", "pubkey"));
        List<String> tunnels = tunnels();
        yaml.append("secrets:\n  - psk: file:mixed.psk\n    ids: [").append(id("moon", "mixed")).append(", ").append(id("sun", "mixed")).append("]\npolicies:\n");
        for (int number = 0; number < tunnels.size(); number++) {
            yaml.append("""
                      - { name: %s, match: { local: 10.1.%d.0/24, remote: 10.2.0.0/24 }, action: protect, peer: sun-%s, esp: [aes256gcm16], start: by-peer }
                    """.formatted(tunnels.get(number), number, tunnels.get(number)));
        }
        conf.append("}\nsecrets {\n  ike-mixed {\n    id-1 = %s\n    id-2 = %s\n    secret = \"a secret of twenty octets\"\n  }\n}\n"
                .formatted(id("moon", "mixed"), id("sun", "mixed")));
        sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(conf.toString());
        moon = sites.with(new Agent(sites.moon(), Plane.best())).start(yaml.toString());
    }

    @AfterAll
    void end() {
        sites.close();
    }

    private static List<String> tunnels() {
        return Stream.concat(Stream.of(Way.values()).map(Way::word), Stream.of("revoked", "mixed", "strange")).toList();
    }

    private static String id(String host, String tunnel) {
        return host + "." + tunnel + ".lab";
    }

    private static String proof(String tunnel) {
        return "auth: pubkey, certificate: file:%1$s.pem, key: file:%1$s.key".formatted(tunnel);
    }

    private static String signatures(Way way) {
        return way.agents.isEmpty() ? "" : ", signatures: " + way.agents;
    }

    private void show(String tunnel, Certified atMoon, Certified moons, Certified atSun) {
        sites.moon().write("/etc/xfrm-agent/" + tunnel + ".pem", atMoon.pem() + moons.pem());
        sites.moon().write("/etc/xfrm-agent/" + tunnel + ".key", atMoon.keyPem());
        sites.sun().write("/etc/swanctl/x509/" + tunnel + ".pem", atSun.pem());
        sites.sun().write("/etc/swanctl/private/" + tunnel + ".pem", atSun.keyPem());
    }

    private String peer(String tunnel, String local, String remote) {
        return """
                  sun-%s:
                    local: { address: %s, id: %s, %s }
                    remote: { address: %s, id: %s, %s }
                    proposals: [aes256gcm16-prfsha384-x25519]
                    retransmission: { base: 2s, factor: 1.5, tries: 3 }
                """.formatted(tunnel, sites.addresses().moon(), id("moon", tunnel), local, sites.addresses().sun(), id("sun", tunnel), remote);
    }

    private String connection(String tunnel, String local, String remote) {
        int number = tunnels().indexOf(tunnel);
        return """
                  moon-%1$s {
                    version = 2
                    local_addrs = %2$s
                    remote_addrs = %3$s
                    proposals = aes256gcm16-prfsha384-x25519
                    local {
                      auth = %4$s
                      id = sun.%1$s.lab
                      certs = %1$s.pem
                    }
                    remote {
                      auth = %5$s
                      id = moon.%1$s.lab
                    }
                    children {
                      %1$s {
                        local_ts = 10.2.0.0/24
                        remote_ts = 10.1.%6$d.0/24
                        esp_proposals = aes256gcm16
                      }
                    }
                  }
                """.formatted(tunnel, sites.addresses().sun(), sites.addresses().moon(), local, remote, number);
    }

    /** What the two daemons are asked for by: its name is all that counts. */
    private Tunnel tunnel(String name) {
        Tunnel usual = sites.tunnel();
        return new Tunnel(name, usual.local(), usual.remote(), usual.psk(), usual.ike(), usual.esp(), usual.start(), usual.liveness());
    }

    @ParameterizedTest
    @EnumSource
    void bothBeginAndBothAreBelieved(Way way) {
        Tunnel tunnel = tunnel(way.word());
        for (Peer initiator : List.of(moon, sun)) {
            shown(() -> {
                up(initiator, tunnel);
                if (way == OF_THE_HOSTS) {
                    Capture wire = sites.eavesdrop();
                    sites.ping(2).orFail();
                    wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
                }
                down(initiator, tunnel);
                met(initiator, "certificates: " + way.word());
            });
        }
    }

    @Test
    void theAgentHasASharedKeyAndCharonACertificate() {
        Tunnel tunnel = tunnel("mixed");
        for (Peer initiator : List.of(moon, sun)) {
            shown(() -> {
                up(initiator, tunnel);
                down(initiator, tunnel);
                met(initiator, "a pre-shared key on our side, a certificate on the peer's");
            });
        }
    }

    @Test
    void aRevokedCertificateIsRefused() {
        Tunnel tunnel = tunnel("revoked");
        shown(() -> {
            assertThat(moon.up(tunnel).ok()).isFalse();
            moon.awaitLog(SOON, "was revoked by the certificate");
            // charon thought that it was believed, and hears now that it is not.
            sun.awaitLog(SOON, "N(AUTH_FAILED)");
            noSas(tunnel);
            assertThat(sun.up(tunnel).ok()).isFalse();
            noSas(tunnel);
            met(moon, "refusal of a revoked certificate");
            met(sun, "refusal of a revoked certificate");
        });
    }

    /** Neither side believes an authority that it does not have, and each says so in its log. */
    @Test
    void aCertificateOfNobodysIsRefused() {
        Tunnel tunnel = tunnel("strange");
        shown(() -> {
            assertThat(moon.up(tunnel).ok()).isFalse();
            moon.awaitLog(SOON, "it does not accept " + id("moon", "strange") + " with our certificate");
            assertThat(sun.up(tunnel).ok()).isFalse();
            noSas(tunnel);
        });
    }

    private void up(Peer initiator, Tunnel tunnel) {
        initiator.up(tunnel).orFail();
        moon.awaitUp(tunnel, SOON);
        sun.awaitUp(tunnel, SOON);
        IkeSa.Child atMoon = moon.child(tunnel);
        IkeSa.Child atSun = sun.child(tunnel);
        assertThat(atMoon.spiOut()).isEqualTo(atSun.spiIn());
        assertThat(atMoon.spiIn()).isEqualTo(atSun.spiOut());
    }

    /** The IKE SA too: the next one authenticates itself anew. */
    private void down(Peer initiator, Tunnel tunnel) {
        (initiator == moon ? moon.control() : sun.control())
                .request("terminate", java.util.Map.of("ike", (initiator == moon ? "sun-" : "moon-") + tunnel.name(), "timeout", "60000")).orFail();
        noSas(tunnel);
    }

    private void noSas(Tunnel tunnel) {
        for (Peer peer : List.of(moon, sun)) {
            Await.until(peer.host() + " has no SA of " + tunnel.name(), SOON,
                    () -> peer.sas().stream().noneMatch(sa -> sa.name().endsWith("-" + tunnel.name())), () -> peer.sas().toString());
        }
    }

    private void met(Peer initiator, String what) {
        Scenario.met(sites, initiator, initiator == moon ? sun : moon, what);
    }

    private void shown(Runnable scenario) {
        try {
            scenario.run();
        } catch (Throwable failure) {
            System.err.println(sites.lab().report());
            throw failure;
        }
    }
}
