package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.policies.convert.SwanctlConf.convert;
import static org.xfrmagent.policies.convert.SwanctlConf.oneChild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Mode;

/** Traffic selectors of swanctl.conf: local_ts and remote_ts, with their protocols, ports and {@code dynamic}. */
class SelectorConversionTest {
    @TempDir
    Path folder = Path.of("");

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
}
