package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
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
 * IKEv1 authenticated by signatures with charon: one agent, moon, and one charon, sun, and a tunnel for each method. The authority between
 * an end's certificate and the root that both believe comes with the certificate.
 */
@Tag("netns")
@TestInstance(Lifecycle.PER_CLASS)
class Ikev1CertificatesTest {
    private static final String PASSWORD = "carols password";

    /** Who has a password to show behind phase 1. */
    private enum User {
        NOBODY,
        MOON,
        SUN
    }

    /** A method, and who initiates with it: a gateway of users never does. */
    enum Way {
        MAIN_RSA(Pki.Key.RSA_2048, User.NOBODY),
        MAIN_RSA_4096(Pki.Key.RSA_4096, User.NOBODY),
        MAIN_ECDSA_256(Pki.Key.P256, User.NOBODY),
        MAIN_ECDSA_384(Pki.Key.P384, User.NOBODY),
        AGGRESSIVE_RSA(Pki.Key.RSA_2048, User.NOBODY),
        MAIN_XAUTH_OF_MOON(Pki.Key.RSA_2048, User.MOON),
        MAIN_XAUTH_OF_SUN(Pki.Key.RSA_2048, User.SUN),
        AGGRESSIVE_XAUTH_OF_MOON(Pki.Key.RSA_2048, User.MOON),
        MAIN_HYBRID_OF_MOON(Pki.Key.RSA_2048, User.MOON),
        MAIN_HYBRID_OF_SUN(Pki.Key.RSA_2048, User.SUN),
        AGGRESSIVE_HYBRID_OF_MOON(Pki.Key.RSA_2048, User.MOON),
        AGGRESSIVE_HYBRID_OF_SUN(Pki.Key.RSA_2048, User.SUN);

        private final Pki.Key key;
        private final User user;

        Way(Pki.Key key, User user) {
            this.key = key;
            this.user = user;
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private boolean isAggressive() {
            return name().startsWith("AGGRESSIVE");
        }

        /** What the agent's policies call it that a side is a user. */
        private String users() {
            return name().contains("HYBRID") ? "hybrid" : "xauth";
        }

        private String what() {
            return "IKEv1 " + (isAggressive() ? "aggressive" : "main") + " mode, certificates of " + key
                    + (user == User.NOBODY ? "" : name().contains("HYBRID") ? ", hybrid" : ", XAUTH");
        }
    }

    private static final String STRANGE = "strange";

    private TwoSites sites;
    private Agent moon;
    private StrongSwan sun;

    @BeforeAll
    void start() {
        sites = TwoSites.ipv4();
        Certified root = Pki.authority("CN=Root", Pki.Key.P256);
        Certified moons = Pki.authority("CN=Moon's authority", Pki.Key.RSA_2048, root);
        Certified suns = Pki.authority("CN=Sun's authority", Pki.Key.RSA_2048, root);
        sites.moon().write("/etc/xfrm-agent/root.pem", root.pem());
        sites.moon().write("/etc/xfrm-agent/carol.password", PASSWORD + "\n");
        sites.sun().write("/etc/swanctl/x509ca/root.pem", root.pem());
        sites.sun().write("/etc/swanctl/x509ca/suns.pem", suns.pem());
        for (Way way : Way.values()) {
            show(way.word(), Pki.end("CN=moon", way.key, moons, id("moon", way.word())), moons,
                    Pki.end("CN=sun", way.key, suns, id("sun", way.word())));
        }
        show(STRANGE, Pki.end("CN=moon", Pki.Key.RSA_2048, Pki.authority("CN=Nobody", Pki.Key.P256), id("moon", STRANGE)), moons,
                Pki.end("CN=sun", Pki.Key.RSA_2048, suns, id("sun", STRANGE)));
        sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(charons());
        moon = sites.with(new Agent(sites.moon(), Plane.best())).start(agents());
    }

    @AfterAll
    void end() {
        sites.close();
    }

    private static List<String> tunnels() {
        return Stream.concat(Stream.of(Way.values()).map(Way::word), Stream.of(STRANGE)).toList();
    }

    private static String id(String host, String tunnel) {
        return host + "." + tunnel + ".lab";
    }

    private void show(String tunnel, Certified atMoon, Certified moons, Certified atSun) {
        sites.moon().write("/etc/xfrm-agent/" + tunnel + ".pem", atMoon.pem() + moons.pem());
        sites.moon().write("/etc/xfrm-agent/" + tunnel + ".key", atMoon.keyPem());
        sites.sun().write("/etc/swanctl/x509/" + tunnel + ".pem", atSun.pem());
        sites.sun().write("/etc/swanctl/private/" + tunnel + ".pem", atSun.keyPem());
    }

    // ---- the agent's policies

    private String agents() {
        String peers = Stream.of(Way.values()).map(this::peer).collect(Collectors.joining())
                + peer(STRANGE, "v1-main", "pubkey, " + shown(STRANGE), "pubkey, authorities: [root]");
        List<String> tunnels = tunnels();
        StringBuilder policies = new StringBuilder();
        for (int number = 0; number < tunnels.size(); number++) {
            policies.append("""
                      - { name: %1$s, match: { local: 10.1.%2$d.0/24, remote: 10.2.0.0/24 }, action: protect, peer: sun-%1$s, esp: [aes256-sha256], start: by-peer }
                    """.formatted(tunnels.get(number), number));
        }
        return "authorities:\n  root: { certificate: file:root.pem }\npeers:\n" + peers
                + "users:\n  carol: { password: file:carol.password }\npolicies:\n" + policies;
    }

    private static String shown(String tunnel) {
        return "certificate: file:%1$s.pem, key: file:%1$s.key".formatted(tunnel);
    }

    private String peer(Way way) {
        boolean hybrid = way.users().equals("hybrid");
        String ours = way.user != User.MOON
                ? "pubkey, " + shown(way.word())
                : way.users() + ", user: carol" + (hybrid ? "" : ", " + shown(way.word()));
        String theirs = way.user != User.SUN ? "pubkey, authorities: [root]" : way.users() + (hybrid ? "" : ", authorities: [root]");
        return peer(way.word(), way.isAggressive() ? "v1-aggressive" : "v1-main", ours, theirs);
    }

    private String peer(String tunnel, String ike, String ours, String theirs) {
        return """
                  sun-%s:
                    ike: %s
                    local: { address: %s, id: %s, auth: %s }
                    remote: { address: %s, id: %s, auth: %s }
                    proposals: [aes256-sha256-modp2048]
                    retransmission: { base: 2s, factor: 1.5, tries: 3 }
                """.formatted(tunnel, ike, sites.addresses().moon(), id("moon", tunnel), ours, sites.addresses().sun(), id("sun", tunnel), theirs);
    }

    // ---- charon's

    private String charons() {
        return "connections {\n" + Stream.of(Way.values()).map(this::connection).collect(Collectors.joining())
                + connection(STRANGE, "", proof("local", "pubkey", "sun", STRANGE) + proof("remote", "pubkey", "moon", STRANGE), "")
                + "}\nsecrets {\n  xauth-carol {\n    id = carol\n    secret = \"" + PASSWORD + "\"\n  }\n}\n";
    }

    private static String proof(String section, String auth, String host, String tunnel) {
        return """
                    %s {
                      auth = %s
                      id = %s
                      %s
                    }
                """.formatted(section, auth, id(host, tunnel), host.equals("sun") && auth.equals("pubkey") ? "certs = " + tunnel + ".pem" : "");
    }

    private String connection(Way way) {
        boolean hybrid = way.users().equals("hybrid");
        String local = proof("local", way.user == User.SUN && hybrid ? "xauth\n      xauth_id = carol" : "pubkey", "sun", way.word());
        String remote = proof("remote", way.user == User.MOON && hybrid ? "xauth" : "pubkey", "moon", way.word());
        String behind = hybrid || way.user == User.NOBODY ? ""
                : way.user == User.SUN ? "    local-user {\n      auth = xauth\n      xauth_id = carol\n    }\n"
                        : "    remote-user {\n      auth = xauth\n    }\n";
        return connection(way.word(), way.isAggressive() ? "aggressive = yes" : "", local + remote, behind);
    }

    private String connection(String tunnel, String mode, String proofs, String behind) {
        return """
                  moon-%1$s {
                    version = 1
                    %2$s
                    local_addrs = %3$s
                    remote_addrs = %4$s
                    proposals = aes256-sha256-modp2048
                    keyingtries = 1
                %5$s%6$s    children {
                      %1$s {
                        local_ts = 10.2.0.0/24
                        remote_ts = 10.1.%7$d.0/24
                        esp_proposals = aes256-sha256
                      }
                    }
                  }
                """.formatted(tunnel, mode, sites.addresses().sun(), sites.addresses().moon(), proofs, behind, tunnels().indexOf(tunnel));
    }

    // ---- what happens

    /** What the two daemons are asked for by: its name is all that counts. */
    private Tunnel tunnel(String name) {
        Tunnel usual = sites.tunnel();
        return new Tunnel(name, usual.local(), usual.remote(), usual.psk(), usual.ike(), usual.esp(), usual.start(), usual.liveness());
    }

    private static Stream<User> initiators(Way way) {
        return way.user == User.NOBODY ? Stream.of(User.MOON, User.SUN) : Stream.of(way.user);
    }

    @ParameterizedTest
    @EnumSource
    void eachIsBelieved(Way way) {
        Tunnel tunnel = tunnel(way.word());
        initiators(way).forEach(initiator -> reported(() -> {
            Peer begins = initiator == User.MOON ? moon : sun;
            begins.up(tunnel).orFail();
            moon.awaitUp(tunnel, SOON);
            sun.awaitUp(tunnel, SOON);
            IkeSa.Child atMoon = moon.child(tunnel);
            IkeSa.Child atSun = sun.child(tunnel);
            assertThat(atMoon.spiOut()).isEqualTo(atSun.spiIn());
            assertThat(atMoon.spiIn()).isEqualTo(atSun.spiOut());
            if (tunnels().indexOf(way.word()) == 0) {
                Capture wire = sites.eavesdrop();
                sites.ping(2).orFail();
                wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            }
            (initiator == User.MOON ? moon.control() : sun.control())
                    .request("terminate", Map.of("ike", (initiator == User.MOON ? "sun-" : "moon-") + way.word(), "timeout", "60000")).orFail();
            noSas();
            Scenario.met(sites, begins, initiator == User.MOON ? sun : moon, way.what());
        }));
    }

    /** Neither side believes an authority that it does not have, and each hears that it is not believed. */
    @Test
    void aCertificateOfNobodysIsRefused() {
        Tunnel tunnel = tunnel(STRANGE);
        reported(() -> {
            assertThat(moon.up(tunnel).ok()).isFalse();
            assertThat(moon.log()).contains("the peer does not let us in: AUTHENTICATION_FAILED");
            assertThat(sun.up(tunnel).ok()).isFalse();
            noSas();
        });
    }

    private void noSas() {
        Await.until("neither has an SA", SOON, () -> moon.sas().isEmpty() && sun.sas().isEmpty(), () -> moon.log() + sun.log());
    }

    private void reported(Runnable scenario) {
        try {
            scenario.run();
        } catch (Throwable failure) {
            System.err.println(sites.lab().report());
            throw failure;
        }
    }
}
