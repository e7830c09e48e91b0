package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.it.flood.Meddler;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;

/**
 * Ten mutated copies of every message of four tunnels' lives, of each kind of phase 1 and with and without certificates, reach the agent while the genuine ones come
 * and go: the tunnels come up, carry traffic, get fresh keys and end, and nothing else is left of it all.
 *
 * <p>The simulation has the kinds one by one, and mutants that come before the genuine message as well.
 */
@Tag("netns")
@Tag("long")
class MeddlerTest {
    /** Whoever began and went away is waited for 30 s. */
    private static final Duration FORGOTTEN = Duration.ofSeconds(45);

    private static final List<String> NAMES = List.of("main", "aggressive", "signed", "bold");

    private static final Pki.Certified ROOT = Pki.authority("CN=Root", Pki.Key.RSA_2048);

    /** Each has gateways, names and networks of its own, on the same two hosts. */
    private static List<Tunnel> tunnels(TwoSites sites) {
        return NAMES.stream().map(name -> tunnel(sites, name, NAMES.indexOf(name) + 1)).toList();
    }

    private static Tunnel tunnel(TwoSites sites, String name, int i) {
        Tunnel tunnel = sites.tunnel()
                .sibling(name, "192.0.2." + (10 + i), "192.0.2." + (20 + i), "10.1." + i + ".0/24", "10.2." + i + ".0/24");
        sites.alice().shell("ip address add 10.1." + i + ".10/24 dev moon");
        sites.moon().shell("ip address add " + tunnel.local().address() + "/24 dev sun; ip address add 10.1." + i + ".1/24 dev alice");
        sites.sun().shell("ip address add " + tunnel.remote().address() + "/24 dev moon; ip address add 10.2." + i + ".1/24 dev bob");
        sites.bob().shell("ip address add 10.2." + i + ".10/24 dev sun");
        return switch (name) {
            case "main" -> tunnel.withIkev1();
            case "aggressive", "bold" -> tunnel.withAggressiveMode();
            default -> tunnel;
        };
    }

    /** Those whose ends show certificates: with aggressive mode in the clear. */
    private static List<Tunnel> signed(List<Tunnel> tunnels) {
        return tunnels.stream().filter(tunnel -> tunnel.name().matches(".*-(signed|bold)")).toList();
    }

    /** Starts it with what the tunnels say, but for those that are signed. */
    private static Peer start(Peer peer, List<Tunnel> tunnels) {
        Tunnel[] all = tunnels.toArray(Tunnel[]::new);
        return switch (peer) {
            case Agent agent -> {
                agent.host().write("/etc/xfrm-agent/root.pem", ROOT.pem());
                signed(tunnels).forEach(tunnel -> own(agent.host(), tunnel, "/etc/xfrm-agent/%s.pem", "/etc/xfrm-agent/%s.key"));
                yield agent.start(yaml -> "authorities: { root: { certificate: file:root.pem } }\n" + signed(tunnels).stream().reduce(yaml, (text, tunnel) -> text
                        .replace("id: " + tunnel.local().id() + ", auth: psk", "id: %1$s, auth: pubkey, certificate: file:%1$s.pem, key: file:%1$s.key".formatted(tunnel.local().id()))
                        .replace("id: " + tunnel.remote().id() + ", auth: psk", "id: " + tunnel.remote().id() + ", auth: pubkey"), (_, last) -> last), all);
            }
            case StrongSwan charon -> {
                charon.host().write("/etc/swanctl/x509ca/root.pem", ROOT.pem());
                signed(tunnels).forEach(tunnel -> own(charon.host(), tunnel, "/etc/swanctl/x509/%s.pem", "/etc/swanctl/private/%s.pem"));
                yield charon.start(conf -> signed(tunnels).stream().flatMap(tunnel -> Stream.of(tunnel.local().id(), tunnel.remote().id()))
                        .reduce(conf, (text, id) -> text.replaceAll("auth = psk(\\s+id = " + id + "\\s)", "auth = pubkey$1")), all);
            }
            default -> throw new IllegalArgumentException(peer + " is told nothing of certificates here");
        };
    }

    private static void own(Host host, Tunnel tunnel, String certificate, String key) {
        String id = tunnel.local().id();
        Pki.Certified own = Pki.end("CN=" + id, Pki.Key.RSA_2048, ROOT, id);
        host.write(certificate.formatted(id), own.pem());
        host.write(key.formatted(id), own.keyPem());
        host.shell("chmod 600 " + key.formatted(id));
    }

    private static void ping(TwoSites sites, Tunnel tunnel) {
        String i = tunnel.local().subnet().split("\\.")[2];
        sites.alice().run("ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-I", "10.1." + i + ".10", "10.2." + i + ".10").orFail();
    }

    @ParameterizedTest
    @EnumSource
    void mutatedMessagesLeaveTheAgentWellAndStateless(Kind other) {
        Scenario.play(TwoSites::ipv4, sites -> {
            List<Tunnel> tunnels = tunnels(sites);
            Peer sun = start(sites.with(other.on(sites.sun(), Plane.best())), tunnels.stream().map(Tunnel::reversed).toList());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best()));
            start(moon, tunnels);
            // charon 5.9.8 ends an attempt when a mutant of main mode's third message comes.
            Host[] victims = other == Kind.AGENT ? new Host[] {sites.moon(), sites.sun()} : new Host[] {sites.moon()};
            try (Meddler meddler = Meddler.on(sites.wire(), sites.eavesdrop(), victims)) {
                for (Tunnel tunnel : tunnels) {
                    moon.up(tunnel).orFail();
                    sun.awaitUp(tunnel, SOON);
                    ping(sites, tunnel);
                    rekeyed(sites, moon, sun, tunnel);
                }
                // A child's end is a message as well.
                for (Tunnel tunnel : tunnels) {
                    moon.down(tunnel).orFail();
                    sun.awaitDown(tunnel, SOON);
                    moon.up(tunnel).orFail();
                    sun.awaitUp(tunnel, SOON);
                }
                assertThat(meddler.stop()).as("exchanges, and how many different messages of each").containsKeys(
                        IsakmpExchange.IDENTITY_PROTECTION.number(), IsakmpExchange.AGGRESSIVE.number(), IsakmpExchange.QUICK.number(),
                        IsakmpExchange.INFORMATIONAL.number(), ExchangeType.IKE_SA_INIT.number(), ExchangeType.IKE_AUTH.number(),
                        ExchangeType.CREATE_CHILD_SA.number(), ExchangeType.INFORMATIONAL.number());
            }
            for (Peer peer : List.of(moon, sun)) {
                Await.until(peer.host() + " has the genuine tunnels alone", FORGOTTEN, () -> hasAlone(peer, tunnels), () -> peer.sas() + peer.log());
                assertThat(peer.running().isAlive()).isTrue();
            }
            assertThat(moon.log()).doesNotContain("Exception");
            for (Tunnel tunnel : tunnels) {
                IkeSa.Child atMoon = moon.child(tunnel);
                assertThat(List.of(atMoon.spiIn(), atMoon.spiOut())).isEqualTo(List.of(sun.child(tunnel).spiOut(), sun.child(tunnel).spiIn()));
                ping(sites, tunnel);
                rekeyed(sites, moon, sun, tunnel);
            }
        });
    }

    /** No half-open IKE SA, and of each tunnel one IKE SA with one child. */
    private static boolean hasAlone(Peer peer, List<Tunnel> tunnels) {
        List<IkeSa> sas = peer.sas();
        return halfOpen(peer) == 0
                && sas.size() == tunnels.size()
                && sas.stream().allMatch(sa -> sa.isEstablished() && sa.children().size() == 1)
                && tunnels.stream().allMatch(peer::has);
    }

    private static long halfOpen(Peer peer) {
        return switch (peer) {
            case Agent agent -> agent.control().halfOpen();
            case StrongSwan charon -> charon.control().halfOpen();
            default -> throw new IllegalArgumentException(peer + " has no vici");
        };
    }

    private static void rekeyed(TwoSites sites, Agent moon, Peer sun, Tunnel tunnel) {
        String child = moon.child(tunnel).spiIn();
        moon.rekey(tunnel).orFail();
        Await.until("both have fresh keys", SOON, () -> moon.has(tunnel) && sun.has(tunnel) && !moon.child(tunnel).spiIn().equals(child)
                && moon.child(tunnel).spiIn().equals(sun.child(tunnel).spiOut()), () -> moon.log() + sun.log());
        ping(sites, tunnel);
        String ike = spi(moon, tunnel);
        moon.rekeyIke(tunnel).orFail();
        Await.until("both have the next IKE SA alone", SOON, () -> isAlone(moon, tunnel) && isAlone(sun, tunnel) && !spi(moon, tunnel).equals(ike)
                && spi(moon, tunnel).equals(spi(sun, tunnel)), () -> moon.log() + sun.log());
        ping(sites, tunnel);
    }

    private static boolean isAlone(Peer peer, Tunnel tunnel) {
        return peer.has(tunnel) && peer.sas().stream().filter(sa -> of(sa, tunnel)).count() == 1;
    }

    private static boolean of(IkeSa sa, Tunnel tunnel) {
        return sa.children().stream().anyMatch(child -> child.name().equals(tunnel.name()));
    }

    private static String spi(Peer peer, Tunnel tunnel) {
        return peer.sas().stream().filter(sa -> of(sa, tunnel)).findFirst().map(IkeSa::values).orElse(Map.of()).getOrDefault("initiator-spi", "none");
    }
}
