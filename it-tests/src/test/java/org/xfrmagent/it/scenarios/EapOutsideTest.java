package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.CertificateFolder;
import org.xfrmagent.it.peers.FreeRadius;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Pki.Certified;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.TwoSites;

/**
 * Users whose EAP a session cannot hold alone: FreeRADIUS on alice judges charon's users for moon, and moon's for charon. The latter is EAP-TLS between
 * moon and OpenSSL. charon's own TLS 1.2 has no extended master secret, without which the JDK gives no key, and its TLS 1.3 ends charon 5.9.8 where
 * RFC 9190 has the server say that it is satisfied: so between moon and charon themselves there is none. Users of XAUTH are judged there as well.
 *
 * <pre>
 *   alice (RADIUS) ── 10.1.0.1 moon 192.0.2.1 ═══════ 192.0.2.2 sun
 * </pre>
 */
@Tag("netns")
@TestInstance(Lifecycle.PER_CLASS)
class EapOutsideTest {
    private static final String SECRET = "what only moon and alice know";
    private static final String PASSWORD = "carol's password";

    private TwoSites sites;
    private FreeRadius radius;
    private Agent moon;
    private StrongSwan sun;

    @BeforeAll
    void start() {
        sites = TwoSites.ipv4();
        Certified root = Pki.authority("CN=Root", Pki.Key.P256);
        Certified gate = Pki.end("CN=moon", Pki.Key.P256, root, "moon.lab");
        Certified other = Pki.end("CN=sun", Pki.Key.P256, root, "sun.lab");
        Certified user = Pki.end("CN=carol", Pki.Key.P256, root, "carol.lab");
        Certified judge = Pki.end("CN=radius", Pki.Key.P256, root, "radius.lab");
        radius = new FreeRadius(
                sites.alice(), SECRET,
                Map.of("carol", "Cleartext-Password := \"" + PASSWORD + "\"\n  Framed-IP-Address = 10.3.0.77", "dave", "Cleartext-Password := \"dave's\"",
                        "erin", "Cleartext-Password := \"erin's\"\n  Class = \"staff\",\n  Session-Timeout = 7200", "frank", "Cleartext-Password := \"frank's\"\n  Class += \"night shift\",\n  Class += \"guests\"",
                        "grace", "Cleartext-Password := \"grace's\"\n  Class = \"payroll\""),
                judge, root);
        CertificateFolder moons = CertificateFolder.ofAgent(sites.moon());
        moons.believes("root", root);
        moons.owns("moon", gate);
        moons.owns("carol", user);
        sites.moon().write("/etc/xfrm-agent/radius.secret", SECRET + "\n");
        sites.moon().write("/etc/xfrm-agent/group.psk", "what the whole group knows\n");
        CertificateFolder suns = CertificateFolder.ofSwanctl(sites.sun());
        suns.believes("root", root);
        suns.owns("sun", other);
        suns.owns("carol", user);
        sun = sites.with(new StrongSwan(sites.sun(), Plane.best(), charon())).start(swanctl());
        moon = sites.with(new Agent(sites.moon(), Plane.best())).start(yaml());
    }

    @AfterAll
    void end() {
        radius.close();
        sites.close();
    }

    private String yaml() {
        return """
                authorities: { root: { certificate: file:root.pem } }
                radius:
                  nas-identifier: moon
                  accounting: true
                  servers:
                    - { address: 10.1.0.10, secret: file:radius.secret }
                pools: { judged: { addresses: [10.3.0.0/24] }, own: { addresses: [10.4.0.0/24] }, staff: { addresses: [10.5.0.0/24] }, guests: { addresses: [10.6.0.0/24] },
                  old-staff: { addresses: [10.7.0.0/24] }, old-guests: { addresses: [10.8.0.0/24] } }
                secrets: [ { psk: file:group.psk } ]
                peers:
                  in-judged:
                    local: { address: %1$s, id: moon.lab, auth: pubkey, certificate: file:moon.pem, key: file:moon.key }
                    remote: { id: "*.judged.lab", auth: eap, methods: radius }
                    pool: judged
                  in-own:
                    local: { address: %1$s, id: moon.lab, auth: pubkey, certificate: file:moon.pem, key: file:moon.key }
                    remote: { id: user.own.lab, auth: eap, methods: tls }
                    pool: own
                  in-staff:
                    local: { address: %1$s, id: moon.lab, auth: pubkey, certificate: file:moon.pem, key: file:moon.key }
                    remote: { id: "*.member.lab", auth: eap, methods: radius, groups: [staff, admins] }
                    pool: staff
                  in-guests:
                    local: { address: %1$s, id: moon.lab, auth: pubkey, certificate: file:moon.pem, key: file:moon.key }
                    remote: { id: "*.member.lab", auth: eap, methods: radius, groups: guests }
                    pool: guests
                  old-staff:
                    ike: v1-main
                    proposals: [aes256-sha256-modp2048]
                    local: { address: %1$s, auth: psk }
                    remote: { address: %2$s, auth: xauth, methods: radius, groups: staff }
                    pool: old-staff
                  old-guests:
                    ike: v1-main
                    proposals: [aes256-sha256-modp2048]
                    local: { address: %1$s, auth: psk }
                    remote: { address: %2$s, auth: xauth, methods: radius, groups: guests }
                    pool: old-guests
                  out-tls:
                    local: { address: %1$s, id: carol.lab, auth: eap, methods: tls, user: carol.lab, aaa-id: radius.lab, certificate: file:carol.pem, key: file:carol.key }
                    remote: { address: %2$s, id: sun.lab, auth: pubkey, authorities: [root] }
                    retransmission: { base: 2s, factor: 1.5, tries: 3 }
                policies:
                """.formatted(sites.addresses().moon(), sites.addresses().sun())
                + policy("in-judged", "10.3.0.0/24") + policy("in-own", "10.4.0.0/24")
                + policy("in-staff", "10.5.0.0/24") + policy("in-guests", "10.6.0.0/24")
                + policy("old-staff", "10.7.0.0/24").replace("aes256gcm16", "aes256-sha256") + policy("old-guests", "10.8.0.0/24").replace("aes256gcm16", "aes256-sha256") + policy("out-tls", "10.2.0.0/24");
    }

    /** charon's own client of RADIUS; alice is reached in the clear. */
    private static String charon() {
        return """
                plugins {
                  eap-radius {
                    servers {
                      alice {
                        address = 10.1.0.10
                        secret = "%s"
                      }
                    }
                  }
                }
                """.formatted(SECRET);
    }

    private static String policy(String name, String remote) {
        return "  - { name: %1$s, match: { local: 10.1.0.0/16, remote: %2$s }, action: protect, peer: %1$s, esp: [aes256gcm16], start: by-peer }%n"
                .formatted(name, remote);
    }

    private String swanctl() {
        return "connections {\n"
                + in("mschapv2.judged", "auth = eap-mschapv2\neap_id = carol") + in("md5.judged", "auth = eap-md5\neap_id = carol") + in("wrong.judged", "auth = eap-mschapv2\neap_id = dave")
                + in("tls.judged", "auth = eap-tls\ncerts = carol.pem\neap_id = carol.lab\naaa_id = radius.lab")
                + in("erin.member", "auth = eap-mschapv2\neap_id = erin") + in("frank.member", "auth = eap-mschapv2\neap_id = frank")
                + in("grace.member", "auth = eap-mschapv2\neap_id = grace")
                + old("frank") + old("grace")
                + in("own", "auth = eap-tls\ncerts = carol.pem\neap_id = carol.lab") + """
                out-tls {
                  version = 2
                  local_addrs = %1$s
                  remote_addrs = %2$s
                  local {
                    auth = pubkey
                    id = sun.lab
                    certs = sun.pem
                  }
                  remote {
                    auth = eap-radius
                    id = carol.lab
                    eap_id = %%any
                  }
                  children {
                    out-tls {
                      local_ts = 10.2.0.0/24
                      remote_ts = 10.1.0.0/16
                      esp_proposals = aes256gcm16
                    }
                  }
                }
                }
                secrets {
                  eap-carol {
                    id = carol
                    secret = "%3$s"
                  }
                  eap-dave {
                    id = dave
                    secret = "not dave's"
                  }
                """.formatted(sites.addresses().sun(), sites.addresses().moon(), PASSWORD) + "ike-group { secret = \"what the whole group knows\" }\n"
                + secret("erin") + secret("frank") + secret("grace") + """
                }
                """;
    }

    /** A user of IKEv1, whose password alice is shown. */
    private String old(String user) {
        return """
                in-old-%1$s {
                  version = 1
                  proposals = aes256-sha256-modp2048
                  local_addrs = %2$s
                  remote_addrs = %3$s
                  vips = 0.0.0.0
                  local {
                    auth = psk
                  }
                  local-user {
                    auth = xauth
                    xauth_id = %1$s
                  }
                  remote {
                    auth = psk
                  }
                  children {
                    in-old-%1$s {
                      remote_ts = 10.1.0.0/16
                      esp_proposals = aes256-sha256
                    }
                  }
                }
                """.formatted(user, sites.addresses().sun(), sites.addresses().moon());
    }

    private static String secret(String user) {
        return "eap-%1$s {%nid = %1$s%nsecret = \"%1$s's\"%n}%n".formatted(user);
    }

    private String in(String name, String local) {
        return """
                in-%5$s {
                  version = 2
                  local_addrs = %2$s
                  remote_addrs = %3$s
                  vips = 0.0.0.0
                  local {
                    id = user.%1$s.lab
                    %4$s
                  }
                  remote {
                    auth = pubkey
                    id = moon.lab
                  }
                  children {
                    in-%5$s {
                      remote_ts = 10.1.0.0/16
                      esp_proposals = aes256gcm16
                    }
                  }
                }
                """.formatted(name, sites.addresses().sun(), sites.addresses().moon(), local, name.replaceFirst("\\..*", ""));
    }

    private Result up(String name) {
        return name.startsWith("in-")
                ? sun.control().request("initiate", Map.of("child", name, "timeout", "60000"))
                : moon.control().request("initiate", Map.of("child", name, "timeout", "60000"));
    }

    private void down(String name) {
        sun.control().request("terminate", Map.of("ike", name, "timeout", "60000")).orFail();
        Await.until("moon has no SA", SOON, () -> moon.sas().isEmpty(), () -> moon.sas().toString());
    }

    /** @param listed what swanctl says of the user */
    private void letIn(String name, String user, String listed, String method) {
        up(name).orFail();
        moon.awaitLog(SOON, "user " + user + " has shown who it is by " + method);
        assertThat(moon.control().swanctl("--list-sas").orFail().out()).contains("EAP: '" + user + "' " + listed);
        down(name);
    }

    /** With the keys that FreeRADIUS gives: IKE's AUTH is made with them. And with the address that it has for the user. */
    @Test
    void aUserWhomRadiusKnowsIsLetIn() {
        Scenario.shown(sites, () -> {
            letIn("in-mschapv2", "carol", "[10.3.0.77]", "EAP-MSCHAPV2");
            letIn("in-md5", "carol", "[10.3.0.77]", "EAP-MD5");
            assertThat(radius.log()).contains("NAS-Identifier = \"moon\"", "Calling-Station-Id = \"192.0.2.2[4500]\"", "User-Name = \"carol\"");
        });
    }

    @Test
    void aUserWhomRadiusRefusesIsNot() {
        Scenario.shown(sites, () -> {
            assertThat(up("in-wrong").ok()).isFalse();
            moon.awaitLog(SOON, "the RADIUS server refuses user 'dave' after EAP-MSCHAPV2");
        });
    }

    /** Both connections fit their identity; their Class says which of them theirs is, and so from which pool their address comes. */
    @Test
    void theGroupsOfAUserSayWhichConnectionIsItsOwn() {
        Scenario.shown(sites, () -> {
            up("in-erin").orFail();
            sun.awaitLog(SOON, "received AUTH_LIFETIME of 7200s");
            up("in-frank").orFail();
            String sas = moon.control().swanctl("--list-sas").orFail().out();
            assertThat(sas).containsPattern("in-staff: #\\d+, ESTABLISHED, IKEv2").contains("EAP: 'erin' [10.5.0.1]")
                    .containsPattern("in-guests: #\\d+, ESTABLISHED, IKEv2").contains("EAP: 'frank' [10.6.0.1]");
            moon.awaitLog(SOON, "it is not peer in-staff: is user frank, a member of [night shift, guests], peer in-staff has members of [staff, admins]; it is in-guests");
            assertThat(moon.control().swanctl("--list-conns").orFail().out()).contains("groups: staff", "groups: guests");
            sun.control().request("terminate", Map.of("ike", "in-erin", "timeout", "60000")).orFail();
            down("in-frank");
        });
    }

    @Test
    void aUserWhoIsInNoGroupThatIsWantedIsRefused() {
        Scenario.shown(sites, () -> {
            assertThat(up("in-grace").ok()).isFalse();
            moon.awaitLog(SOON, "is user grace, a member of [payroll], peer in-staff has members of [staff, admins]; "
                    + "is user grace, a member of [payroll], peer in-guests has members of [guests]");
            assertThat(moon.sas()).isEmpty();
        });
    }

    /** IKEv1: alice is shown the password itself, under the secret that it and moon have. */
    @Test
    void aUserOfXauthIsJudgedAndHasGroupsToo() {
        Scenario.shown(sites, () -> {
            up("in-old-frank").orFail();
            assertThat(moon.control().swanctl("--list-sas").orFail().out()).containsPattern("old-guests: #\\d+, ESTABLISHED, IKEv1").contains("XAuth: 'frank' [10.8.0.1]");
            moon.awaitLog(SOON, "it is not peer old-staff: is user frank, a member of [night shift, guests], peer old-staff has members of [staff]; it is old-guests");
            assertThat(radius.log()).contains("User-Name = \"frank\"", "Auth-Type = PAP");
            down("in-old-frank");
            assertThat(up("in-old-grace").ok()).isFalse();
            moon.awaitLog(SOON, "is user grace, a member of [payroll], peer old-staff has members of [staff]; is user grace, a member of [payroll], peer old-guests has members of [guests]");
            Await.until("moon has no SA", SOON, () -> moon.sas().isEmpty(), () -> moon.sas().toString());
        });
    }

    /** RFC 2866: alice is told who came with which address, and what it has sent and got when it goes; with the Class that alice has sent. */
    @Test
    void theServerIsToldWhoCameAndWhatItHasCarried() {
        Scenario.shown(sites, () -> {
            up("in-frank").orFail();
            sites.sun().run("ping", "-n", "-c", "3", "-i", "0.2", "-W", "5", "10.1.0.10").orFail();
            down("in-frank");
            Await.until("alice has heard that frank went", SOON, () -> accounted("Stop").isPresent(), radius::log);
            String start = accounted("Start").orElseThrow();
            assertThat(start).contains("User-Name = \"frank\"", "Framed-IP-Address = 10.6.0.", "NAS-Identifier = \"moon\"", "Acct-Authentic = RADIUS", "Class = 0x677565737473",
                    "NAS-Port-Id = \"in-guests\"");
            String stop = accounted("Stop").orElseThrow();
            assertThat(stop).contains("User-Name = \"frank\"", "Acct-Input-Packets = 3", "Acct-Output-Packets = 3", "Acct-Terminate-Cause = User-Request", "Acct-Session-Time = ")
                    .doesNotContain("Acct-Input-Octets = 0\n");
            assertThat(session(stop)).isEqualTo(session(start));
        });
    }

    /** The last thing of this kind that alice was told of frank. */
    private Optional<String> accounted(String status) {
        return Arrays.stream(radius.log().split("(?=Received Accounting-Request)"))
                .filter(each -> each.startsWith("Received Accounting-Request") && each.contains("Acct-Status-Type = " + status) && each.contains("\"frank\"") && each.contains("\"in-guests\""))
                .reduce((_, last) -> last);
    }

    private static String session(String told) {
        return told.lines().filter(line -> line.contains("Acct-Session-Id")).findFirst().orElseThrow().replaceFirst("^\\(\\d+\\)", "").strip();
    }

    /** charon's TLS 1.2 with OpenSSL's, through moon. */
    @Test
    void aUserShowsACertificateToRadius() {
        Scenario.shown(sites, () -> letIn("in-tls", "carol.lab", "[10.3.0.1]", "EAP-TLS"));
    }

    @Test
    void aUserWhoseTlsGivesNoKeyIsRefusedByName() {
        Scenario.shown(sites, () -> {
            assertThat(up("in-own").ok()).isFalse();
            moon.awaitLog(SOON, "the other end has TLSv1.2 without the extended master secret");
        });
    }

    /** TLS 1.3 with OpenSSL, through charon: its AUTH is made with the key that FreeRADIUS has given it, and ours with the one of our TLS. */
    @Test
    void ourUserShowsACertificateToRadius() {
        Scenario.shown(sites, () -> {
            up("out-tls").orFail();
            assertThat(sun.control().swanctl("--list-sas").orFail().out()).contains("remote 'carol.lab' @ 192.0.2.1");
            assertThat(radius.log()).contains("TLS-Session-Version = \"TLS 1.3\"");
            down("out-tls");
        });
    }
}
