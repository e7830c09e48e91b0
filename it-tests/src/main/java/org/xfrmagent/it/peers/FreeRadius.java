package org.xfrmagent.it.peers;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Running;

/** FreeRADIUS with passwords, EAP-MD5, EAP-MSCHAPV2 and EAP-TLS, as the one who judges the users of a gateway. */
public final class FreeRadius implements AutoCloseable {
    private static final String FOLDER = "/etc/freeradius-lab";
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Running daemon;

    /**
     * Starts it.
     *
     * @param secret that it and every client have
     * @param users what its users file says about each, the password's check item first
     */
    public FreeRadius(Host host, String secret, Map<String, String> users, Pki.Certified own, Pki.Certified authority) {
        host.lay(Unpacked.of("freeradius"));
        host.write(FOLDER + "/own.pem", own.pem());
        host.write(FOLDER + "/own.key", own.keyPem());
        host.write(FOLDER + "/ca.pem", authority.pem());
        host.write(FOLDER + "/users", users.entrySet().stream().map(user -> user.getKey() + " " + user.getValue() + "\n").collect(Collectors.joining()));
        host.write(FOLDER + "/radiusd.conf", configuration(secret));
        daemon = host.start("/usr/sbin/freeradius", "-X", "-d", FOLDER).awaitOutput("Ready to process requests", SOON);
    }

    private static String configuration(String secret) {
        return """
                prefix = /usr
                libdir = /usr/lib/freeradius
                raddbdir = %1$s
                logdir = %1$s
                run_dir = %1$s
                security {
                  max_attributes = 200
                  reject_delay = 0
                  status_server = no
                }
                client all {
                  ipaddr = 0.0.0.0/0
                  secret = "%2$s"
                  require_message_authenticator = yes
                }
                modules {
                  mschap {
                    use_mppe = yes
                    require_encryption = yes
                    require_strong = yes
                  }
                  files {
                    usersfile = %1$s/users
                  }
                  pap {
                  }
                  always ok {
                    rcode = ok
                  }
                  always noop {
                    rcode = noop
                  }
                  eap {
                    default_eap_type = mschapv2
                    timer_expire = 60
                    md5 {
                    }
                    mschapv2 {
                    }
                    tls-config lab {
                      private_key_file = %1$s/own.key
                      certificate_file = %1$s/own.pem
                      ca_file = %1$s/ca.pem
                      cipher_list = "DEFAULT"
                      tls_min_version = "1.2"
                      tls_max_version = "1.3"
                      ecdh_curve = ""
                      fragment_size = 1024
                    }
                    tls {
                      tls = lab
                    }
                  }
                }
                server lab {
                  listen {
                    type = auth
                    ipaddr = *
                    port = 1812
                  }
                  listen {
                    type = acct
                    ipaddr = *
                    port = 1813
                  }
                  preacct {
                    noop
                  }
                  accounting {
                    ok
                  }
                  authorize {
                    eap {
                      ok = return
                    }
                    files
                    pap
                  }
                  post-auth {
                    # Releases since 3.2.5 do so by themselves (CVE-2024-3596).
                    update reply {
                      Message-Authenticator := 0x00
                    }
                  }
                  authenticate {
                    Auth-Type PAP {
                      pap
                    }
                    Auth-Type MS-CHAP {
                      mschap
                    }
                    eap
                  }
                }
                """.formatted(FOLDER, secret);
    }

    /** All that it has said. */
    public String log() {
        return daemon.output();
    }

    @Override
    public void close() {
        daemon.terminate();
    }
}
