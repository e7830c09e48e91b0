package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.parity.Parity;
import org.xfrmagent.it.parity.Parity.Accepted;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** Certificates in swanctl's folders: loaded by swanctl into the agent as into charon, listed alike, and good for a tunnel between the two. */
@Tag("netns")
class SwanctlCertificatesTest {
    private static final List<Accepted> ACCEPTED = List.of(
            new Accepted("--list-conns", "list-conn event/mars/remote-1/revocation", "a certificate that is named is believed as it is: nobody is asked about it"));

    static final Pki.Certified ROOT = Pki.authority("C=CH,O=Lab,CN=Root", Pki.Key.P256);
    static final Pki.Certified MOON = Pki.end("C=CH,O=Lab,CN=moon", Pki.Key.RSA_2048, ROOT, "moon.lab");
    static final Pki.Certified SUN = Pki.end("C=CH,O=Lab,CN=sun", Pki.Key.P256, ROOT, "sun.lab");
    private static final Pki.Certified GONE = Pki.end("C=CH,O=Lab,CN=gone", Pki.Key.P256, ROOT, "gone.lab");

    private static final String CRL = Pki.crl(ROOT, GONE);

    private static final String AUTHORITIES = """
            authorities { lab { cacert = root.pem
                                crl_uris = http://192.0.2.9/ca.crl
                                ocsp_uris = http://192.0.2.9/ocsp } }
            """;

    static void folders(Host host, Pki.Certified own) {
        host.write("/etc/swanctl/x509ca/root.pem", ROOT.pem());
        host.write("/etc/swanctl/x509/own.pem", own.pem());
        host.write("/etc/swanctl/x509crl/root.crl", CRL);
        host.write("/etc/swanctl/private/own.pem", own.keyPem());
        host.shell("chmod 600 /etc/swanctl/private/own.pem");
    }

    /** The tunnel with certificates in the place of its secret. */
    static String connections(Tunnel tunnel) {
        return StrongSwan.connections(List.of(tunnel)).replace("auth = psk", "auth = pubkey").replaceFirst("local \\{", "local {\n certs = own.pem")
                .replaceFirst("(?s)secrets \\{.*", "");
    }

    private static void compare(String more, BiConsumer<Interview, Tunnel> script) {
        compare(host -> folders(host, MOON), tunnel -> connections(tunnel) + more, script);
    }

    static void compare(Consumer<Host> files, Function<Tunnel, String> conf, BiConsumer<Interview, Tunnel> script) {
        List<Interview> both = new ArrayList<>();
        for (boolean charon : List.of(true, false)) {
            Scenario.play(TwoSites::ipv4, sites -> {
                Tunnel tunnel = sites.tunnel();
                files.accept(sites.moon());
                Control control = charon
                        ? sites.with(new StrongSwan(sites.moon(), Plane.best())).start(conf.apply(tunnel)).control()
                        : sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(conf.apply(tunnel)).control();
                Interview interview = Interview.of(sites.moon(), control);
                script.accept(interview, tunnel);
                both.add(interview);
            });
        }
        assertThat(both.getFirst().differences(both.getLast(), new Parity(ACCEPTED))).isEmpty();
    }

    @Test
    void whatIsLoadedIsListedAlike() {
        compare(AUTHORITIES + """
                connections { venus { version = 2
                    remote_addrs = 192.0.2.9
                    local { auth = pubkey
                            certs = own.pem }
                    remote { auth = pubkey-sha256
                             cacerts = root.pem
                             revocation = strict
                             groups = staff, admins
                             id = venus.lab }
                    children { venus { local_ts = 10.1.0.0/16
                                       remote_ts = 10.9.0.0/16 } } }
                  pluto { version = 2
                    local_addrs = 192.0.2.1
                    remote_addrs = 192.0.2.11
                    local { auth = pubkey
                            certs = own.pem }
                    remote { auth = pubkey }
                    children { pluto { local_ts = 10.1.0.0/16
                                       remote_ts = 10.7.0.0/16 } } }
                  uranus { version = 2
                    remote_addrs = 192.0.2.12
                    local { auth = pubkey
                            certs = own.pem }
                    remote { auth = eap-radius
                             groups = staff, guests
                             id = uranus.lab }
                    children { uranus { local_ts = 10.1.0.0/16
                                        remote_ts = 10.6.0.0/16 } } }
                  saturn { version = 1
                    remote_addrs = 192.0.2.13
                    local { auth = pubkey
                            certs = own.pem }
                    remote { auth = pubkey
                             id = saturn.lab }
                    remote-2 { auth = xauth-radius
                               groups = guests }
                    children { saturn { local_ts = 10.1.0.0/16
                                        remote_ts = 10.5.0.0/16 } } }
                  mars { version = 2
                    remote_addrs = 192.0.2.10
                    local { auth = pubkey }
                    remote { auth = pubkey
                             certs = own.pem
                             revocation = ifuri }
                    children { mars { local_ts = 10.1.0.0/16
                                      remote_ts = 10.8.0.0/16 } } } }
                """, (script, _) -> {
            script.askRaw("--list-certs");
            script.askRaw("--list-certs", "--type", "x509_crl");
            script.askRaw("--list-certs", "--flag", "ca");
            script.askRaw("--list-certs", "--type", "x509", "--flag", "ca");
            script.askRaw("--list-certs", "--type", "x509", "--flag", "none");
            script.askRaw("--list-certs", "--subject", "C=CH, O=Lab, CN=Root");
            script.askRaw("--list-certs", "--subject", "C=CH, O=Lab, CN=moon");
            script.askRaw("--list-certs", "--subject", "C=CH, O=Lab, CN=nobody");
            script.askPlain("--list-certs");
            script.askPlain("--list-certs", "--short");
            script.askPlain("--list-certs", "--pem");
            script.ask("--list-authorities");
            script.ask("--list-authorities", "--name", "lab");
            script.askPlain("--list-authorities");
            script.ask("--list-conns");
            script.ask("--flush-certs");
            script.ask("--load-creds", "--noprompt");
            script.ask("--load-authorities");
            script.ask("--load-conns");
            script.askPlain("--load-all", "--noprompt");
            script.askPlain("--load-creds", "--clear", "--noprompt");
            script.askPlain("--list-certs", "--short");
        });
    }

    /** {@code xfrm-agent convert}: certificates and keys stay where they are. */
    @Test
    @Tag("lab")
    void convertedSetUpsWithCertificatesComeUp() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            folders(sites.moon(), MOON);
            folders(sites.sun(), SUN);
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(connections(tunnel.reversed()));
            sites.moon().write("/etc/swanctl/swanctl.conf", connections(tunnel) + AUTHORITIES);
            sites.moon().write("/etc/ipsec.d/private/moon.pem", MOON.keyPem());
            sites.moon().shell("chmod 600 /etc/ipsec.d/private/moon.pem");
            ipsec(sites.moon(), tunnel, ": RSA moon.pem\n");
            for (String original : List.of("/etc/swanctl/swanctl.conf", "/etc/ipsec.conf /etc/ipsec.secrets")) {
                sites.moon().shell("rm -rf /etc/xfrm-agent");
                sites.moon().shell(Agent.program() + " convert " + original + " -o /etc/xfrm-agent");
                assertThat(sites.moon().run(Agent.program(), "check", "/etc/xfrm-agent").orFail().out()).contains("1 peer and 1 policy: all is well");
                Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startOn("/etc/xfrm-agent");
                moon.up(tunnel).orFail();
                sun.awaitUp(tunnel, Scenario.SOON);
                sites.ping(4).orFail();
                moon.close();
                sun.awaitNoSas(Scenario.SOON);
            }
        });
    }

    /** The same tunnel in ipsec.conf's words, with its files in ipsec.d; returns the text. */
    static String ipsec(Host host, Tunnel tunnel, String secrets) {
        host.write("/etc/ipsec.d/cacerts/root.pem", ROOT.pem());
        host.write("/etc/ipsec.d/certs/moon.pem", MOON.pem());
        String conf = """
                conn %s
                    left=%s
                    leftid=@moon.lab
                    leftcert=moon.pem
                    leftsubnet=%s
                    right=%s
                    rightid=@sun.lab
                    rightca="C=CH, O=Lab, CN=Root"
                    rightsubnet=%s
                    ike=%s!
                    esp=%s!
                    authby=pubkey
                    auto=add
                """.formatted(tunnel.name(), tunnel.local().address(), tunnel.local().subnet(), tunnel.remote().address(), tunnel.remote().subnet(),
                String.join(",", tunnel.ike()), String.join(",", tunnel.esp()));
        host.write("/etc/ipsec.secrets", secrets);
        host.write("/etc/ipsec.conf", conf);
        return conf;
    }

    @Test
    void aTunnelOfCharonsCertificatesRunsUnchanged() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            folders(sites.moon(), MOON);
            folders(sites.sun(), SUN);
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(connections(tunnel.reversed()));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(connections(tunnel));
            tunnel(sites, tunnel, moon, sun);
            // Who names nobody is who its certificate names, and talks with whomever the authority vouches for.
            sites.moon().write("/etc/swanctl/swanctl.conf", connections(tunnel).replaceAll("id = \\S+", ""));
            moon.control().swanctl("--load-all", "--noprompt").orFail();
            sites.sun().write("/etc/swanctl/swanctl.conf", connections(tunnel.reversed()).replaceAll("id = \\S+", ""));
            sun.control().swanctl("--load-all", "--noprompt").orFail();
            tunnel(sites, tunnel, moon, sun);
            Scenario.met(sites, moon, sun, "certificates of charon's folders, loaded by swanctl");
        });
    }

    /** Brings it up from each side in turn, and takes it down. */
    static void tunnel(TwoSites sites, Tunnel tunnel, Agent moon, StrongSwan sun) {
        Capture wire = sites.eavesdrop();
        moon.control().swanctl("--initiate", "--child", tunnel.name()).orFail();
        sun.awaitUp(tunnel, Scenario.SOON);
        sites.ping(4).orFail();
        moon.control().swanctl("--load-all", "--noprompt").orFail();
        sites.ping(2).orFail();
        moon.control().swanctl("--terminate", "--ike", "sun").orFail();
        sun.control().swanctl("--initiate", "--child", tunnel.name()).orFail();
        moon.awaitUp(tunnel, Scenario.SOON);
        sites.ping(4).orFail();
        moon.control().swanctl("--terminate", "--ike", "sun").orFail();
        moon.awaitNoSas(Scenario.SOON);
        sun.awaitNoSas(Scenario.SOON);
        wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
    }
}
