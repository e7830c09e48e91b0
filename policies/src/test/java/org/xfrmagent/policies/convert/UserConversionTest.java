package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.policies.convert.SwanctlConf.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.User;
import org.xfrmagent.policies.model.VirtualAddress;

/** Users of swanctl.conf, who show a password by XAUTH, and the addresses that they are given by Mode Config. */
class UserConversionTest {
    @TempDir
    Path folder = Path.of("");

    /** A gateway that gives its users addresses of a pool, and knows them by password (XAUTH). */
    static final String STAFF = """
            connections {
              staff {
                version = 1
                aggressive = yes
                proposals = aes256-sha1-modp2048
                local_addrs = 192.0.2.2
                pools = office
                local { auth = psk
                        id = gate.example.org }
                remote { auth = psk
                         id = keyid:staff }
                remote-user { auth = xauth-generic }
                children { staff { local_ts = 10.2.0.0/16
                                   esp_proposals = aes256-sha1 } }
              }
            }
            pools { office { addrs = 10.3.0.0/24
                             dns = 10.2.0.53
                             nbns = 10.2.0.54
                             split_include = 10.2.0.0/16, 10.8.0.0/16
                             28674 = inside.example.org } }
            """;

    @Test
    void passwordsThatARadiusServerJudgesAreNotNeededHere() {
        Converted converted = convert(STAFF.replace("auth = xauth-generic", "auth = xauth-radius\ngroups = staff, night shift\n"));
        assertThat(converted.yaml()).contains("remote: { id: keyid:staff, methods: radius, groups: [staff, \"night shift\"], auth: xauth }");
        assertThat(converted.losses()).isEmpty();
        assertThat(converted.remarks()).anySatisfy(remark -> assertThat(remark)
                .contains("the servers of xauth-radius stand in strongswan.conf (charon.plugins.eap-radius): they belong under 'radius' here"));
        assertThat(convert(STAFF.replace("auth = xauth-generic", "auth = xauth-generic\ngroups = staff\n")).losses())
                .containsExactly("connections.staff.remote-user.groups: has no equal here and is left out");
    }

    /** What swanctl's users call 'dynamic' is an address of the pool. */
    @Test
    void usersWithPasswordsGetTheirAddressesFromAPool() throws IOException {
        Converted converted = convert(STAFF + """
                secrets {
                  ike { id = gate.example.org
                        secret = "the group's" }
                  xauth-carol { id = carol
                                secret = hers }
                  eap-dave { id-1 = dave
                             id-2 = d.smith
                             secret = his }
                  eap-anybody { secret = everybodys }
                }
                """);
        PolicySet policies = ConvertedFiles.read(folder, converted);
        assertThat(policies.peers()).singleElement().satisfies(peer -> {
            assertThat(peer.remote().auth()).isEqualTo(Auth.XAUTH);
            assertThat(peer.pools()).containsExactly("office");
        });
        assertThat(converted.yaml()).contains("office: { addresses: [10.3.0.0/24], dns: [10.2.0.53], nbns: [10.2.0.54], "
                + "split: [10.2.0.0/16, 10.8.0.0/16], domain: inside.example.org }");
        assertThat(policies.users()).extracting(User::name).containsExactly("carol", "dave", "d.smith");
        assertThat(policies.policies().getFirst().match().remote()).hasToString("10.3.0.0/24");
        assertThat(converted.secrets()).containsEntry("xauth-carol.password", "hers").containsEntry("eap-dave.password", "his");
        assertThat(converted.losses()).containsExactly("secrets.eap-anybody: a password that is any user's cannot be used; this secret is left out");
    }

    @Test
    void aUserKeepsItsNameAndPassword() throws IOException {
        PolicySet policies = ConvertedFiles.read(folder, convert("""
                connections { office {
                    version = 1
                    local_addrs = 192.0.2.1
                    remote_addrs = 192.0.2.2
                    local { auth = psk
                            id = moon.example.org }
                    local-2 { auth = xauth
                              xauth_id = carol }
                    remote { auth = psk }
                    children { net { remote_ts = 10.2.0.0/16 } } } }
                secrets { ike { secret = x }
                          xauth { id = carol
                                  secret = y } }
                """));
        assertThat(policies.peers().getFirst().local().auth()).isEqualTo(Auth.XAUTH);
        assertThat(policies.peers().getFirst().local().user()).contains("carol");
        assertThat(policies.user("carol")).isPresent();
    }

    @Test
    void addressesAreAskedForAndGivenAsTheyWere() throws IOException {
        Converted gateway = convert(STAFF.replace("pools = office", "pools = office\npull = no") + "secrets { ike { secret = x } }\n");
        assertThat(gateway.losses()).isEmpty();
        assertThat(gateway.yaml()).contains("pool: office\n    config: push\n");
        String client = """
                connections { office {
                    version = 1
                    remote_addrs = 192.0.2.2
                    vips = 0.0.0.0
                    pull = no
                    local { auth = psk
                            id = moon.example.org }
                    remote { auth = psk }
                    children { net { remote_ts = 10.2.0.0/16 } } } }
                secrets { ike { secret = x } }
                """;
        Converted converted = convert(client);
        assertThat(converted.losses()).isEmpty();
        PolicySet policies = ConvertedFiles.read(folder, converted);
        assertThat(policies.peers().getFirst().local().virtualAddresses()).containsExactly(VirtualAddress.ANY_IPV4);
        assertThat(policies.peers().getFirst().config()).isEqualTo(ConfigExchange.PUSH);
        assertThat(policies.policies().getFirst().match().local()).hasToString("0.0.0.0/0");
        assertThat(convert(client.replace("0.0.0.0", "10.3.0.7").replace("pull = no", "pull = yes")).yaml())
                .contains("virtual-address: 10.3.0.7").doesNotContain("config:");
        Converted second = convert(client.replace("version = 1", "version = 2"));
        assertThat(second.losses()).isEmpty();
        assertThat(second.yaml()).contains("virtual-address: any").doesNotContain("config:");
        assertThat(ConvertedFiles.read(Files.createDirectory(folder.resolve("second")), second).policies().getFirst().match().local()).hasToString("0.0.0.0/0");
    }

    @Test
    void roundsThatCannotBeUsedAreNamed() {
        assertThat(convert(STAFF.replace("version = 1", "version = 2")).losses()).first(InstanceOfAssertFactories.STRING)
                .contains("remote-user.auth = xauth-generic cannot be used yet");
        assertThat(convert(STAFF.replace("pools = office", "pools = dhcp")).losses())
                .anySatisfy(loss -> assertThat(loss).contains("connections.staff.pools: pools of this file can be used, and 'dhcp' is not in it"));
    }
}
