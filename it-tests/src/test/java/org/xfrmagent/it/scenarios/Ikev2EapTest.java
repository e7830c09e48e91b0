package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
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
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.CertificateFolder;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Pki.Certified;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.TwoSites;

/**
 * Users with EAP (RFC 7296, section 2.16): moon is an agent and sun a charon, and either is the gateway of the other's users. The gateway
 * has a certificate, the user a password.
 *
 * <pre>
 *   alice ── 10.1.0.1 moon 192.0.2.1 ═══════ 192.0.2.2 sun 10.2.0.1 ── bob
 *                              10.3.N.0/24 for moon's users
 * </pre>
 */
@Tag("netns")
@TestInstance(Lifecycle.PER_CLASS)
class Ikev2EapTest {
    private static final String PASSWORD = "carol's password";

    /** Where a machine shows its certificate first, and then its user a password (RFC 4739). */
    private static final String TWICE = "twice";

    /** How a user shows its password. */
    enum Method {
        MSCHAPV2,
        MD5,
        GTC;

        private String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private TwoSites sites;
    private Agent moon;
    private StrongSwan sun;

    @BeforeAll
    void start() {
        sites = TwoSites.ipv4();
        Certified root = Pki.authority("CN=Root", Pki.Key.P256);
        Certified gate = Pki.end("CN=moon", Pki.Key.P256, root, names("moon"));
        Certified other = Pki.end("CN=sun", Pki.Key.P256, root, names("sun"));
        Certified machine = Pki.end("CN=machine", Pki.Key.P256, root, id("user", TWICE));
        CertificateFolder moons = CertificateFolder.ofAgent(sites.moon());
        moons.believes("root", root);
        moons.owns("moon", gate);
        moons.owns("machine", machine);
        CertificateFolder suns = CertificateFolder.ofSwanctl(sites.sun());
        suns.believes("root", root);
        suns.owns("sun", other);
        suns.owns("machine", machine);
        sites.moon().write("/etc/xfrm-agent/carol.password", PASSWORD + "\n");
        sites.moon().write("/etc/xfrm-agent/wrong.password", "another password\n");
        sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(swanctl());
        moon = sites.with(new Agent(sites.moon(), Plane.best())).start(yaml());
    }

    @AfterAll
    void end() {
        sites.close();
    }

    private static String[] names(String host) {
        return tunnels().map(tunnel -> id(host, tunnel)).toArray(String[]::new);
    }

    private static Stream<String> tunnels() {
        return Stream.concat(Stream.of(Method.values()).map(Method::word), Stream.of("wrong", TWICE));
    }

    private static String id(String host, String tunnel) {
        return host + "." + tunnel + ".lab";
    }

    /** For each method, sun's users as we let them in, and we as the user carol of sun. */
    private String yaml() {
        String peers = tunnels().map(tunnel -> """
                  in-%1$s:
                    local: { address: %2$s, id: moon.%1$s.lab, auth: pubkey, certificate: file:moon.pem, key: file:moon.key }
                    remote: { id: user.%1$s.lab, %6$s, methods: %4$s }
                    pool: %1$s
                  out-%1$s:
                    local: { address: %2$s, id: user.%1$s.lab, %7$s, user: %5$s, methods: %4$s }
                    remote: { address: %3$s, id: sun.%1$s.lab, auth: pubkey, authorities: [root] }
                    retransmission: { base: 2s, factor: 1.5, tries: 3 }
                """.formatted(tunnel, sites.addresses().moon(), sites.addresses().sun(), method(tunnel), tunnel.equals("wrong") ? "dave" : "carol",
                        tunnel.equals(TWICE) ? "auth: pubkey, authorities: [root], then: eap" : "auth: eap",
                        tunnel.equals(TWICE) ? "auth: pubkey, certificate: file:machine.pem, key: file:machine.key, then: eap" : "auth: eap"))
                .collect(Collectors.joining());
        String policies = tunnels().map(tunnel -> """
                  - { name: in-%1$s, match: { local: 10.1.0.0/16, remote: 10.3.%2$d.0/24 }, action: protect, peer: in-%1$s, esp: [aes256gcm16], start: by-peer }
                  - { name: out-%1$s, match: { local: 10.1.%2$d.0/24, remote: 10.2.0.0/24 }, action: protect, peer: out-%1$s, esp: [aes256gcm16], start: by-peer }
                """.formatted(tunnel, tunnels().toList().indexOf(tunnel))).collect(Collectors.joining());
        String pools = tunnels().map(tunnel -> "  %s: { addresses: [10.3.%d.0/24] }\n".formatted(tunnel, tunnels().toList().indexOf(tunnel)))
                .collect(Collectors.joining());
        return """
                authorities:
                  root: { certificate: file:root.pem }
                users:
                  carol: { password: file:carol.password }
                  dave: { password: file:wrong.password }
                peers:
                """ + peers + "pools:\n" + pools + "policies:\n" + policies;
    }

    /** The wrong password is shown by the method that everybody has. */
    private static String method(String tunnel) {
        return tunnel.equals("wrong") || tunnel.equals(TWICE) ? "mschapv2" : tunnel;
    }

    private String swanctl() {
        String connections = tunnels().map(tunnel -> """
                  in-%1$s {
                    version = 2
                    local_addrs = %2$s
                    remote_addrs = %3$s
                    vips = 0.0.0.0
                    %7$s
                    local-user {
                      auth = eap-%4$s
                      id = user.%1$s.lab
                      eap_id = %5$s
                    }
                    remote {
                      auth = pubkey
                      id = moon.%1$s.lab
                    }
                    children {
                      in-%1$s {
                        remote_ts = 10.1.0.0/16
                        esp_proposals = aes256gcm16
                      }
                    }
                  }
                  out-%1$s {
                    version = 2
                    local_addrs = %2$s
                    remote_addrs = %3$s
                    local {
                      auth = pubkey
                      id = sun.%1$s.lab
                      certs = sun.pem
                    }
                    %8$s
                    remote-user {
                      auth = eap-%4$s
                      id = user.%1$s.lab
                      eap_id = %%any
                    }
                    children {
                      out-%1$s {
                        local_ts = 10.2.0.0/24
                        remote_ts = 10.1.%6$d.0/24
                        esp_proposals = aes256gcm16
                      }
                    }
                  }
                """.formatted(tunnel, sites.addresses().sun(), sites.addresses().moon(), method(tunnel), tunnel.equals("wrong") ? "erin" : "carol",
                tunnels().toList().indexOf(tunnel), machine("local", tunnel), machine("remote", tunnel))).collect(Collectors.joining());
        return "connections {\n" + connections + """
                }
                secrets {
                  eap-carol {
                    id = carol
                    secret = "%s"
                  }
                  eap-dave {
                    id = dave
                    secret = "this is not what dave shows"
                  }
                  eap-erin {
                    id = erin
                    secret = "nobody knows erin"
                  }
                }
                """.formatted(PASSWORD);
    }

    private void met(Peer initiator, String what) {
        Scenario.met(sites, initiator, initiator == moon ? sun : moon, what);
    }

    private static String machine(String side, String tunnel) {
        String certificate = side.equals("local") ? "\n  certs = machine.pem" : "";
        return tunnel.equals(TWICE) ? side + " {\n  auth = pubkey\n  id = " + id("user", tunnel) + certificate + "\n}" : "";
    }

    private static Result up(Peer peer, String child) {
        return control(peer).request("initiate", Map.of("child", child, "timeout", "60000"));
    }

    private static Control control(Peer peer) {
        return peer instanceof Agent agent ? agent.control() : ((StrongSwan) peer).control();
    }

    private void down(Peer peer, String ike) {
        control(peer).request("terminate", Map.of("ike", ike, "timeout", "60000")).orFail();
        for (Peer each : List.of(moon, sun)) {
            Await.until(each.host() + " has no SA of " + ike, SOON, () -> each.sas().stream().noneMatch(sa -> sa.name().equals(ike)), () -> each.sas().toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("lab")
    void aUserOfCharonsIsLetInAndGetsAnAddress(Method method) {
        String name = "in-" + method.word();
        String address = "10.3." + tunnels().toList().indexOf(method.word()) + ".1";
        Scenario.shown(sites, () -> {
            Capture wire = sites.eavesdrop();
            up(sun, name).orFail();
            assertThat(moon.log()).contains("user carol has shown who it is by EAP-" + method, "gave user carol the address " + address);
            assertThat(moon.control().swanctl("--list-sas").orFail().out()).contains(
                    "remote 'user." + method.word() + ".lab' @ 192.0.2.2", "EAP: 'carol' [" + address + "]");
            Await.until("alice answers the user", SOON, () -> sites.sun().run("ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-I", address,
                    "-p", TwoSites.canaryPattern(), sites.addresses().alice()).ok(), moon::log);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            down(sun, name);
            met(sun, "IKEv2, a user with EAP-" + method + " and an address from the pool");
        });
    }

    /** charon's gtc asks PAM, which has no users here. */
    @ParameterizedTest
    @EnumSource(names = "GTC", mode = EnumSource.Mode.EXCLUDE)
    void ourUserIsLetInByCharon(Method method) {
        String name = "out-" + method.word();
        Scenario.shown(sites, () -> {
            up(moon, name).orFail();
            assertThat(sun.control().swanctl("--list-sas").orFail().out()).contains("remote 'user." + method.word() + ".lab' @ 192.0.2.1", "EAP: 'carol'");
            assertThat(moon.control().swanctl("--list-sas").orFail().out()).contains("remote 'sun." + method.word() + ".lab'").doesNotContain("EAP: ");
            down(moon, name);
            met(moon, "IKEv2, a user with EAP-" + method);
        });
    }

    @Test
    void aMachineShowsItsCertificateAndThenItsUserAPassword() {
        Scenario.shown(sites, () -> {
            up(sun, "in-twice").orFail();
            assertThat(moon.log()).contains("authenticated user.twice.lab, waiting for its user", "authenticated user carol of user.twice.lab");
            assertThat(moon.control().swanctl("--list-sas").orFail().out()).contains("remote 'user.twice.lab' @ 192.0.2.2[4500] EAP: 'carol' [10.3.4.1]");
            down(sun, "in-twice");
            met(sun, "IKEv2, a certificate and then a user with EAP-MSCHAPV2");
            up(moon, "out-twice").orFail();
            assertThat(sun.control().swanctl("--list-sas").orFail().out()).contains("remote 'user.twice.lab' @ 192.0.2.1[4500] EAP: 'carol'");
            down(moon, "out-twice");
            met(moon, "IKEv2, a certificate and then a user with EAP-MSCHAPV2");
        });
    }

    @Test
    void aWrongPasswordLetsNobodyInOnEitherSide() {
        Scenario.shown(sites, () -> {
            assertThat(up(sun, "in-wrong").ok()).isFalse();
            moon.awaitLog(SOON, "the peer gives up while we ask for its user: AUTHENTICATION_FAILED");
            assertThat(moon.log()).contains("user 'erin' showed a wrong password");
            assertThat(up(moon, "out-wrong").ok()).isFalse();
            moon.awaitLog(SOON, "the server refuses user 'dave'");
            assertThat(moon.sas()).isEmpty();
            assertThat(moon.log() + sun.log()).doesNotContain(PASSWORD, "another password");
        });
    }

    /** Field by field as charon says it. */
    @Test
    void connectionsAreListedAsCharonListsThem() {
        Scenario.shown(sites, () -> {
            assertThat(moon.control().swanctl("--list-conns").orFail().out())
                    .contains("in-md5: IKEv2", "remote EAP_MD5 authentication:\n    id: user.md5.lab\n    eap_id: %any")
                    .contains("local EAP_MSCHAPV2 authentication:\n    id: user.mschapv2.lab\n    eap_id: carol");
            assertThat(sun.control().swanctl("--list-conns").orFail().out())
                    .contains("remote EAP_MD5 authentication:\n    id: user.md5.lab\n    eap_id: %any");
        });
    }
}
