package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** What a swanctl.conf asks of the certificates of its peer: the agent believes whom charon believes, and nobody else. */
@Tag("netns")
class CertificateDemandsTest {
    private static final String GOLD = "1.3.6.1.4.1.32473.1";
    /** Charon asks a root for the policy too; by RFC 5280 an authority that is believed is believed for all. */
    private static final Pki.Certified ROOT = Pki.authorityUnder(GOLD, "C=CH,O=Lab,CN=Root", Pki.Key.RSA_2048);
    private static final Pki.Certified MOON = Pki.endUnder(GOLD, "C=CH,O=Lab,CN=moon", Pki.Key.P384, ROOT, "moon.lab");
    private static final Pki.Certified SUN = Pki.endUnder(GOLD, "C=CH,O=Lab,CN=sun", Pki.Key.P384, ROOT, "sun.lab");

    private static Map<String, Boolean> verdicts() {
        Map<String, Boolean> verdicts = new LinkedHashMap<>();
        verdicts.put("auth = ecdsa-384-rsa-2048", true);
        verdicts.put("auth = ecdsa-384", false);
        verdicts.put("auth = ecdsa-521-rsa-2048", false);
        verdicts.put("auth = ecdsa-384-rsa-3072", false);
        verdicts.put("auth = rsa-2048", false);
        verdicts.put("auth = pubkey-sha256-sha384", true);
        verdicts.put("auth = pubkey-sha384", false);
        verdicts.put("auth = ecdsa-sha256-sha384", false);
        verdicts.put("auth = ike:ecdsa-sha384", true);
        verdicts.put("auth = ike:ecdsa-sha512", false);
        verdicts.put("auth = pubkey-sha256-ike:ecdsa-sha384", true);
        verdicts.put("auth = pubkey-sha384-ike:ecdsa-sha384", false);
        verdicts.put("cert_policy = " + GOLD, true);
        verdicts.put("cert_policy = 1.3.6.1.4.1.32473.2", false);
        verdicts.put("cert_policy = " + GOLD + ", 1.3.6.1.4.1.32473.2", false);
        return verdicts;
    }

    private static void folders(Host host, Pki.Certified own) {
        host.write("/etc/swanctl/x509ca/root.pem", ROOT.pem());
        host.write("/etc/swanctl/x509/own.pem", own.pem());
        host.write("/etc/swanctl/private/own.pem", own.keyPem());
        host.shell("chmod 600 /etc/swanctl/private/own.pem");
    }

    private static String connections(Tunnel tunnel, String demand) {
        String remote = demand.startsWith("auth") ? demand : "auth = pubkey\n" + demand;
        return StrongSwan.connections(List.of(tunnel)).replaceFirst("auth = psk", "auth = ike:ecdsa-sha384\ncerts = own.pem").replaceFirst("auth = psk", remote)
                .replaceFirst("(?s)secrets \\{.*", "");
    }

    @Test
    void theSamePeersAreBelieved() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            folders(sites.moon(), MOON);
            folders(sites.sun(), SUN);
            String none = "auth = pubkey";
            Control sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(connections(tunnel.reversed(), none)).control();
            Control moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(connections(tunnel, none)).control();
            Map<String, String> seen = new LinkedHashMap<>();
            Map<String, String> expected = new LinkedHashMap<>();
            verdicts().forEach((demand, believed) -> {
                // Charon asks, then the agent does.
                reload(sites.moon(), moon, connections(tunnel, none));
                reload(sites.sun(), sun, connections(tunnel.reversed(), demand));
                boolean charons = isUp(moon, "sun", tunnel);
                reload(sites.sun(), sun, connections(tunnel.reversed(), none));
                reload(sites.moon(), moon, connections(tunnel, demand));
                boolean agents = isUp(sun, "moon", tunnel);
                seen.put(demand, "charon " + charons + ", agent " + agents);
                expected.put(demand, "charon " + believed + ", agent " + believed);
            });
            assertThat(seen).isEqualTo(expected);
        });
    }

    private static final Pki.Certified ATTRIBUTES = Pki.end("C=CH,O=Lab,CN=Attributes", Pki.Key.P256, ROOT);

    private static String members(String name, Tunnel tunnel, String groups) {
        return """
                connections { %s { version = 2
                    local_addrs = %s
                    remote_addrs = %s
                    proposals = %s
                    local { auth = pubkey
                            certs = own.pem
                            id = moon.lab }
                    remote { auth = pubkey
                             id = sun.lab
                             groups = %s }
                    children { %s { local_ts = %s
                                    remote_ts = %s
                                    esp_proposals = %s } } } }
                """.formatted(name, tunnel.local().address(), tunnel.remote().address(), String.join(",", tunnel.ike()), groups, name, tunnel.local().subnet(),
                tunnel.remote().subnet(), String.join(",", tunnel.esp()));
    }

    /**
     * RFC 5755: charon needs a plugin for it that nobody's packages have (acert), but its swanctl loads what stands in x509ac and x509aa. Of two
     * connections that charon's identity fits, its groups say which is its own.
     */
    @Test
    void anAttributeCertificateSaysWhichConnectionItIs() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            folders(sites.moon(), MOON);
            folders(sites.sun(), SUN);
            sites.moon().write("/etc/swanctl/x509aa/attributes.pem", ATTRIBUTES.pem());
            sites.moon().write("/etc/swanctl/x509ac/sun.pem", Pki.attributes(ATTRIBUTES, SUN, "staff", "night shift"));
            Control sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(connections(tunnel.reversed(), "auth = pubkey")).control();
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(members("guests", tunnel, "guests") + members("staff", tunnel, "admins, staff"));
            assertThat(moon.control().swanctl("--list-certs", "--raw", "--type", "x509_ac").orFail().out()).contains("type=X509_AC data=0x30");
            sun.swanctl("--initiate", "--child", tunnel.name()).orFail();
            moon.awaitLog(Scenario.SOON, "is a member of [staff, night shift], peer guests has members of [guests]; perhaps it is staff");
            assertThat(moon.control().swanctl("--list-sas").orFail().out()).contains("staff: #").doesNotContain("guests: #");
            sun.swanctl("--terminate", "--ike", "moon").orFail();
            sites.moon().write("/etc/swanctl/swanctl.conf", members("guests", tunnel, "guests"));
            moon.control().swanctl("--load-conns").orFail();
            assertThat(sun.swanctl("--initiate", "--child", tunnel.name()).ok()).isFalse();
        });
    }

    private static void reload(Host host, Control control, String conf) {
        host.write("/etc/swanctl/swanctl.conf", conf);
        control.swanctl("--load-conns").orFail();
    }

    /** Calls, and takes down what came of it: an IKE SA that stays was agreed under what was asked for before. */
    private static boolean isUp(Control caller, String connection, Tunnel tunnel) {
        boolean up = caller.swanctl("--initiate", "--child", tunnel.name()).status() == 0;
        if (up) {
            caller.swanctl("--terminate", "--ike", connection).orFail();
        }
        return up;
    }
}
