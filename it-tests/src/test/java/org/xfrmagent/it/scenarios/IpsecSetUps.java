package org.xfrmagent.it.scenarios;

import static org.xfrmagent.it.scenarios.SetUp.ipsec;

import java.util.List;
import org.xfrmagent.it.scenarios.SetUp.Needs;

/** Set-ups in the older words of ipsec.conf(5). */
final class IpsecSetUps {
    private IpsecSetUps() {}

    static List<SetUp> all() {
        return List.of(
                ipsec(31, "old-site-to-site", Needs.ANY_PLANE, """
                        leftsubnet=10.1.31.0/24,10.1.131.0/24
                        rightsubnet=10.2.31.0/24
                        ike=aes256-sha384-ecp384!
                        esp=aes192gcm16-ecp384!
                        reauth=no
                        dpddelay=45s
                        auto=route
                        """, """
                        version = 2
                        proposals = aes256-sha384-ecp384
                        children {
                          old-site-to-site {
                            local_ts = 10.2.31.0/24
                            remote_ts = 10.1.31.0/24, 10.1.131.0/24
                            esp_proposals = aes192gcm16-ecp384
                          }
                        }
                        """),
                ipsec(32, "old-ikev1", Needs.ANY_PLANE, """
                        keyexchange=ikev1
                        leftsubnet=10.1.32.0/24
                        rightsubnet=10.2.32.0/24
                        leftprotoport=udp
                        rightprotoport=udp/1701
                        ike=aes256-sha1-modp1024!
                        esp=aes256-sha1!
                        dpdaction=clear
                        auto=add
                        """, """
                        version = 1
                        proposals = aes256-sha1-modp1024
                        children {
                          old-ikev1 {
                            local_ts = 10.2.32.0/24[udp/1701]
                            remote_ts = 10.1.32.0/24[udp]
                            esp_proposals = aes256-sha1
                          }
                        }
                        """),
                ipsec(33, "old-transport", Needs.KERNEL, """
                        type=transport
                        ike=aes128-sha256-modp2048!
                        ah=sha256!
                        auto=add
                        """, """
                        version = 2
                        proposals = aes128-sha256-modp2048
                        children {
                          old-transport {
                            mode = transport
                            ah_proposals = sha256
                          }
                        }
                        """));
    }
}
