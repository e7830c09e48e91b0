package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** A private key and its certificate in a token (softhsm2), by the swanctl.conf that charon with its plugin pkcs11 takes. */
@Tag("netns")
class TokenTest {
    private static final String LIBRARY = "/usr/lib/softhsm/libsofthsm2.so";
    private static final String PIN = "739254";

    private static final Pki.Certified ROOT = Pki.authority("C=CH,O=Lab,CN=Root", Pki.Key.P256);

    private static final String MODULES = """
            plugins {
              pkcs11 {
                modules {
                  soft {
                    path = %s
                  }
                }
              }
            }
            """.formatted(LIBRARY);

    /** What charon needs for a token besides. */
    private static final String CHARON = "load = random nonce aes sha1 sha2 md5 hmac kdf gcm gmp curve25519 x509 constraints pkcs11 openssl pem pkcs1 pkcs8 pubkey "
            + (Plane.best() == Plane.USERSPACE ? "kernel-libipsec " : "") + "kernel-netlink socket-default vici updown counters\n" + MODULES;

    /** The key and the certificate come into a token, and nothing of the key is left elsewhere. */
    private static void token(Host host, Pki.Certified own) {
        host.write("/etc/softhsm/softhsm2.conf", "directories.tokendir = /etc/softhsm/tokens\nlog.level = ERROR\n");
        host.write("/etc/softhsm/own.pem", own.keyPem());
        host.write("/etc/softhsm/own.crt", own.pem());
        host.write("/etc/swanctl/x509ca/root.pem", ROOT.pem());
        host.shell("mkdir -p /etc/softhsm/tokens; cd /etc/softhsm;"
                + "softhsm2-util --init-token --free --label lab --so-pin 98765432 --pin " + PIN + ";"
                + "softhsm2-util --import own.pem --token lab --label own --id 0a0b --pin " + PIN + ";"
                + "openssl x509 -in own.crt -outform der -out own.der;"
                + "pkcs11-tool --module " + LIBRARY + " --token-label lab --login --pin " + PIN + " --write-object own.der --type cert --id 0a0b --label own;"
                + "rm own.pem own.crt own.der");
    }

    private static void files(Host host, Pki.Certified own) {
        host.write("/etc/swanctl/x509ca/root.pem", ROOT.pem());
        host.write("/etc/swanctl/x509/own.pem", own.pem());
        host.write("/etc/swanctl/private/own.pem", own.keyPem());
        host.shell("chmod 600 /etc/swanctl/private/own.pem");
    }

    private static String connections(Tunnel tunnel, String local) {
        return StrongSwan.connections(List.of(tunnel)).replace("auth = psk", "auth = pubkey").replaceFirst("local \\{", "local {\n " + local)
                .replaceFirst("(?s)secrets \\{.*", "");
    }

    private static String mainMode(String conf) {
        return conf.replace("version = 2", "version = 1").replaceAll("(?m)^( *)proposals = .*", "$1proposals = aes256-sha256-modp2048")
                .replaceAll("esp_proposals = .*", "esp_proposals = aes256-sha256");
    }

    private static String secrets(String pin) {
        return "secrets { token-own { handle = 0a0b\n module = soft\n pin = " + pin + " } }\n";
    }

    private static Agent agent(TwoSites sites, Host host) {
        Agent agent = sites.with(new Agent(host, Plane.best())).startAndLoad("");
        host.write("/etc/strongswan.conf", "charon {\n" + MODULES + "}\n" + Control.SWANCTL_SETTINGS);
        return agent;
    }

    private static Result load(Host host, Control control, String conf) {
        host.write("/etc/swanctl/swanctl.conf", conf);
        return control.swanctl("--load-all", "--noprompt");
    }

    /** We call, and are called. */
    private static void comesUpBothWays(TwoSites sites, Tunnel tunnel, Agent moon, StrongSwan sun, String what) {
        moon.up(tunnel).orFail();
        sun.awaitUp(tunnel, Scenario.SOON);
        sites.ping(2).orFail();
        moon.control().swanctl("--terminate", "--ike", "sun").orFail();
        sun.awaitNoSas(Scenario.SOON);
        Scenario.met(sites, moon, sun, what);
        sun.control().swanctl("--initiate", "--child", tunnel.name()).orFail();
        sites.ping(2).orFail();
        moon.control().swanctl("--terminate", "--ike", "sun").orFail();
        sun.awaitNoSas(Scenario.SOON);
        Scenario.met(sites, sun, moon, what);
    }

    @Test
    void aKeyInATokenServesOnTheSwanctlConfOfCharon() {
        Pki.Certified moons = Pki.end("C=CH,O=Lab,CN=moon", Pki.Key.RSA_2048, ROOT, "moon.lab");
        Pki.Certified suns = Pki.end("C=CH,O=Lab,CN=sun", Pki.Key.RSA_2048, ROOT, "sun.lab");
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Host host = sites.moon();
            token(host, moons);
            files(sites.sun(), suns);
            String conf = connections(tunnel, "cert1 { handle = 0a0b\n module = soft }") + secrets(PIN);
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(connections(tunnel.reversed(), "certs = own.pem"));

            StrongSwan charon = sites.with(new StrongSwan(host, Plane.best(), CHARON)).start(conf);
            String charons = charon.control().swanctl("--load-creds", "--noprompt").all();
            String missing = charon.control().request("load-token", Map.of("module", "soft")).all();
            charon.control().swanctl("--initiate", "--child", tunnel.name()).orFail();
            sun.awaitUp(tunnel, Scenario.SOON);
            charon.close();
            sun.control().swanctl("--terminate", "--ike", "moon", "--force").all();
            sun.awaitNoSas(Scenario.SOON);

            Agent moon = agent(sites, host);
            assertThat(load(host, moon.control(), connections(tunnel, "cert1 { handle = 0a0b\n module = soft }") + secrets("111111")).all())
                    .contains("says that the PIN is wrong (CKR_PIN_INCORRECT)");
            load(host, moon.control(), conf).orFail();
            assertThat(moon.control().swanctl("--load-creds", "--noprompt").all()).as("as charon answers").isEqualTo(charons);
            assertThat(moon.control().request("load-token", Map.of("module", "soft")).all()).isEqualTo(missing);
            assertThat(moon.control().request("load-token", Map.of("module", "soft", "handle", "0a0c", "pin", PIN)).all())
                    .contains("has no private key with the handle 0a0c");
            comesUpBothWays(sites, tunnel, moon, sun, "an RSA key and its certificate in a token");

            load(sites.sun(), sun.control(), mainMode(connections(tunnel.reversed(), "certs = own.pem"))).orFail();
            load(host, moon.control(), mainMode(conf)).orFail();
            comesUpBothWays(sites, tunnel, moon, sun, "IKEv1 main mode, an RSA key and its certificate in a token");

            // The token is gone: one attempt fails, and says why; other things are loaded meanwhile. It is back, and serves.
            load(sites.sun(), sun.control(), connections(tunnel.reversed(), "certs = own.pem")).orFail();
            load(host, moon.control(), conf).orFail();
            host.shell("mv /etc/softhsm/tokens /etc/softhsm/pulled");
            assertThat(moon.up(tunnel).status()).isNotZero();
            assertThat(moon.log()).contains("the peer cannot be shown who we are: the token in slot").doesNotContain(PIN).doesNotContain("111111");
            moon.control().swanctl("--stats").orFail();
            load(host, moon.control(), conf).orFail();
            host.shell("mv /etc/softhsm/pulled /etc/softhsm/tokens");
            moon.up(tunnel).orFail();
            sites.ping(2).orFail();
            moon.close();

            host.shell(Agent.program() + " convert /etc/swanctl/swanctl.conf -o /etc/xfrm-agent");
            assertThat(host.shell("cat /etc/xfrm-agent/policies.yaml; stat -c %a /etc/xfrm-agent/token-own.pin")).endsWith("600\n").doesNotContain(PIN)
                    .contains("- { from: \"pkcs11:id=%0A%0B?module-name=soft\", passphrase: file:token-own.pin }");
        });
    }

    /** The certificate is in a file, and only the key in the token; policies of our own language. */
    @Test
    void aKeyInATokenBelongsToACertificateInAFile() {
        Pki.Certified moons = Pki.end("C=CH,O=Lab,CN=moon", Pki.Key.P256, ROOT, "moon.lab");
        Pki.Certified suns = Pki.end("C=CH,O=Lab,CN=sun", Pki.Key.P256, ROOT, "sun.lab");
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Host host = sites.moon();
            token(host, moons);
            files(sites.sun(), suns);
            host.write("/etc/swanctl/x509/own.pem", moons.pem());
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(connections(tunnel.reversed(), "certs = own.pem"));
            host.write("/etc/swanctl/swanctl.conf", connections(tunnel, "certs = own.pem") + secrets(PIN).replace("soft", "any"));
            host.shell(Agent.program() + " convert /etc/swanctl/swanctl.conf -o /etc/xfrm-agent; cd /etc/xfrm-agent;"
                    + "sed -i 's|module-name=any|module-path=" + LIBRARY + "|' policies.yaml");
            Agent moon = sites.with(new Agent(host, Plane.best())).startOn("/etc/xfrm-agent");
            comesUpBothWays(sites, tunnel, moon, sun, "an ECDSA key in a token, its certificate in a file");
            moon.close();

            String v1 = mainMode(connections(tunnel, "certs = own.pem"));
            load(sites.sun(), sun.control(), mainMode(connections(tunnel.reversed(), "certs = own.pem"))).orFail();
            Agent loaded = agent(sites, host);
            load(host, loaded.control(), v1 + secrets(PIN)).orFail();
            comesUpBothWays(sites, tunnel, loaded, sun, "IKEv1 main mode, an ECDSA key in a token, its certificate in a file");
        });
    }

    /** The agent starts before the card's reader does: it waits for the card, and has everything else up meanwhile. */
    @Test
    void aTokenThatIsNotThereYetIsWaitedFor() {
        Pki.Certified moons = Pki.end("C=CH,O=Lab,CN=moon", Pki.Key.P256, ROOT, "moon.lab");
        Pki.Certified suns = Pki.end("C=CH,O=Lab,CN=sun", Pki.Key.P256, ROOT, "sun.lab");
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Host host = sites.moon();
            token(host, moons);
            files(sites.sun(), suns);
            sites.with(new StrongSwan(sites.sun(), Plane.best())).start(connections(tunnel.reversed(), "certs = own.pem"));
            host.write("/etc/swanctl/swanctl.conf", connections(tunnel, "cert1 { handle = 0a0b\n module = any }") + secrets(PIN).replace("soft", "any"));
            host.shell(Agent.program() + " convert /etc/swanctl/swanctl.conf -o /etc/xfrm-agent; cd /etc/xfrm-agent;"
                    + "sed -i 's|module-name=any|module-path=" + LIBRARY + "|' policies.yaml; mv /etc/softhsm/tokens /etc/softhsm/pulled");
            Agent moon = sites.with(new Agent(host, Plane.best())).startOn("/etc/xfrm-agent");
            Await.until("the agent says what it waits for", Scenario.SOON, () -> moon.log().contains("it is waited for"), moon::log);
            assertThat(moon.up(tunnel).status()).isNotZero();
            host.shell("mv /etc/softhsm/pulled /etc/softhsm/tokens");
            Await.until("the token is found", Scenario.SOON, () -> moon.log().contains("reload: ~ keys"), moon::log);
            moon.up(tunnel).orFail();
            sites.ping(2).orFail();
        });
    }
}
