package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.peers.Vpnc;

/** A set-up that runs under charon runs unchanged under the agent: no policy file, only {@code swanctl --load-all}. */
@Tag("netns")
@Tag("lab")
class LoadAllTest {
    private static final String DSCP = "101110";
    private static final int ETHERNET = 14;
    private static final String GROUP_SECRET = "a group secret of many octets";
    private static final String PASSWORD = "carols password";

    @Test
    void aSiteToSiteSetUpOfCharonsRunsUnchanged() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(tunnel.reversed());
            String connections = StrongSwan.connections(List.of(tunnel)).replace("version = 2", "version = 2\n    dscp = " + DSCP);
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(connections);
            Capture wire = sites.eavesdrop();

            assertThat(moon.control().swanctl("--list-conns").orFail().out())
                    .contains("sun: IKEv2", "local:  192.0.2.1", "remote: 192.0.2.2", "site-to-site: TUNNEL");
            moon.control().swanctl("--initiate", "--child", tunnel.name()).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(4).orFail();
            IkeSa.Child before = moon.child(tunnel);

            // The same file again changes nothing; a child more leaves the others alone.
            moon.control().swanctl("--load-all", "--noprompt").orFail();
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(before.spiIn());
            String more = connections.replace("children {",
                    "children {\n      other { local_ts = 10.8.0.0/16\n        remote_ts = 10.9.0.0/16 }");
            sites.moon().write("/etc/swanctl/swanctl.conf", more);
            moon.control().swanctl("--load-all", "--noprompt").orFail();
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(before.spiIn());
            assertThat(moon.control().swanctl("--list-conns").orFail().out()).contains("other: TUNNEL");

            // What cannot be done is refused by its name, and what there is stays.
            sites.moon().write("/etc/swanctl/swanctl.conf", more.replace("10.9.0.0/16", "10.9.0.0/16\n        hw_offload = sometimes"));
            assertThat(moon.control().swanctl("--load-conns").all()).contains("hw_offload");
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(before.spiIn());
            sites.ping(4).orFail();

            // What the file does not have any more is unloaded; the tunnel, which the connection did not start, stays until it is ended.
            sites.moon().write("/etc/swanctl/swanctl.conf", "connections {\n}\n");
            moon.control().swanctl("--load-conns").orFail();
            assertThat(moon.control().swanctl("--list-conns").orFail().out()).isEmpty();
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(before.spiIn());
            sites.ping(4).orFail();
            moon.control().swanctl("--terminate", "--ike", "sun").orFail();
            moon.awaitNoSas(SOON);
            sun.awaitNoSas(SOON);
            Capture.Wire seen = wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            assertThat(dscps(seen, sites.addresses().moon())).containsOnly(Integer.parseInt(DSCP, 2));
            assertThat(dscps(seen, sites.addresses().sun())).containsOnly(0);
            Scenario.met(sites, moon, sun, "swanctl.conf of charon's, loaded by swanctl");
        });
    }

    /** Of the IKE messages of a host: six bits of the IP header, after Ethernet's 14 octets. */
    private static List<Integer> dscps(Capture.Wire wire, String source) {
        return wire.packets().stream().filter(packet -> packet.source().equals(source) && packet.content() instanceof Content.Ike)
                .map(packet -> (packet.frame().toArray()[ETHERNET + 1] & 0xff) >> 2).toList();
    }

    /** Users from anywhere: a group's key, their own passwords, addresses of a pool. */
    @Test
    void aGatewayOfCharonsForUsersRunsUnchanged() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad("""
                    connections {
                      staff {
                        version = 1
                        aggressive = yes
                        local_addrs = %s
                        proposals = aes256-sha1-modp2048
                        pools = staff
                        local {
                          auth = psk
                          id = sun.lab
                        }
                        remote {
                          auth = psk
                          id = keyid:staff
                        }
                        remote-user {
                          auth = xauth
                        }
                        children {
                          inside {
                            local_ts = 0.0.0.0/0
                            esp_proposals = aes256-sha1
                          }
                        }
                      }
                    }
                    pools {
                      staff {
                        addrs = 10.3.0.0/24
                        dns = 10.2.0.53
                        split_include = 10.2.0.0/16
                      }
                    }
                    secrets {
                      ike-staff {
                        id-1 = sun.lab
                        id-2 = keyid:staff
                        secret = "%s"
                      }
                      xauth-carol {
                        id = carol
                        secret = "%s"
                      }
                    }
                    """.formatted(sites.addresses().sun(), GROUP_SECRET, PASSWORD));
            Capture wire = sites.eavesdrop();
            Vpnc refused = client(sites, "not carols password");
            refused.awaitEnd();
            Vpnc carol = client(sites, PASSWORD);
            assertThat(carol.awaitConnected()).containsEntry("INTERNAL_IP4_ADDRESS", "10.3.0.1").containsEntry("INTERNAL_IP4_DNS", "10.2.0.53");
            Await.until("bob answers carol", SOON, () -> sites.moon().run(
                    "ping", "-n", "-c", "4", "-i", "0.25", "-W", "5", "-p", TwoSites.canaryPattern(), sites.addresses().bob()).ok(), sun::log);
            assertThat(sun.control().swanctl("--list-sas").orFail().out()).contains("staff: #", "inside: #", "10.3.0.1/32");
            assertThat(sun.control().swanctl("--list-pools", "--leases").orFail().out()).contains("staff", "10.3.0.0", "1 / 0 / 254", "10.3.0.1", "online", "'carol'");
            carol.disconnect();
            sun.awaitNoSas(SOON);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
        });
    }

    private static Vpnc client(TwoSites sites, String password) {
        Vpnc vpnc = sites.lab().closing(Vpnc.start(sites.moon(), sites.addresses().sun(), "staff", GROUP_SECRET, "carol", password));
        sites.lab().evidence("moon: output of vpnc", vpnc::output);
        return vpnc;
    }
}
