package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.SwanctlCertificatesTest.MOON;
import static org.xfrmagent.it.scenarios.SwanctlCertificatesTest.SUN;
import static org.xfrmagent.it.scenarios.SwanctlCertificatesTest.connections;
import static org.xfrmagent.it.scenarios.SwanctlCertificatesTest.folders;
import static org.xfrmagent.it.scenarios.SwanctlCertificatesTest.ipsec;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** Keys in swanctl's folders: public ones in the place of certificates, private ones behind passphrases. */
@Tag("netns")
class SwanctlKeysTest {
    /** With what swanctl needs to open keys. */
    private static final String OPENING = "swanctl {\n  load = random pem pkcs1 pkcs7 pkcs8 pkcs12 rc2 aes des sha1 sha2 hmac x509 openssl\n}\n";

    /** swanctl itself opens what is encrypted before it sends it; converted, the agent does; starter's charon reads an older form. */
    @Test
    void encryptedKeysAndContainersAreOpened() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Host host = sites.moon();
            folders(host, MOON);
            folders(sites.sun(), SUN);
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(connections(tunnel.reversed()));
            host.shell("cd /etc/swanctl; mkdir -p pkcs12 /etc/ipsec.d/private; umask 077;"
                    + "openssl pkcs12 -export -inkey private/own.pem -in x509/own.pem -passout pass:hush -out pkcs12/own.p12;"
                    + "openssl rsa -in private/own.pem -traditional -aes128 -passout pass:hush -out /etc/ipsec.d/private/moon.pem;"
                    + "openssl pkcs8 -topk8 -in private/own.pem -passout pass:hush -out locked.pem; mv locked.pem private/own.pem");
            String inPkcs8 = connections(tunnel) + "secrets { private-own { file = own.pem\n secret = hush } }\n";
            String inPkcs12 = connections(tunnel).replaceFirst(" certs = own.pem", "") + "secrets { pkcs12-own { file = own.p12\n secret = hush } }\n";

            Agent moon = sites.with(new Agent(host, Plane.best())).startAndLoad("");
            host.write("/etc/strongswan.conf", OPENING);
            load(host, moon, inPkcs8);
            comesUp(sites, tunnel, "sun", moon, sun);
            host.shell("rm /etc/swanctl/private/own.pem /etc/swanctl/x509/own.pem");
            load(host, moon, inPkcs12);
            comesUp(sites, tunnel, "sun", moon, sun);
            moon.close();

            host.shell(Agent.program() + " convert /etc/swanctl/swanctl.conf -o /etc/xfrm-agent");
            assertThat(host.shell("cat /etc/xfrm-agent/policies.yaml; stat -c %a /etc/xfrm-agent/pkcs12-own.passphrase")).endsWith("600\n").doesNotContain("hush");
            Agent converted = sites.with(new Agent(host, Plane.best())).startOn("/etc/xfrm-agent");
            comesUp(sites, tunnel, "sun", converted, sun);
            assertThat(converted.log()).doesNotContain("hush");
            converted.close();

            String conf = ipsec(host, tunnel, ": RSA moon.pem hush\n");
            StrongSwan charon = sites.with(new StrongSwan(host, Plane.best())).startWithStarter("", conf, ": RSA moon.pem hush\n");
            charon.control().swanctl("--initiate", "--child", tunnel.name()).orFail();
            sun.awaitUp(tunnel, Scenario.SOON);
            charon.close();
            sun.control().swanctl("--terminate", "--ike", "moon", "--force").all();
            sun.awaitNoSas(Scenario.SOON);
            host.shell("rm -rf /etc/xfrm-agent");
            host.shell(Agent.program() + " convert /etc/ipsec.conf /etc/ipsec.secrets -o /etc/xfrm-agent");
            comesUp(sites, tunnel, tunnel.name(), sites.with(new Agent(host, Plane.best())).startOn("/etc/xfrm-agent"), sun);
        });
    }

    private static void load(Host host, Agent moon, String conf) {
        host.write("/etc/swanctl/swanctl.conf", conf);
        moon.control().swanctl("--load-all", "--noprompt").orFail();
    }

    private static void comesUp(TwoSites sites, Tunnel tunnel, String connection, Agent moon, StrongSwan sun) {
        moon.up(tunnel).orFail();
        sun.awaitUp(tunnel, Scenario.SOON);
        sites.ping(2).orFail();
        moon.control().swanctl("--terminate", "--ike", connection).orFail();
        sun.awaitNoSas(Scenario.SOON);
    }

    /** {@code pubkeys}: keys that both sides have of each other, and no certificate (RFC 7670 without its payload, as charon has it). */
    @Test
    void publicKeysWithoutCertificatesRunUnchanged() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            publicKeys(sites.moon(), MOON, SUN);
            publicKeys(sites.sun(), SUN, MOON);
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(byPublicKey(tunnel.reversed()));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(byPublicKey(tunnel));
            SwanctlCertificatesTest.tunnel(sites, tunnel, moon, sun);
            // Who names nobody is called as its key is.
            sites.moon().write("/etc/swanctl/swanctl.conf", byPublicKey(tunnel).replaceAll("id = \\S+", ""));
            moon.control().swanctl("--load-all", "--noprompt").orFail();
            sites.sun().write("/etc/swanctl/swanctl.conf", byPublicKey(tunnel.reversed()).replaceAll("id = \\S+", ""));
            sun.control().swanctl("--load-all", "--noprompt").orFail();
            SwanctlCertificatesTest.tunnel(sites, tunnel, moon, sun);
            Scenario.met(sites, moon, sun, "public keys of charon's folder, without certificates");
            moon.close();
            sites.moon().shell(Agent.program() + " convert /etc/swanctl/swanctl.conf -o /etc/xfrm-agent");
            Agent converted = sites.with(new Agent(sites.moon(), Plane.best())).startOn("/etc/xfrm-agent");
            converted.up(tunnel).orFail();
            sun.awaitUp(tunnel, Scenario.SOON);
            sites.ping(4).orFail();
        });
    }

    @Test
    void publicKeysAreListedAlike() {
        SwanctlCertificatesTest.compare(host -> publicKeys(host, MOON, SUN), tunnel -> byPublicKey(tunnel) + """
                connections { venus { version = 2
                    local { auth = pubkey
                            pubkeys = own.pem }
                    remote { auth = pubkey
                             pubkeys = other.pem } } }
                """, (script, _) -> {
            script.askPlain("--list-certs", "--raw");
            script.askPlain("--list-certs", "--type", "pubkey", "--raw");
            script.ask("--list-conns");
            script.askPlain("--load-all", "--noprompt");
        });
    }

    private static void publicKeys(Host host, Pki.Certified own, Pki.Certified other) {
        host.write("/etc/swanctl/pubkey/own.pem", own.publicKeyPem());
        host.write("/etc/swanctl/pubkey/other.pem", other.publicKeyPem());
        host.write("/etc/swanctl/private/own.pem", own.keyPem());
        host.shell("chmod 600 /etc/swanctl/private/own.pem");
    }

    private static String byPublicKey(Tunnel tunnel) {
        return StrongSwan.connections(List.of(tunnel)).replace("auth = psk", "auth = pubkey").replaceFirst("local \\{", "local {\n pubkeys = own.pem")
                .replaceFirst("remote \\{", "remote {\n pubkeys = other.pem").replaceFirst("(?s)secrets \\{.*", "");
    }

}
