package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.convert.SettingsParser.Source;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Jitter;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.User;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.VirtualAddress;

class SwanctlConversionTest {
    @TempDir
    Path folder = Path.of("");

    private static Converted convert(String text) {
        return SwanctlConversion.convert(SettingsParser.parse(new Source("swanctl.conf", text), (from, pattern) -> List.of()));
    }

    @Test
    void aTunnelBetweenTwoSitesKeepsItsAlgorithmsAndSelectors() throws IOException {
        Converted converted = convert("""
                connections {
                  sun {
                    version = 2
                    local_addrs = 192.0.2.1
                    remote_addrs = sun.example.org
                    proposals = aes256gcm16-prfsha384-curve25519, default
                    rekey_time = 8h
                    dpd_delay = 30s
                    encap = yes
                    mobike = no
                    local { auth = psk
                            id = moon.example.org }
                    remote { auth = psk
                             id = sun.example.org }
                    children {
                      net {
                        local_ts = 10.1.0.0/16, fd01::/32
                        remote_ts = 10.2.0.0/16, fd02::/32
                        esp_proposals = aes256gcm16-curve25519
                        start_action = start
                        rekey_time = 30m
                        rekey_bytes = 500000000
                        replay_window = 1024
                        updown = /usr/local/bin/updown iptables
                      }
                    }
                  }
                }
                secrets {
                  ike-sun { id-1 = moon.example.org
                            id-2 = sun.example.org
                            secret = 0sAAECAwQFBgcICQoLDA0ODxAREhMUFRYX }
                }
                """);
        PolicySet policies = ConvertedFiles.read(folder, converted);
        assertThat(policies.peer("sun")).hasValueSatisfying(sun -> {
            assertThat(sun.proposals().getFirst()).hasToString("aes256gcm16-prfsha384-x25519");
            assertThat(sun.proposals().subList(1, sun.proposals().size())).as("default").isEqualTo(Defaults.IKE_PROPOSALS);
            assertThat(sun.ikeLifetimes().seconds().soft()).isEqualTo(8 * 3600);
            assertThat(sun.forceEncapsulation()).isTrue();
            assertThat(sun.mobike()).isFalse();
            assertThat(sun.liveness().delay()).hasSeconds(30);
        });
        assertThat(protect(policies, "net")).satisfies(net -> {
            assertThat(net.peer()).isEqualTo("sun");
            assertThat(net.start()).isEqualTo(Start.AT_START);
            assertThat(net.lifetimes().bytes().soft()).isEqualTo(500_000_000);
            assertThat(net.replayWindow()).isEqualTo(1024);
            assertThat(net.updown()).containsExactly("/usr/local/bin/updown", "iptables");
        });
        assertThat(policies.policy("net").orElseThrow().match()).hasToString("10.1.0.0/16 fd01::/32 === 10.2.0.0/16 fd02::/32");
        assertThat(converted.remarks()).isEmpty();
        assertThat(converted.toString()).doesNotContain("AAECAwQF");
    }

    /** {@code default} is all that is proposed otherwise, in the place where it stands; alone it goes without saying. */
    @Test
    void defaultAmongProposalsIsOurDefaultInItsPlace() throws IOException {
        Converted converted = convert("""
                connections {
                  sun { version = 2
                        local_addrs = 192.0.2.1
                        remote_addrs = 192.0.2.2
                        proposals = default, aes128-sha1-modp1024
                        local { auth = psk }
                        remote { auth = psk
                                 id = sun.example.org }
                        children {
                          lan { esp_proposals = aes128-sha1-modp1024, default
                                remote_ts = 10.2.0.0/16 }
                          dmz { esp_proposals = default
                                remote_ts = 10.3.0.0/16 }
                          archive { ah_proposals = sha1, default
                                    remote_ts = 10.4.0.0/16 }
                        } }
                }
                secrets { ike-sun { secret = 0sAAECAwQFBgcICQoLDA0ODxAREhMUFRYX } }
                """);
        PolicySet policies = ConvertedFiles.read(folder, converted);
        List<Proposal> ike = policies.peer("sun").orElseThrow().proposals();
        assertThat(ike.subList(0, ike.size() - 1)).isEqualTo(Defaults.IKE_PROPOSALS);
        assertThat(ike.getLast()).hasToString("aes128-sha1-prfsha1-modp1024");
        List<Proposal> lan = protect(policies, "lan").proposals();
        assertThat(lan.subList(1, lan.size())).isEqualTo(Defaults.childProposals(Protocol.ESP));
        assertThat(protect(policies, "dmz").proposals()).isEqualTo(Defaults.childProposals(Protocol.ESP));
        List<Proposal> archive = protect(policies, "archive").proposals();
        assertThat(archive.subList(1, archive.size())).isEqualTo(Defaults.childProposals(Protocol.AH));
        assertThat(converted.remarks()).isEmpty();
    }

    private static Protect protect(PolicySet policies, String name) {
        Policy policy = policies.policy(name).orElseThrow();
        return policy.action() instanceof Protect protect ? protect : Protect.with(policy + " is no protect policy");
    }

    /** The narrower wins under charon whatever the file's order, and a pass policy wins over every tunnel. */
    @Test
    void policiesComeInTheOrderOfTheirPriorities() throws IOException {
        Converted converted = convert("""
                connections {
                  shunts { children {
                    idle { mode = drop
                           local_ts = 192.0.2.0/24 }
                    no-telnet { mode = drop
                                start_action = trap
                                remote_ts = 0.0.0.0/0[tcp/23]
                                local_ts = 0.0.0.0/0 }
                    ssh { mode = pass
                          start_action = trap
                          local_ts = 192.0.2.0/24[tcp/22]
                          remote_ts = 192.0.2.0/24[tcp] }
                  } }
                  hosts {
                    version = 2
                    local_addrs = 192.0.2.1
                    remote_addrs = 192.0.2.2
                    local { auth = psk }
                    remote { auth = psk }
                    children {
                      wide { local_ts = 10.0.0.0/8
                             remote_ts = 10.0.0.0/8
                             start_action = trap }
                      narrow { local_ts = 10.1.0.0/16
                               remote_ts = 10.2.0.0/16 }
                      host { mode = transport
                             ah_proposals = sha256 }
                    }
                  }
                }
                secrets { ike { secret = "twenty octets or more of it" } }
                """);
        PolicySet policies = ConvertedFiles.read(folder, converted);
        assertThat(policies.policies()).extracting(Policy::name).containsExactly("ssh", "host", "narrow", "wide", "no-telnet");
        assertThat(policies.policies().getFirst().action()).isInstanceOf(Action.Bypass.class);
        assertThat(policies.policies().getLast().action()).isInstanceOf(Action.Discard.class);
        assertThat(protect(policies, "host").mode()).isEqualTo(Mode.TRANSPORT);
        assertThat(protect(policies, "wide").start()).isEqualTo(Start.ON_TRAFFIC);
        assertThat(protect(policies, "narrow").start()).isEqualTo(Start.BY_PEER);
        assertThat(converted.losses()).isEmpty();
        assertThat(converted.remarks()).contains("connections.shunts.children.idle: is not in force under charon either, unless its start_action "
                + "is trap, or it is installed by command");
    }

    /** Who had it keeps it, and is told what it means. */
    @Test
    void aggressiveModeComesWithItsSwitch() throws IOException {
        String settings = """
                connections {
                  sun {
                    version = 1
                    aggressive = yes
                    remote_addrs = 192.0.2.2
                    proposals = aes256-sha256-modp2048
                    local { auth = psk
                            id = moon.example.org }
                    remote { auth = psk }
                    children { net { local_ts = 10.1.0.0/16
                                     remote_ts = 10.2.0.0/16 } }
                  }
                }
                secrets { ike { secret = "twenty octets or more of it" } }
                """;
        Converted converted = convert(settings);
        assertThat(ConvertedFiles.read(folder, converted).peer("sun").orElseThrow().ike()).isEqualTo(IkeVersion.V1_AGGRESSIVE);
        assertThat(converted.yaml()).contains("accept-crackable-psk: true");
        assertThat(converted.remarks()).anySatisfy(remark -> assertThat(remark).contains("connections.sun.aggressive", "hash"));
        Converted certificates = convert(settings.replace("auth = psk", "auth = pubkey"));
        assertThat(certificates.yaml()).as("what a certificate signs cannot be guessed").contains("v1-aggressive").doesNotContain("crackable");
    }

    @Test
    void whatCannotBeUsedYetIsLeftOutWithAReason() {
        Converted converted = convert("""
                connections {
                  road { version = 2
                    local { auth = pubkey
                            certs = moon.pem }
                    remote { auth = eap-ttls }
                    children { net { local_ts = 10.1.0.0/16 } }
                  }
                }
                secrets { eap-carol { id = carol
                                      secret = "hush hush" } }
                authorities { ca { cacert = ca.pem } }
                """);
        assertThat(converted.yaml()).doesNotContain("peers:", "policies:");
        assertThat(converted.remarks()).containsExactly(
                "connections.road: remote.auth = eap-ttls cannot be used yet, only psk and pubkey can, and eap-mschapv2, eap-md5, eap-gtc, eap-tls and "
                        + "eap-dynamic; this connection and its children are left out",
                "secrets.eap-carol: only pre-shared keys of IKE, and passwords of users that a connection asks for by eap or xauth, can be used yet; "
                        + "this secret is left out");
        assertThat(converted.yaml() + converted.remarks()).doesNotContain("hush");
    }

    /** A file without policies is one; a key without a list would be refused. */
    @Test
    void whatIsNotInForceLeavesNoKeyWithoutAValue() {
        Converted converted = convert("connections { shunts { children { idle { mode = pass\nlabel = red } } } }");
        assertThat(converted.losses()).isEmpty();
        assertThat(converted.yaml()).doesNotContain("policies:").contains("# connections.shunts.children.idle: is not in force");
    }

    /** charon would not load them either: "invalid value for: mobike, config discarded". */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
            "version, x, 0; 1 or 2", "mobike, maybe, yes or no", "encap, maybe, yes or no", "aggressive, maybe, yes or no",
            "fragmentation, maybe, yes; accept; force; no", "send_cert, maybe, ifasked; always or never", "send_certreq, maybe, yes or no",
            "if_id_in, x, a number; %unique or %unique-dir", "children.net.start_action, maybe, none; trap or start",
            "children.net.ipcomp, maybe, yes or no", "children.net.priority, x, a number", "children.net.policies, maybe, yes or no",
            "children.net.copy_df, maybe, yes or no", "children.net.hostaccess, maybe, yes or no", "children.net.sha256_96, 2, yes or no"})
    void aValueThatThereIsNotIsNotTakenForAnother(String option, String value, String expected) {
        boolean child = option.startsWith("children.");
        String line = option.substring(option.lastIndexOf('.') + 1) + " = " + value;
        Converted converted = convert("""
                connections { sun {
                  remote_addrs = 192.0.2.2
                  %s
                  local { auth = psk }
                  remote { auth = psk }
                  children { net { local_ts = 10.1.0.0/16
                                   remote_ts = 10.2.0.0/16
                                   %s } } } }
                """.formatted(child ? "" : line, child ? line : ""));
        assertThat(converted.losses()).containsExactly("connections.sun." + option + ": is '" + value + "', expected " + expected.replace(';', ','));
    }

    @Test
    void theModeOfALabelIsToldByItsName() {
        assertThat(labelled("selinux").losses()).containsExactly(
                "connections.sun.children.net.label_mode: selinux has no equal, no labels are put into the kernel; simple agrees on them with the peer");
        assertThat(labelled("sinple").losses()).containsExactly("connections.sun.children.net.label_mode: is 'sinple', expected simple or system");
        assertThat(labelled("simple").yaml()).contains("label: red }");
        assertThat(labelled("simple").remarks()).isEqualTo(labelled("simple\nreqid = 7").remarks());
        assertThat(labelled("system").remarks()).anyMatch(remark -> remark.startsWith("connections.sun.children.net.label: is agreed on with the peer only"));
    }

    private static Converted labelled(String mode) {
        return convert("""
                connections {
                  sun { version = 2
                        remote_addrs = 192.0.2.2
                        local { auth = psk }
                        remote { auth = psk }
                        children { net { local_ts = 10.1.0.0/16
                                         remote_ts = 10.2.0.0/16
                                         label = red
                                         label_mode = %s } } }
                }
                """.formatted(mode));
    }

    @Test
    void anOptionThatIsNeitherYesNorNoIsNotTakenForNo() {
        Converted converted = convert("""
                connections {
                  sun {
                    remote_addrs = 192.0.2.2
                    local { auth = psk }
                    remote { auth = psk }
                    children {
                      net {
                        local_ts = 10.1.0.0/16
                        remote_ts = 10.2.0.0/16
                        hw_offload = sometimes
                        inactivity = 300s
                        ipcomp = false
                      }
                    }
                  }
                }
                """);
        assertThat(converted.losses()).containsExactly("connections.sun.children.net.hw_offload: has no equal here and is left out");
        assertThat(converted.yaml()).contains("lifetime: { idle: 300s }");
    }

    private static String oneChild(String ofConnection, String ofChild) {
        return """
                connections { sun {
                  remote_addrs = 192.0.2.2
                  version = 2
                  %s
                  local { auth = psk }
                  remote { auth = psk }
                  children { net {
                    %s
                  } }
                } }
                """.formatted(ofConnection, ofChild);
    }

    /** 17 is udp; a name that only the machine's /etc/services knows is not guessed. */
    @Test
    void protocolsAndPortsMayBeNamedOrNumbered() {
        assertThat(convert(oneChild("", "local_ts = 10.1.0.0/16[udp/1024-65535]\nremote_ts = 10.2.0.0/16[17/53]")).yaml())
                .contains("match: { local: 10.1.0.0/16, remote: 10.2.0.0/16, protocol: udp, local-port: 1024-65535, remote-port: 53 }");
        assertThat(convert(oneChild("", "local_ts = 10.1.0.0/16[tcp/xmpp-client]\nremote_ts = 10.2.0.0/16[tcp]")).losses()).containsExactly(
                "connections.sun.children.net: local_ts has the port 'xmpp-client', which has no number here; this child is left out");
    }

    /** swanctl.conf(5), local_ts: "The special value dynamic may be used instead of a subnet definition, which gets replaced by the tunnel outer address". */
    @Test
    void aTunnelThatSaysNothingElseIsBetweenTheHostsThemselves() throws IOException {
        String secrets = "secrets { ike { secret = \"twenty octets or more of it\" } }\n";
        Converted hosts = convert(oneChild("", "") + secrets);
        assertThat(hosts.remarks()).isEmpty();
        assertThat(ConvertedFiles.read(folder, hosts).policy("net").orElseThrow()).satisfies(net -> {
            assertThat(net.match()).hasToString("dynamic === dynamic");
            assertThat(net.action()).isInstanceOfSatisfying(Protect.class, protect -> assertThat(protect.mode()).isEqualTo(Mode.TUNNEL));
        });
        assertThat(convert(oneChild("", "remote_ts = dynamic[tcp/443]\nlocal_ts = 10.1.0.0/16[tcp]")).yaml())
                .contains("match: { local: 10.1.0.0/16, remote: dynamic, protocol: tcp, remote-port: 443 }");
        assertThat(convert(oneChild("remote_addrs = sun.example.org", "local_ts = 10.1.0.0/16")).yaml()).contains("remote: dynamic");
    }

    /** Beside other addresses it is the one that the connection names, if it names one. */
    @Test
    void theHostsOwnAddressAmongOthersMustBeKnownInAdvance() {
        assertThat(convert(oneChild("", "local_ts = 10.1.0.0/16\nremote_ts = 10.2.0.0/16, dynamic")).yaml())
                .contains("remote: [10.2.0.0/16, 192.0.2.2]");
        assertThat(convert(oneChild("remote_addrs = sun.example.org", "local_ts = 10.1.0.0/16\nremote_ts = 10.2.0.0/16, dynamic")).losses())
                .containsExactly("connections.sun.children.net: remote_ts is dynamic, and it is not known in advance which address that will be; "
                        + "this child is left out");
    }

    /** 'dynamic' is then the address that is given, and it is not known which. */
    @Test
    void whereAddressesAreGivenThatCannotBeTheHostsOwnAreNotTakenInstead() {
        assertThat(convert(oneChild("pools = staff", "local_ts = 10.1.0.0/16")).losses()).anyMatch(loss -> loss.contains("remote_ts is dynamic"));
        assertThat(convert(oneChild("vips = somewhere", "remote_ts = 10.2.0.0/16")).losses()).anyMatch(loss -> loss.contains("local_ts is dynamic"));
        assertThat(convert(oneChild("vips = ::", "remote_ts = 10.2.0.0/16")).losses()).anyMatch(loss -> loss.contains("no addresses of one family"));
    }

    @Test
    void oneProtocolMayHaveSeveralPorts() throws IOException {
        Converted converted = convert(oneChild("", "local_ts = dynamic[tcp]\nremote_ts = 10.2.0.0/16[tcp/80], 10.2.0.0/16[tcp/https]")
                + "secrets { ike { secret = \"twenty octets or more of it\" } }\n");
        assertThat(converted.remarks()).isEmpty();
        assertThat(ConvertedFiles.read(folder, converted).policy("net").orElseThrow().match())
                .hasToString("dynamic[tcp] === 10.2.0.0/16[tcp/80] 10.2.0.0/16[tcp/443]");
    }

    /** As charon has them: in one child, every selector with the protocol and port that stands with it. */
    @Test
    void selectorsWithProtocolsAndPortsOfTheirOwnStayOneChild() throws IOException {
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put("10.0.0.1/32[tcp/80],10.0.0.2/32[udp/53]", "10.0.0.1/32[tcp/80] 10.0.0.2/32[udp/53]");
        wanted.put("10.2.0.0/16[tcp/80], 10.3.0.0/16[tcp/443]", "10.2.0.0/16[tcp/80] 10.3.0.0/16[tcp/443]");
        wanted.put("10.2.0.53[udp/domain], 10.2.0.53[tcp/53], 10.3.0.0/16", "10.2.0.53/32[udp/53] 10.2.0.53/32[tcp/53] 10.3.0.0/16");
        wanted.put("10.2.0.0/16[tcp/80], 10.2.0.0/16[tcp]", "10.2.0.0/16[tcp/80] 10.2.0.0/16[tcp]");
        wanted.put("10.2.0.0/16[icmp/8]", "10.2.0.0/16[icmp/8(0)]");
        wanted.put("10.2.0.0/16[icmp/2048], 10.2.0.0/16[gre], 10.2.0.0/16[6/1000-2000]", "10.2.0.0/16[icmp/8(0)] 10.2.0.0/16[gre] 10.2.0.0/16[tcp/1000-2000]");
        for (Map.Entry<String, String> each : wanted.entrySet()) {
            Converted converted = convert(oneChild("", "local_ts = 10.1.0.0/16\nremote_ts = " + each.getKey())
                    + "secrets { ike { secret = \"twenty octets or more of it\" } }\n");
            assertThat(converted.remarks()).isEmpty();
            Path own = Files.createTempDirectory(folder, "set-up");
            assertThat(ConvertedFiles.read(own, converted).policy("net").orElseThrow().match()).hasToString("10.1.0.0/16 === " + each.getValue());
        }
        Converted hosts = convert(oneChild("", "mode = transport\nlocal_ts = dynamic[tcp/22], dynamic[udp/53]\nremote_ts = dynamic[tcp], dynamic[udp]")
                + "secrets { ike { secret = \"twenty octets or more of it\" } }\n");
        assertThat(ConvertedFiles.read(folder, hosts).policy("net").orElseThrow().match())
                .hasToString("dynamic[tcp/22] dynamic[udp/53] === dynamic[tcp] dynamic[udp]");
        assertThat(convert(oneChild("", "local_ts = 10.1.0.0/16[tcp]\nremote_ts = 10.2.0.0/16[udp], 10.2.0.0/16[icmp]")).losses()).singleElement().satisfies(loss ->
                assertThat(loss).contains("name different protocols"));
    }

    /** swanctl.conf(5), if_id_in: "May be overridden by child config". */
    @Test
    void childrenHaveTheInterfaceIdsOfTheirConnectionUnlessTheyHaveTheirOwn() {
        String nets = "local_ts = 10.1.0.0/16\nremote_ts = 10.2.0.0/16\n";
        assertThat(convert(oneChild("if_id_in = 5\nif_id_out = 5", nets)).yaml()).contains("interface-id: 5");
        assertThat(convert(oneChild("if_id_in = 5\nif_id_out = 5", nets + "if_id_in = 6\nif_id_out = 6")).yaml()).contains("interface-id: 6");
        assertThat(convert(oneChild("if_id_in = 5", nets)).yaml()).contains("interface-id: { in: 5 }");
        assertThat(convert(oneChild("if_id_in = 5\nif_id_out = 5", nets + "if_id_out = 6")).yaml()).contains("interface-id: { in: 5, out: 6 }");
        assertThat(convert(oneChild("", nets + "if_id_in = %unique-dir\nif_id_out = %unique-dir")).yaml()).contains("interface-id: unique-dir");
        assertThat(convert(oneChild("", nets + "if_id_in = %unique\nif_id_out = %unique\nstart_action = trap")).losses()).singleElement().satisfies(loss ->
                assertThat(loss).startsWith("connections.sun.children.net.if_id_in: nobody knows a unique mark or id before the child has it"));
    }

    /** swanctl.conf(5): with reauth_time alone, rekey_time is 0; over_time is added to the longer of the two. */
    @Test
    void whoReauthenticatesDoesNotRekeyBetween() throws IOException {
        String nets = "local_ts = 10.1.0.0/16\nremote_ts = 10.2.0.0/16";
        Converted converted = convert(oneChild("reauth_time = 3h\nover_time = 10m\nrand_time = 0", nets) + "secrets { ike { secret = \"twenty octets or more of it\" } }\n");
        assertThat(converted.remarks()).isEmpty();
        assertThat(ConvertedFiles.read(folder, converted).peer("sun").orElseThrow()).satisfies(sun -> {
            assertThat(sun.ikeLifetimes().seconds().soft()).isZero();
            assertThat(sun.ikeLifetimes().seconds().hard()).isEqualTo(3 * 3600 + 600);
            assertThat(sun.ikeLifetimes().seconds().jitter()).isEqualTo(new Jitter.Amount(0));
            assertThat(sun.reauthentication()).hasHours(3);
        });
    }

    private static final String STAFF = """
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

    @Test
    void passwordsThatAreLoadedAreUsersIfAConnectionAsksForThem() {
        Settings all = SettingsParser.parse(new Source("loaded", STAFF), (from, pattern) -> List.of());
        Map<String, Settings> connections = all.section("connections").orElseThrow().sections();
        Map<String, Settings> pools = all.section("pools").orElseThrow().sections();
        Map<String, List<String>> passwords = Map.of("xauth-1", List.of("carol", "c.smith"));
        assertThat(LoadedConversion.convert(connections, pools, Map.of("ike-1", List.of()), passwords, LoadedConversion.PublicKeys.NONE).yaml())
                .contains("users:", "carol: { password: loaded:xauth-1 }", "c.smith: { password: loaded:xauth-1 }");
        assertThat(LoadedConversion.convert(Map.of(), pools, Map.of(), passwords, LoadedConversion.PublicKeys.NONE).yaml()).doesNotContain("users:");
    }

    /** It would let in whoever knows it, under any name, or nobody: as in a file, that is said. */
    @Test
    void aLoadedPasswordWithoutAnOwnerIsRefused() {
        for (List<String> owners : List.of(List.<String>of(), List.of("%any"))) {
            assertThat(LoadedConversion.convert(Map.of(), Map.of(), Map.of("ike-1", List.of()), Map.of("xauth-1", owners), LoadedConversion.PublicKeys.NONE).refusals())
                    .containsExactly("secrets.xauth-1: a password that is any user's cannot be used; name its owners");
        }
    }

    /** What a client loads becomes the text of a policy file: it must not be able to add lines to it. */
    @Test
    void whatIsLoadedIsRefusedWithAControlCharacterInANameOrValue() {
        Settings child = LoadedConversion.settings(Map.of("updown", "x\npolicies:", "mode", "tunnel"), Map.of());
        Settings children = LoadedConversion.settings(Map.of(), Map.of("net\nsecrets:", child));
        Settings sun = LoadedConversion.settings(Map.of("local_addrs", "192.0.2.1"), Map.of("children", children));
        LoadedConversion.Outcome outcome = LoadedConversion.convert(Map.of("sun", sun), Map.of("staff", LoadedConversion.settings(Map.of("d\u0085s", "10.0.0.1"), Map.of())),
                Map.of("ike-1", List.of("moon\u2028")), Map.of("xauth-1", List.of("ca\nrol")), LoadedConversion.PublicKeys.NONE);
        assertThat(outcome.yaml()).isEmpty();
        assertThat(outcome.notes()).isEmpty();
        assertThat(outcome.refusals()).containsExactly(
                "connections.sun.children.net?secrets:: has a control character in its name or value",
                "connections.sun.children.net?secrets:.updown: has a control character in its name or value",
                "pools.staff.d?s: has a control character in its name or value",
                "secrets.ike-1: has a control character in its name or value",
                "secrets.xauth-1: has a control character in its name or value");
    }

    private static Settings loaded(String text) {
        return SettingsParser.parse(new Source("loaded", text), (from, pattern) -> List.of()).section("connections").orElseThrow();
    }

    /** The children of several connections may have one name; policies may not. */
    @Test
    void childrenOfOneNameBecomePoliciesThatRememberWhereTheyComeFrom() {
        Map<String, Settings> connections = loaded("""
                connections {
                  sun { children { net { local_ts = 10.1.0.0/16 } } }
                  venus { children { net { local_ts = 10.1.0.0/16 }
                                     lan { local_ts = 10.3.0.0/16 } } }
                }
                """).sections();
        Map<String, LoadedConversion.Origin> origins = LoadedConversion.origins(Map.of(), connections);
        assertThat(origins).hasToString("{net=Origin[connection=sun, child=net], "
                + "venus-net=Origin[connection=venus, child=net], lan=Origin[connection=venus, child=lan]}");
        // Whoever had a name first may go: the others keep theirs, by which their SAs are known.
        Map<String, Settings> venus = Map.of("venus", connections.get("venus"));
        assertThat(LoadedConversion.origins(origins, venus)).hasToString(
                "{venus-net=Origin[connection=venus, child=net], lan=Origin[connection=venus, child=lan]}");
    }

    @Test
    void aChildThatIsInstalledByCommandKeepsEverythingElse() {
        Settings sun = loaded("""
                connections { sun { version = 2
                                    children { net { local_ts = 10.1.0.0/16 }
                                               lan { start_action = trap|start } } } }
                """).section("sun").orElseThrow();
        assertThat(LoadedConversion.isTrap(sun, "net")).isFalse();
        Settings installed = LoadedConversion.withTrap(sun, "net", true);
        assertThat(LoadedConversion.isTrap(installed, "net")).isTrue();
        assertThat(installed.value("version")).isPresent();
        assertThat(LoadedConversion.withTrap(sun, "net", false)).isEqualTo(sun);
        Settings less = LoadedConversion.withTrap(sun, "lan", false);
        assertThat(less.section("children").orElseThrow().section("lan").orElseThrow().value("start_action").orElseThrow().text()).isEqualTo("start");
    }
}
