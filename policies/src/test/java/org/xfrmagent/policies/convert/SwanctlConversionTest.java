package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.policies.convert.SwanctlConf.convert;
import static org.xfrmagent.policies.convert.SwanctlConf.oneChild;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Jitter;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Start;

class SwanctlConversionTest {
    @TempDir
    Path folder = Path.of("");

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

    /** Charon gives the line to a shell: quotes, redirections and several commands mean what they meant. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            no  | /etc/updown                | /etc/updown
            no  | /etc/updown   iptables     | /etc/updown, iptables
            no  | /etc/updown >/run/log 2>&1 | /bin/sh, -c, /etc/updown >/run/log 2>&1
            no  | MODE=x updown 'a b'        | /bin/sh, -c, MODE=x updown 'a b'
            yes | /etc/updown iptables       | /usr/bin/env, PLUTO_HOST_ACCESS=1, /etc/updown, iptables
            yes | updown; true               | /usr/bin/env, PLUTO_HOST_ACCESS=1, /bin/sh, -c, updown; true
            """)
    void anUpdownCommandMeansWhatItMeantToAShell(String hostAccess, String command, String words) throws IOException {
        Converted converted = convert(oneChild("", "hostaccess = " + hostAccess + "\nupdown = \"" + command + "\"") + "secrets { ike { secret = x } }");
        assertThat(protect(ConvertedFiles.read(folder, converted), "net").updown()).containsExactly(words.split(", "));
    }

    /** Charon takes a section by whatever name its parser does. */
    @Test
    void sectionsKeepTheirNames() throws IOException {
        String longer = "a-child-" + "of-many-words-".repeat(9);
        Converted converted = convert("""
                connections { carol@home/1 {
                  remote_addrs = 192.0.2.2
                  version = 2
                  local { auth = psk }
                  remote { auth = psk }
                  pools = p+1
                  children { net+space { remote_ts = 10.2.0.0/16 }
                             *a!b$[c] { remote_ts = 10.3.0.0/16 }
                             %s { remote_ts = 10.4.0.0/16 } }
                } }
                pools { p+1 { addrs = 10.9.0.0/24 } }
                secrets { ike-a+b { id = 192.0.2.2
                                    secret = one }
                          ike-a/b { id = 192.0.2.3
                                    secret = two } }
                """.formatted(longer));
        PolicySet policies = ConvertedFiles.read(folder, converted);
        assertThat(policies.policies()).extracting(Policy::name).containsExactlyInAnyOrder("net+space", "*a!b$[c]", longer);
        assertThat(policies.peer("carol@home/1")).isPresent();
        assertThat(converted.secrets()).as("a file each").containsEntry("ike-a_b.psk", "one").containsEntry("ike-a_b-2.psk", "two");
    }

    @Test
    void whatIsThereToInheritFromIsNotLeftOut() {
        Converted converted = convert("""
                usual { version = 2
                        local { auth = psk }
                        remote { auth = psk }
                        children { all { rekey_time = 30m } } }
                connections { sun : usual { remote_addrs = 192.0.2.2
                                            children { net : usual.children.all { } } } }
                unusual { version = 1 }
                """);
        assertThat(converted.remarks()).containsExactly("unusual.version: has no equal here and is left out");
        assertThat(converted.yaml()).contains("lifetime: { soft: 30m }");
    }
}
