package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.CertificateFolder;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Pki.Certified;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/**
 * An agent that asks OpenSSL's OCSP responder about charon's certificates before it believes them.
 *
 * <pre>
 *   moon (agent) ── IKE ──> sun (charon)
 *        └── HTTP: is it revoked? ──> sun (openssl ocsp)
 * </pre>
 */
@Tag("netns")
@TestInstance(Lifecycle.PER_CLASS)
class OcspTest {
    private static final int PORT = 8888;

    private TwoSites sites;
    private Agent moon;
    private StrongSwan sun;
    private Running responder;

    @BeforeAll
    void start() {
        sites = TwoSites.ipv4();
        Certified root = Pki.authority("CN=Root", Pki.Key.P256);
        Certified moons = Pki.end("CN=moon", Pki.Key.P256, root, "moon.lab");
        Certified good = Pki.end("CN=good", Pki.Key.P256, root, "good.lab");
        Certified gone = Pki.end("CN=gone", Pki.Key.P256, root, "gone.lab");
        CertificateFolder.ofAgent(sites.moon()).believes("root", root);
        CertificateFolder.ofAgent(sites.moon()).owns("moon", moons);
        CertificateFolder sunHas = CertificateFolder.ofSwanctl(sites.sun());
        sunHas.believes("root", root);
        sites.sun().write("/etc/swanctl/ocsp/root.key", root.keyPem());
        sites.sun().write("/etc/swanctl/ocsp/index", entry("V", good) + entry("R", gone));
        StringBuilder yaml = new StringBuilder("authorities:\n  root: { certificate: file:root.pem, ocsps: [\"http://" + sites.addresses().sun() + ":" + PORT + "/\"] }\npeers:\n");
        StringBuilder conf = new StringBuilder("connections {\n");
        List<Certified> suns = List.of(good, gone);
        for (int i = 0; i < suns.size(); i++) {
            String name = List.of("good", "gone").get(i);
            sunHas.owns(name, suns.get(i));
            yaml.append("""
                      sun-%1$s:
                        local: { address: %2$s, id: moon.lab, auth: pubkey, certificate: file:moon.pem, key: file:moon.key }
                        remote: { address: %3$s, id: %1$s.lab, auth: pubkey, authorities: [root], revocation: strict }
                        proposals: [aes256gcm16-prfsha384-x25519]
                    """.formatted(name, sites.addresses().moon(), sites.addresses().sun()));
            conf.append("""
                      moon-%1$s {
                        version = 2
                        local_addrs = %2$s
                        remote_addrs = %3$s
                        proposals = aes256gcm16-prfsha384-x25519
                        local {
                          auth = pubkey
                          id = %1$s.lab
                          certs = %1$s.pem
                        }
                        remote {
                          auth = pubkey
                          id = moon.lab
                        }
                        children {
                          %1$s {
                            local_ts = 10.2.0.0/24
                            remote_ts = 10.1.%4$d.0/24
                            esp_proposals = aes256gcm16
                          }
                        }
                      }
                    """.formatted(name, sites.addresses().sun(), sites.addresses().moon(), i));
        }
        yaml.append("policies:\n");
        for (int i = 0; i < suns.size(); i++) {
            String name = List.of("good", "gone").get(i);
            yaml.append("  - { name: %1$s, match: { local: 10.1.%2$d.0/24, remote: 10.2.0.0/24 }, action: protect, peer: sun-%1$s, esp: [aes256gcm16], start: by-peer }\n"
                    .formatted(name, i));
        }
        sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(conf.append("}\n").toString());
        moon = sites.with(new Agent(sites.moon(), Plane.best())).start(yaml.toString());
        responder = sites.sun().start("openssl", "ocsp", "-port", String.valueOf(PORT), "-index", "/etc/swanctl/ocsp/index", "-CA", "/etc/swanctl/x509ca/root.pem",
                "-rsigner", "/etc/swanctl/x509ca/root.pem", "-rkey", "/etc/swanctl/ocsp/root.key", "-nmin", "5", "-ignore_err");
        Await.until("the responder listens", SOON, () -> sites.sun().run("sh", "-c", "ss -Hltn | grep -q :" + PORT).ok(), () -> "nobody listens");
    }

    @AfterAll
    void end() {
        responder.stop(SOON);
        sites.close();
    }

    /** A line of OpenSSL's database: status, until when, since when revoked, serial number, file, name. */
    private static String entry(String status, Certified certificate) {
        DateTimeFormatter utc = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
        String serial = certificate.certificate().getSerialNumber().toString(16).toUpperCase(java.util.Locale.ROOT);
        return "%s\t%s\t%s\t%s\tunknown\t/%s\n".formatted(status, utc.format(certificate.certificate().getNotAfter().toInstant()),
                status.equals("R") ? utc.format(Instant.now().minusSeconds(3600)) : "", serial.length() % 2 == 0 ? serial : "0" + serial,
                certificate.subject());
    }

    private Tunnel tunnel(String name) {
        Tunnel usual = sites.tunnel();
        return new Tunnel(name, usual.local(), usual.remote(), usual.psk(), usual.ike(), usual.esp(), usual.start(), usual.liveness());
    }

    @Test
    void aCertificateThatTheResponderKnowsIsBelieved() {
        moon.up(tunnel("good")).orFail();
        moon.awaitUp(tunnel("good"), SOON);
        sun.awaitUp(tunnel("good"), SOON);
    }

    @Test
    void oneThatItKnowsToBeRevokedIsNot() {
        assertThat(moon.up(tunnel("gone")).ok()).isFalse();
        moon.awaitLog(SOON, "was revoked by the certificate 'CN=Root', says an OCSP responder");
        sun.awaitLog(SOON, "N(AUTH_FAILED)");
    }
}
