package org.xfrmagent.it.scenarios;

import java.util.List;
import org.xfrmagent.it.peers.Plane;

/** The swanctl.conf of a charon at moon, and that of the charon at sun which it talks with. */
final class DropInSetUps {
    private static final String SITE_AT_MOON = """
              site {
                version = 2
                local_addrs = 192.0.2.1
                remote_addrs = 192.0.2.2
                proposals = aes256gcm16-prfsha384-x25519
                dpd_delay = 30s
                rekey_time = 2h
                local {
                  auth = psk
                  id = moon.lab
                }
                remote {
                  auth = psk
                  id = sun.lab
                }
                children {
                  net {
                    local_ts = 10.1.0.0/16
                    remote_ts = 10.2.0.0/16
                    esp_proposals = aes256gcm16-x25519
                    rekey_time = 20m
                  }
                }
              }
            """;
    private static final String SITE_AT_SUN = """
              site {
                version = 2
                local_addrs = 192.0.2.2
                remote_addrs = 192.0.2.1
                proposals = aes256gcm16-prfsha384-x25519
                local {
                  auth = psk
                  id = sun.lab
                }
                remote {
                  auth = psk
                  id = moon.lab
                }
                children {
                  net {
                    local_ts = 10.2.0.0/16
                    remote_ts = 10.1.0.0/16
                    esp_proposals = aes256gcm16-x25519
                  }
                }
              }
            """;
    private static final String HOST_AT_MOON = """
              host {
                version = 2
                local_addrs = 192.0.2.31
                remote_addrs = 192.0.2.32
                proposals = aes128-sha256-ecp256
                local {
                  auth = psk
                  id = moon-host.lab
                }
                remote {
                  auth = psk
                  id = sun-host.lab
                }
                children {
                  host {
                    mode = transport
                    esp_proposals = aes128-sha256
                    start_action = trap
                  }
                }
              }
            """;
    private static final String USERS_AT_MOON = """
              users {
                version = 1
                aggressive = yes
                local_addrs = 192.0.2.41
                proposals = aes256-sha1-modp2048
                pools = users
                local {
                  auth = psk
                  id = gate.lab
                }
                remote {
                  auth = psk
                  id = keyid:users
                }
                remote-user {
                  auth = xauth
                }
                children {
                  office {
                    local_ts = 10.1.0.0/16
                    esp_proposals = aes256-sha1
                  }
                }
              }
            """;
    private static final String USERS_AT_SUN = """
              users {
                version = 1
                aggressive = yes
                local_addrs = 192.0.2.42
                remote_addrs = 192.0.2.41
                vips = 0.0.0.0
                proposals = aes256-sha1-modp2048
                local {
                  auth = psk
                  id = keyid:users
                }
                local-user {
                  auth = xauth
                  xauth_id = carol
                }
                remote {
                  auth = psk
                  id = gate.lab
                }
                children {
                  office {
                    remote_ts = 10.1.0.0/16
                    esp_proposals = aes256-sha1
                  }
                }
              }
            """;
    private static final String REST = """
            secrets {
              ike-site {
                id-1 = moon.lab
                id-2 = sun.lab
                secret = "a secret of the two sites"
              }
              ike-host {
                id-1 = moon-host.lab
                id-2 = sun-host.lab
                secret = "a secret of the two hosts"
              }
              ike-users {
                id-1 = gate.lab
                id-2 = keyid:users
                secret = "a secret of all users"
              }
              xauth-carol {
                id = carol
                secret = "carols own secret"
              }
            }
            """;
    private static final String POOL = """
            pools {
              users {
                addrs = 10.3.0.0/24
                dns = 10.1.0.53
              }
            }
            """;

    private DropInSetUps() {}

    /** What is played on a plane: charon's userspace plane has no transport mode. */
    static List<String> connections(Plane plane) {
        return plane == Plane.KERNEL ? List.of("site", "host", "users") : List.of("site", "users");
    }

    static String moon(Plane plane) {
        return "connections {\n" + SITE_AT_MOON + (plane == Plane.KERNEL ? HOST_AT_MOON : "") + USERS_AT_MOON + "}\n" + POOL + REST;
    }

    static String sun(Plane plane) {
        String host = HOST_AT_MOON.replace("local", "other").replace("remote", "local").replace("other", "remote");
        return "connections {\n" + SITE_AT_SUN + (plane == Plane.KERNEL ? host : "") + USERS_AT_SUN + "}\n" + REST;
    }
}
