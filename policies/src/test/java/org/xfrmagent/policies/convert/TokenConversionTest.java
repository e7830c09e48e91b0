package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.convert.SettingsParser.Source;

/** Keys and certificates in tokens, in swanctl.conf, ipsec.conf, ipsec.secrets and strongswan.conf. */
class TokenConversionTest {
    private static Settings settings(String text) {
        return SettingsParser.parse(new Source("strongswan.conf", text), (_, _) -> List.of());
    }

    private static Converted ipsec(String conf, String secrets) {
        return SwanctlConversion.convert(IpsecConversion.toSwanctl(IpsecConf.parse(new Source("ipsec.conf", conf), (_, _) -> List.of()),
                IpsecSecrets.parse(new Source("ipsec.secrets", secrets), (_, _) -> List.of()), _ -> false), CredentialFolders.none());
    }

    @Test
    void swanctlsSectionsBecomeUris() {
        Converted converted = SwanctlConversion.convert(settings("""
                connections { sun {
                    version = 2
                    remote_addrs = 192.0.2.2
                    local { auth = pubkey
                            id = moon.example.org
                            cert1 { handle = 0a0b
                                    slot = 3
                                    module = card } }
                    remote { auth = pubkey
                             id = sun.example.org
                             cacert1 { handle = 0c } }
                    children { net { local_ts = 10.1.0.0/16
                                     remote_ts = 10.2.0.0/16 } } } }
                authorities { root { handle = 0d
                                     crl_uris = http://crl.example.org/ca.crl } }
                secrets { token1 { handle = 0A0B
                                   slot = 3
                                   module = card
                                   pin = 0x739254 } }
                """), CredentialFolders.none());
        assertThat(converted.losses()).isEmpty();
        assertThat(converted.yaml())
                .contains("certificate: \"pkcs11:id=%0A%0B;slot-id=3?module-name=card\"")
                .contains("remote: { address: 192.0.2.2, authorities: token, id").contains("token: { certificate: \"pkcs11:id=%0C\" }")
                .contains("root: { certificate: \"pkcs11:id=%0D\", crls: [http://crl.example.org/ca.crl] }")
                .contains("- { from: \"pkcs11:id=%0A%0B;slot-id=3?module-name=card\", passphrase: file:token1.pin }")
                .doesNotContain("739254");
        // A PIN is what stands there, whatever it begins with.
        assertThat(converted.secrets()).containsExactly(entry("token1.pin", "0sMHg3MzkyNTQ="));
    }

    @Test
    void whoIsAskedForThePinIsToldWhereItBelongs() {
        Converted converted = SwanctlConversion.convert(settings("secrets { token1 { handle = 0a0b } }"), CredentialFolders.none());
        assertThat(converted.losses()).isEmpty();
        assertThat(converted.remarks()).anyMatch(remark -> remark.contains("secrets.token1.pin: nobody is asked for a PIN here"));
    }

    @Test
    void ipsecsSmartcardsBecomeUris() {
        Converted converted = ipsec("""
                conn sun
                  auto=add
                  left=192.0.2.1
                  right=192.0.2.2
                  leftcert=%smartcard3@card:0a0b
                  leftid=moon.example.org
                  rightid=sun.example.org
                  leftsubnet=10.1.0.0/16
                  rightsubnet=10.2.0.0/16
                """, ": PIN %smartcard3@card:0a0b 739254\n: PIN %smartcard:0c %prompt\n");
        assertThat(converted.losses()).isEmpty();
        assertThat(converted.yaml())
                .contains("certificate: \"pkcs11:id=%0A%0B;slot-id=3?module-name=card\"")
                .contains("- { from: \"pkcs11:id=%0A%0B;slot-id=3?module-name=card\", passphrase: file:token-1.pin }")
                .contains("- \"pkcs11:id=%0C\"")
                .doesNotContain("739254");
        assertThat(converted.secrets()).containsExactly(entry("token-1.pin", "739254"));
    }

    @Test
    void aSmartcardWithoutAKeyIdIsSaidWithoutItsPin() {
        assertThat(ipsec("", ": PIN %smartcard1 739254\n").losses())
                .containsExactly("secrets.token-1.handle: the handle is no row of pairs of hexadecimal digits, expected the CKA_ID of the key such as 0a0b");
    }

    @Test
    void librariesAreNamedInStrongswanConf() {
        assertThat(StrongswanConf.modules(settings("""
                charon {
                  plugins {
                    pkcs11 {
                      load = yes
                      modules {
                        <name> {
                        }
                        card {
                          path = /usr/lib/libcard.so
                        }
                        soft {
                          path = /usr/lib/softhsm/libsofthsm2.so
                        }
                      }
                    }
                  }
                }
                charon-systemd {
                  plugins {
                    pkcs11 {
                      modules {
                        card {
                          path = /opt/libcard.so
                        }
                      }
                    }
                  }
                }
                """))).containsOnly(entry("card", Path.of("/opt/libcard.so")), entry("soft", Path.of("/usr/lib/softhsm/libsofthsm2.so")));
        assertThat(StrongswanConf.modules(settings("swanctl { load = random }"))).isEmpty();
    }
}
