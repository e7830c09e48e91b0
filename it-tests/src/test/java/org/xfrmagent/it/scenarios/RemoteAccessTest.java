package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.interop.Encounters;
import org.xfrmagent.it.interop.Family;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.peers.Vpnc;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/**
 * A user on the host moon, and the gateway sun with bob behind it: aggressive mode with a group's key, XAUTH with carol's password, and an
 * address from the pool by Mode Config.
 */
@Tag("netns")
@Tag("long")
class RemoteAccessTest {
    private static final String GROUP_SECRET = "a group secret of many octets";
    private static final String PASSWORD = "carols password";

    /** The gateway's policies. */
    private static Agent gateway(TwoSites sites) {
        Agent sun = sites.with(new Agent(sites.sun(), Plane.best()));
        sites.sun().write("/etc/xfrm-agent/group.psk", GROUP_SECRET + "\n");
        sites.sun().write("/etc/xfrm-agent/carol.password", PASSWORD + "\n");
        return sun.start("""
                peers:
                  staff:
                    ike: v1-aggressive
                    accept-crackable-psk: true
                    local: { address: "%s", id: sun.lab, auth: psk }
                    remote: { address: "%%any", id: "keyid:staff", auth: xauth }
                    proposals: [aes256-sha1-modp2048]
                    pool: staff
                pools:
                  staff: { addresses: [10.3.0.0/24], dns: [10.2.0.53], nbns: [10.2.0.54], domain: inside.lab, banner: Hello carol, split: [10.2.0.0/16] }
                secrets:
                  - psk: file:group.psk
                    ids: [sun.lab, "keyid:staff"]
                users:
                  carol: { password: file:carol.password }
                policies:
                  - name: staff
                    match: { local: 0.0.0.0/0, remote: 10.3.0.0/24 }
                    action: protect
                    peer: staff
                    mode: tunnel
                    esp: [aes256-sha1]
                    start: by-peer
                """.formatted(sites.addresses().sun()));
    }

    private static Vpnc client(TwoSites sites, String groupSecret, String password) {
        Vpnc vpnc = sites.lab().closing(Vpnc.start(sites.moon(), sites.addresses().sun(), "staff", groupSecret, "carol", password));
        sites.lab().evidence("moon: output of vpnc", vpnc::output);
        return vpnc;
    }

    @Test
    @Tag("lab")
    void aUserGetsAnAddressAndReachesAHostBehindTheGateway() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = gateway(sites);
            Capture wire = sites.eavesdrop();
            Vpnc vpnc = client(sites, GROUP_SECRET, PASSWORD);
            Map<String, String> told = vpnc.awaitConnected();
            assertThat(told).containsEntry("INTERNAL_IP4_ADDRESS", "10.3.0.1").containsEntry("INTERNAL_IP4_DNS", "10.2.0.53")
                    .containsEntry("INTERNAL_IP4_NBNS", "10.2.0.54").containsEntry("CISCO_DEF_DOMAIN", "inside.lab")
                    .containsEntry("CISCO_BANNER", "Hello carol").containsEntry("CISCO_SPLIT_INC", "1")
                    .containsEntry("CISCO_SPLIT_INC_0_ADDR", "10.2.0.0").containsEntry("CISCO_SPLIT_INC_0_MASKLEN", "16")
                    .containsEntry("INTERNAL_IP4_NETMASK", "255.255.255.255");
            Await.until("bob answers carol", SOON, () -> sites.moon().run(
                    "ping", "-n", "-c", "4", "-i", "0.25", "-W", "5", "-p", TwoSites.canaryPattern(), sites.addresses().bob()).ok(), sun::log);
            assertThat(sun.sas()).hasSize(1);
            vpnc.disconnect();
            Await.until("sun knows that carol has gone", SOON, () -> sun.sas().isEmpty(), sun::log);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);

            Vpnc again = client(sites, GROUP_SECRET, PASSWORD);
            assertThat(again.awaitConnected()).as("her address is free again").containsEntry("INTERNAL_IP4_ADDRESS", "10.3.0.1");
            Encounters.noteClient(again.version(), sun, Mode.TUNNEL, Protocol.ESP, Family.IPV4, "IKEv1 aggressive mode, XAUTH, Mode Config, pull");
        });
    }

    /** strongSwan as the client: it asks for the password's verdict, and then for the address, in its own words. */
    @Test
    @Tag("lab")
    void strongSwanGetsAnAddressAsAUser() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = gateway(sites);
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(charon(sites, PASSWORD));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            Await.until("bob answers carol", SOON, () -> sites.moon().run(
                    "ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-I", "10.3.0.1", sites.addresses().bob()).ok(), sun::log);
            assertThat(sun.log()).contains("gave user carol the address 10.3.0.1");
            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            Await.until("sun knows that carol has gone", SOON, () -> sun.sas().isEmpty(), sun::log);
            Scenario.met(sites, moon, sun, "IKEv1 aggressive mode, XAUTH, an address from the pool");
        });
    }

    /** As the README recommends it: the gateway shows a certificate, and carol a password; there is no secret of a group. */
    @Test
    void strongSwanGetsAnAddressWhereTheGatewayHasACertificate() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Pki.Certified root = Pki.authority("CN=Root", Pki.Key.P256);
            Pki.Certified gate = Pki.end("CN=sun", Pki.Key.RSA_2048, root, "sun.lab");
            sites.sun().write("/etc/xfrm-agent/gate.pem", gate.pem());
            sites.sun().write("/etc/xfrm-agent/gate.key", gate.keyPem());
            sites.sun().write("/etc/xfrm-agent/carol.password", PASSWORD + "\n");
            sites.moon().write("/etc/swanctl/x509ca/root.pem", root.pem());
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).start("""
                    peers:
                      staff:
                        ike: v1-main
                        local: { address: "%s", id: sun.lab, auth: pubkey, certificate: file:gate.pem, key: file:gate.key }
                        remote: { address: "%%any", id: "%%any", auth: hybrid }
                        proposals: [aes256-sha1-modp2048]
                        pool: staff
                    pools:
                      staff: { addresses: [10.3.0.0/24], dns: [10.2.0.53] }
                    users:
                      carol: { password: file:carol.password }
                    policies:
                      - { name: staff, match: { local: 0.0.0.0/0, remote: 10.3.0.0/24 }, action: protect, peer: staff, esp: [aes256-sha1], start: by-peer }
                    """.formatted(sites.addresses().sun()));
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start("""
                    connections {
                      sun {
                        version = 1
                        remote_addrs = %s
                        vips = 0.0.0.0
                        proposals = aes256-sha1-modp2048
                        keyingtries = 1
                        local {
                          auth = xauth
                          id = carol@moon.lab
                          xauth_id = carol
                        }
                        remote {
                          auth = pubkey
                          id = sun.lab
                        }
                        children {
                          office {
                            remote_ts = 10.2.0.0/16
                            esp_proposals = aes256-sha1
                          }
                        }
                      }
                    }
                    secrets {
                      xauth-carol {
                        id = carol
                        secret = "%s"
                      }
                    }
                    """.formatted(sites.addresses().sun(), PASSWORD));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            Await.until("bob answers carol", SOON, () -> sites.moon().run(
                    "ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-I", "10.3.0.1", sites.addresses().bob()).ok(), sun::log);
            assertThat(sun.log()).contains("gave user carol the address 10.3.0.1").doesNotContain(PASSWORD);
            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            Await.until("sun knows that carol has gone", SOON, () -> sun.sas().isEmpty(), sun::log);
            Scenario.met(sites, moon, sun, "IKEv1 main mode, hybrid, an address from the pool");
        });
    }

    @Test
    void strongSwanWithAWrongPasswordIsRefused() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = gateway(sites);
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(charon(sites, "another password"));
            assertThat(moon.control().request("initiate", Map.of("child", "office", "timeout", "20000")).ok()).isFalse();
            Await.until("sun has nothing of it", SOON, () -> sun.sas().isEmpty(), sun::log);
            assertThat(sun.log()).contains("user 'carol' with a wrong password");
            assertThat(sites.sun().states()).isBlank();
            Scenario.met(sites, moon, sun, "refusal of a user's wrong password");
        });
    }

    /**
     * strongSwan does phase 1 anew every few seconds, with the password: carol keeps her address and her tunnel, and the gateway has one
     * lease of hers all the time.
     */
    @Test
    @Tag("lab")
    void aUserStaysThroughNewPhases1() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = gateway(sites);
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(charon(sites, PASSWORD)
                    .replace("    keyingtries = 1\n", "    keyingtries = 1\n    reauth_time = 10s\n    rekey_time = 0s\n    rand_time = 0s\n    over_time = 8s\n"));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            Await.until("bob answers carol", SOON, () -> sites.moon().run(
                    "ping", "-n", "-c", "1", "-W", "5", "-I", "10.3.0.1", sites.addresses().bob()).ok(), sun::log);
            Running ping = sites.moon().start("ping", "-n", "-i", "0.25", "-W", "5", "-I", "10.3.0.1", sites.addresses().bob());
            Await.until("carol has come in three times", SOON, () -> sun.log().split("let user carol of keyid:staff in", -1).length > 3, sun::log);
            ping.interrupt();
            ping.awaitExit(SOON);
            List<Integer> answered = Pattern.compile("icmp_seq=(\\d+) ttl").matcher(ping.output()).results().map(one -> Integer.valueOf(one.group(1))).toList();
            assertThat(answered).as("every ping is answered").isEqualTo(IntStream.rangeClosed(1, answered.size()).boxed().toList());
            assertThat(sun.log()).doesNotContain("child SA down");
            assertThat(sun.control().swanctl("--list-pools", "--leases").orFail().out()).contains("10.3.0.1").doesNotContain("10.3.0.2");
            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            Await.until("sun knows that carol has gone", SOON, () -> sun.sas().isEmpty(), sun::log);
            Scenario.met(sites, moon, sun, "IKEv1 aggressive mode, XAUTH, phase 1 anew with the password");
        });
    }

    /** The agent as the user: the same tunnel between the sites, with a password behind the key. */
    @Test
    void theAgentShowsItsUsersPasswordToStrongSwan() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withAggressiveMode();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(asking(tunnel));
            Agent moon = user(sites, tunnel, PASSWORD);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(2).orFail();
            moon.down(tunnel).orFail();
            sun.awaitDown(tunnel, SOON);
            Scenario.met(sites, moon, sun, "IKEv1 aggressive mode, XAUTH");
        });
    }

    @Test
    void theAgentsUserIsRefusedByStrongSwan() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withAggressiveMode();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(asking(tunnel));
            Agent moon = user(sites, tunnel, "another password");
            assertThat(moon.up(tunnel).ok()).isFalse();
            assertThat(moon.log()).contains("the gateway does not let our user in").doesNotContain("another password");
            Await.until("moon has nothing of it", SOON, () -> moon.sas().isEmpty(), moon::log);
            Scenario.met(sites, moon, sun, "refusal of a user's wrong password");
        });
    }

    private static Agent user(TwoSites sites, Tunnel tunnel, String password) {
        sites.moon().write("/etc/xfrm-agent/carol.password", password + "\n");
        return sites.with(new Agent(sites.moon(), Plane.best())).start(
                yaml -> yaml.replaceFirst("id: moon.lab, auth: psk", "id: moon.lab, auth: xauth, user: carol")
                        + "users:\n  carol: { password: file:carol.password }\n",
                tunnel);
    }

    /** What strongSwan would be told of the other end, and that there is a user as well. */
    private static String asking(Tunnel tunnel) {
        return StrongSwan.connections(List.of(tunnel.reversed())).replace("    children {", """
                    remote-user {
                      auth = xauth
                    }
                    children {""")
                + "secrets {\n  xauth-carol {\n    id = carol\n    secret = \"" + PASSWORD + "\"\n  }\n}\n";
    }

    private static String charon(TwoSites sites, String password) {
        return """
                connections {
                  sun {
                    version = 1
                    aggressive = yes
                    remote_addrs = %s
                    vips = 0.0.0.0
                    proposals = aes256-sha1-modp2048
                    keyingtries = 1
                    local {
                      auth = psk
                      id = keyid:staff
                    }
                    local-user {
                      auth = xauth
                      xauth_id = carol
                    }
                    remote {
                      auth = psk
                      id = sun.lab
                    }
                    children {
                      office {
                        remote_ts = 10.2.0.0/16
                        esp_proposals = aes256-sha1
                      }
                    }
                  }
                }
                secrets {
                  ike-staff {
                    id-1 = keyid:staff
                    id-2 = sun.lab
                    secret = "%s"
                  }
                  xauth-carol {
                    id = carol
                    secret = "%s"
                  }
                }
                """.formatted(sites.addresses().sun(), GROUP_SECRET, password);
    }

    @Test
    void aWrongPasswordOrGroupSecretIsRefused() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = gateway(sites);
            client(sites, GROUP_SECRET, "another password").awaitEnd();
            Await.until("sun has nothing of it", SOON, () -> sun.sas().isEmpty(), sun::log);
            assertThat(sun.log()).contains("user 'carol' with a wrong password");

            assertThat(client(sites, "not the secret of the group", PASSWORD).awaitEnd()).contains("hash comparison failed");
            Await.until("sun has nothing of it", SOON, () -> sun.sas().isEmpty(), sun::log);
            assertThat(sun.log()).doesNotContain(PASSWORD).doesNotContain(GROUP_SECRET);
            assertThat(sites.sun().states()).isBlank();
        });
    }
}
