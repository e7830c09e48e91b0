package org.xfrmagent.it.scenarios;

import static org.xfrmagent.it.scenarios.SetUp.connection;
import static org.xfrmagent.it.scenarios.SetUp.swanctl;

import java.util.List;
import org.xfrmagent.it.scenarios.SetUp.Begins;
import org.xfrmagent.it.scenarios.SetUp.Language;
import org.xfrmagent.it.scenarios.SetUp.Needs;

/** One of each kind, as swanctl.conf(5) has them. */
final class SwanctlSetUps {
    private SwanctlSetUps() {}

    static List<SetUp> all() {
        return List.of(
                swanctl(11, "site-to-site", Needs.ANY_PLANE, Begins.MOON_BY_COMMAND, List.of("site-to-site"), """
                        version = 2
                        proposals = aes256gcm16-prfsha384-ecp384
                        rekey_time = 2h
                        encap = no
                        dscp = 101110
                        children {
                          site-to-site {
                            local_ts = 10.1.11.0/24
                            remote_ts = 10.2.11.0/24
                            esp_proposals = aes256gcm16
                            rekey_time = 20m
                            rekey_bytes = 500000000
                          }
                        }
                        """, """
                        version = 2
                        proposals = aes256gcm16-prfsha384-ecp384
                        children {
                          site-to-site {
                            local_ts = 10.2.11.0/24
                            remote_ts = 10.1.11.0/24
                            esp_proposals = aes256gcm16
                          }
                        }
                        """),
                swanctl(12, "two-children-with-pfs", Needs.ANY_PLANE, Begins.MOON_BY_COMMAND, List.of("first", "second"), """
                        version = 2
                        proposals = aes128-sha256-modp3072
                        children {
                          first {
                            local_ts = 10.1.12.0/25
                            remote_ts = 10.2.12.0/25
                            esp_proposals = aes128-sha256-ecp256
                          }
                          second {
                            local_ts = 10.1.12.128/25
                            remote_ts = 10.2.12.128/25
                            esp_proposals = aes192-sha384-modp2048
                          }
                        }
                        """, """
                        version = 2
                        proposals = aes128-sha256-modp3072
                        children {
                          first {
                            local_ts = 10.2.12.0/25
                            remote_ts = 10.1.12.0/25
                            esp_proposals = aes128-sha256-ecp256
                          }
                          second {
                            local_ts = 10.2.12.128/25
                            remote_ts = 10.1.12.128/25
                            esp_proposals = aes192-sha384-modp2048
                          }
                        }
                        """),
                swanctl(13, "several-proposals", Needs.ANY_PLANE, Begins.MOON_BY_COMMAND, List.of("several-proposals"), """
                        version = 2
                        proposals = aes256-sha512-modp4096, aes256-aes128-sha384-sha256-curve25519-ecp256, default
                        children {
                          several-proposals {
                            local_ts = 10.1.13.0/24
                            remote_ts = 10.2.13.0/24
                            esp_proposals = aes256gcm16-aes128gcm16, aes256-aes128-sha512-sha256
                          }
                        }
                        """, """
                        version = 2
                        proposals = aes128-sha256-ecp256
                        children {
                          several-proposals {
                            local_ts = 10.2.13.0/24
                            remote_ts = 10.1.13.0/24
                            esp_proposals = aes128-sha256
                          }
                        }
                        """),
                swanctl(14, "charons-own-proposals", Needs.ANY_PLANE, Begins.MOON_BY_COMMAND, List.of("charons-own-proposals"), """
                        children {
                          charons-own-proposals {
                            local_ts = 10.1.14.0/24
                            remote_ts = 10.2.14.0/24
                          }
                        }
                        """, """
                        version = 2
                        proposals = aes256gcm16-prfsha256-ecp384
                        children {
                          charons-own-proposals {
                            local_ts = 10.2.14.0/24
                            remote_ts = 10.1.14.0/24
                            esp_proposals = aes256-sha256
                          }
                        }
                        """),
                new SetUp(15, "ipv6", Language.SWANCTL, Needs.ANY_PLANE, Begins.MOON_BY_COMMAND, List.of("ipv6"),
                        ipv6(true, "fd01:15::/32", "fd02:15::/32"), ipv6(false, "fd02:15::/32", "fd01:15::/32")),
                swanctl(16, "ikev1-main", Needs.ANY_PLANE, Begins.MOON_BY_COMMAND, List.of("ikev1-main"), """
                        version = 1
                        proposals = aes256-sha256-modp2048
                        reauth_time = 3h
                        children {
                          ikev1-main {
                            local_ts = 10.1.16.0/24
                            remote_ts = 10.2.16.0/24
                            esp_proposals = aes128-sha1-modp1536
                          }
                        }
                        """, """
                        version = 1
                        proposals = aes256-sha256-modp2048
                        children {
                          ikev1-main {
                            local_ts = 10.2.16.0/24
                            remote_ts = 10.1.16.0/24
                            esp_proposals = aes128-sha1-modp1536
                          }
                        }
                        """),
                swanctl(17, "ikev1-aggressive", Needs.ANY_PLANE, Begins.MOON_BY_COMMAND, List.of("ikev1-aggressive"), """
                        version = 1
                        aggressive = yes
                        proposals = aes128-sha1-modp2048
                        children {
                          ikev1-aggressive {
                            local_ts = 10.1.17.0/24
                            remote_ts = 10.2.17.0/24
                            esp_proposals = aes256-sha256
                          }
                        }
                        """, """
                        version = 1
                        aggressive = yes
                        proposals = aes128-sha1-modp2048
                        children {
                          ikev1-aggressive {
                            local_ts = 10.2.17.0/24
                            remote_ts = 10.1.17.0/24
                            esp_proposals = aes256-sha256
                          }
                        }
                        """),
                swanctl(18, "ports", Needs.ANY_PLANE, Begins.MOON_BY_COMMAND, List.of("https", "dns"), """
                        version = 2
                        children {
                          https {
                            local_ts = 10.1.18.0/24[tcp]
                            remote_ts = 10.2.18.0/24[tcp/https]
                            esp_proposals = aes128gcm16
                            start_action = trap
                          }
                          dns {
                            local_ts = 10.1.18.0/24[udp/1024-65535]
                            remote_ts = 10.2.18.53[17/53]
                            esp_proposals = aes128gcm16
                          }
                        }
                        """, """
                        version = 2
                        children {
                          https {
                            local_ts = 10.2.18.0/24[tcp/443]
                            remote_ts = 10.1.18.0/24[tcp]
                            esp_proposals = aes128gcm16
                          }
                          dns {
                            local_ts = 10.2.18.53[udp/53]
                            remote_ts = 10.1.18.0/24[udp]
                            esp_proposals = aes128gcm16
                          }
                        }
                        """),
                swanctl(19, "several-subnets", Needs.ANY_PLANE, Begins.MOON_BY_COMMAND, List.of("several-subnets"), """
                        version = 2
                        children {
                          several-subnets {
                            local_ts = 10.1.19.0/25, 10.1.119.0/24
                            remote_ts = 10.2.19.16-10.2.19.31, 10.2.119.0/24, 10.2.219.7
                            esp_proposals = chacha20poly1305
                          }
                        }
                        """, """
                        version = 2
                        children {
                          several-subnets {
                            local_ts = 10.2.19.0/24, 10.2.119.0/24, 10.2.219.0/24
                            remote_ts = 10.1.19.0/24, 10.1.119.0/24
                            esp_proposals = chacha20poly1305
                          }
                        }
                        """),
                swanctl(20, "start-with-dpd", Needs.ANY_PLANE, Begins.MOON_BY_ITSELF, List.of("start-with-dpd"), """
                        version = 2
                        dpd_delay = 20s
                        keyingtries = 0
                        mobike = no
                        unique = replace
                        children {
                          start-with-dpd {
                            local_ts = 10.1.20.0/24
                            remote_ts = 10.2.20.0/24
                            esp_proposals = aes256-sha256
                            start_action = start
                            dpd_action = restart
                            close_action = start
                          }
                        }
                        """, """
                        version = 2
                        children {
                          start-with-dpd {
                            local_ts = 10.2.20.0/24
                            remote_ts = 10.1.20.0/24
                            esp_proposals = aes256-sha256
                          }
                        }
                        """),
                new SetUp(21, "anybody", Language.SWANCTL, Needs.ANY_PLANE, Begins.SUN_BY_COMMAND, List.of("anybody"),
                        connection(21, true, "anybody", """
                                version = 2
                                proposals = aes128gcm16-prfsha256-curve25519
                                children {
                                  anybody {
                                    local_ts = 10.1.21.0/24
                                    remote_ts = 10.2.21.0/24
                                    esp_proposals = aes128gcm16
                                  }
                                }
                                """).replace("192.0.2.121", "%any"),
                        connection(21, false, "anybody", """
                                version = 2
                                proposals = aes128gcm16-prfsha256-curve25519
                                children {
                                  anybody {
                                    local_ts = 10.2.21.0/24
                                    remote_ts = 10.1.21.0/24
                                    esp_proposals = aes128gcm16
                                  }
                                }
                                """)),
                new SetUp(22, "shunts", Language.SWANCTL, Needs.ANY_PLANE, Begins.MOON_BY_ITSELF, List.of(), """
                        shunts {
                          children {
                            no-telnet {
                              mode = drop
                              local_ts = 10.1.22.0/24[tcp]
                              remote_ts = 10.2.22.0/24[tcp/23]
                              start_action = trap
                            }
                            ssh {
                              mode = pass
                              local_ts = 10.1.22.0/24[tcp/22]
                              remote_ts = 10.2.22.0/24[tcp]
                              start_action = trap
                            }
                          }
                        }
                        """, ""),
                swanctl(23, "host-to-host-with-trap", Needs.KERNEL, Begins.MOON_BY_COMMAND, List.of("host-to-host-with-trap"), """
                        version = 2
                        children {
                          host-to-host-with-trap {
                            mode = transport
                            esp_proposals = aes128gcm16-ecp256
                            start_action = trap
                            dpd_action = trap
                          }
                        }
                        """, """
                        version = 2
                        children {
                          host-to-host-with-trap {
                            mode = transport
                            esp_proposals = aes128gcm16-ecp256
                          }
                        }
                        """),
                swanctl(24, "authentication-header", Needs.KERNEL, Begins.MOON_BY_COMMAND, List.of("ah-tunnel"), """
                        version = 2
                        children {
                          ah-tunnel {
                            local_ts = 10.1.24.0/24
                            remote_ts = 10.2.24.0/24
                            ah_proposals = sha384, sha256
                          }
                        }
                        """, """
                        version = 2
                        children {
                          ah-tunnel {
                            local_ts = 10.2.24.0/24
                            remote_ts = 10.1.24.0/24
                            ah_proposals = sha256
                          }
                        }
                        """),
                swanctl(25, "marks-and-interface", Needs.KERNEL, Begins.MOON_BY_COMMAND, List.of("marked", "of-an-interface"), """
                        version = 2
                        children {
                          marked {
                            local_ts = 10.1.25.0/24
                            remote_ts = 10.2.25.0/24
                            esp_proposals = aes128gcm16
                            mark_in = 0x25/0xff
                            mark_out = 37
                            replay_window = 64
                          }
                          of-an-interface {
                            local_ts = 10.1.125.0/24
                            remote_ts = 10.2.125.0/24
                            esp_proposals = aes128gcm16-esn
                            if_id_in = 25
                            if_id_out = 25
                          }
                        }
                        """, """
                        version = 2
                        children {
                          marked {
                            local_ts = 10.2.25.0/24
                            remote_ts = 10.1.25.0/24
                            esp_proposals = aes128gcm16
                          }
                          of-an-interface {
                            local_ts = 10.2.125.0/24
                            remote_ts = 10.1.125.0/24
                            esp_proposals = aes128gcm16-esn
                          }
                        }
                        """),
                swanctl(26, "between-the-hosts", Needs.KERNEL, Begins.MOON_BY_COMMAND, List.of("between-the-hosts"), """
                        version = 2
                        children {
                          between-the-hosts {
                            esp_proposals = aes128gcm16
                          }
                        }
                        """, """
                        version = 2
                        children {
                          between-the-hosts {
                            esp_proposals = aes128gcm16
                          }
                        }
                        """));
    }

    private static String ipv6(boolean atMoon, String ours, String theirs) {
        return connection(15, atMoon, "ipv6", """
                version = 2
                proposals = aes256-sha256-curve25519
                children {
                  ipv6 {
                    local_ts = %s
                    remote_ts = %s
                    esp_proposals = aes256-aesxcbc
                  }
                }
                """.formatted(ours, theirs)).replace("192.0.2.", "2001:db8::");
    }
}
