package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.policies.convert.SettingsParser.Includes;
import org.xfrmagent.policies.convert.SettingsParser.Source;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;

/** Set-ups of different kinds, converted, and read by the agent: nothing is lost, and they mean what they meant. */
class TwelveSetupsTest {
    private static final Includes NONE = (from, pattern) -> List.of();
    private static final String SECRETS = "@moon @sun : PSK \"a secret that only this test knows\"\n";

    @TempDir
    Path folder = Path.of("");

    /**
     * A set-up and what becomes of it.
     *
     * @param ipsec whether it is an ipsec.conf, and not what stands in the connections of a swanctl.conf
     * @param means a line for each peer, then one for each policy in the order of the SPD
     */
    record Setup(String name, boolean ipsec, String text, List<String> means) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Setup swanctl(String name, String connections, String... means) {
        return new Setup(name, false, connections, List.of(means));
    }

    private static Setup ipsec(String name, String conf, String... means) {
        return new Setup(name, true, conf, List.of(means));
    }

    private static final String ENDS = """
            local_addrs = 192.0.2.1
            remote_addrs = 192.0.2.2
            version = 2
            local { auth = psk
                    id = moon }
            remote { auth = psk
                     id = sun }
            """;
    private static final String PEER = "sun V2 [192.0.2.1] [192.0.2.2]";
    private static final String LEFT_RIGHT = """
                keyexchange=ikev2
                authby=secret
                left=192.0.2.1
                leftid=@moon
                right=192.0.2.2
                rightid=@sun
            """;

    static Stream<Setup> setups() {
        return Stream.of(
                swanctl("site to site, kept up", "sun { " + ENDS + " children { net { local_ts = 10.1.0.0/16\n remote_ts = 10.2.0.0/16\n start_action = start\n"
                        + " dpd_action = restart\n close_action = start } } }", PEER, "net: 10.1.0.0/16 === 10.2.0.0/16 TUNNEL ESP AT_START"),
                swanctl("host to host in transport mode, on traffic", "sun { " + ENDS + " children { host { mode = transport\n start_action = trap\n"
                        + " esp_proposals = aes256gcm16 } } }", PEER, "host: dynamic === dynamic TRANSPORT ESP ON_TRAFFIC [aes256gcm16-noesn]"),
                swanctl("AH", "sun { " + ENDS + " children { net { local_ts = 10.1.0.0/16\n remote_ts = 10.2.0.0/16\n ah_proposals = sha256 } } }",
                        PEER, "net: 10.1.0.0/16 === 10.2.0.0/16 TUNNEL AH BY_PEER [sha256-noesn]"),
                swanctl("IPv6 within IPv4", "sun { " + ENDS + " children { net { local_ts = fd01::/32\n remote_ts = fd02::/32\n start_action = trap } } }",
                        PEER, "net: fd01::/32 === fd02::/32 TUNNEL ESP ON_TRAFFIC"),
                swanctl("one protocol and port", "sun { " + ENDS + " children { web { local_ts = 10.1.0.0/16[tcp]\n remote_ts = 10.2.0.80/32[tcp/443] } } }",
                        PEER, "web: 10.1.0.0/16[tcp] === 10.2.0.80/32[tcp/443] TUNNEL ESP BY_PEER"),
                swanctl("children narrow and wide, and shunts", """
                        sun { %s children { wide { local_ts = 10.0.0.0/8
                                                   remote_ts = 10.0.0.0/8 }
                                            narrow { local_ts = 10.1.0.0/16
                                                     remote_ts = 10.2.0.0/16 } } }
                        shunts { children { ssh { mode = pass
                                                  start_action = trap
                                                  local_ts = 10.1.0.0/16[tcp/22]
                                                  remote_ts = 10.0.0.0/8[tcp] }
                                            rest { mode = drop
                                                   start_action = trap
                                                   local_ts = 0.0.0.0/0
                                                   remote_ts = 172.16.0.0/12 } } }
                        """.formatted(ENDS), PEER, "ssh: 10.1.0.0/16[tcp/22] === 10.0.0.0/8[tcp] bypass",
                        "narrow: 10.1.0.0/16 === 10.2.0.0/16 TUNNEL ESP BY_PEER", "wide: 10.0.0.0/8 === 10.0.0.0/8 TUNNEL ESP BY_PEER",
                        "rest: 0.0.0.0/0 === 172.16.0.0/12 discard"),
                swanctl("two peers with children of one name", "sun { " + ENDS + " children { net { local_ts = 10.1.0.0/16\n remote_ts = 10.2.0.0/16 } } }\n"
                        + "venus { " + ENDS.replace("192.0.2.2", "192.0.2.9") + " children { net { local_ts = 10.1.0.0/16\n remote_ts = 10.3.0.0/16 } } }",
                        PEER, "venus V2 [192.0.2.1] [192.0.2.9]", "net: 10.1.0.0/16 === 10.2.0.0/16 TUNNEL ESP BY_PEER",
                        "venus-net: 10.1.0.0/16 === 10.3.0.0/16 TUNNEL ESP BY_PEER"),
                swanctl("behind an XFRM interface, with marks and a fixed reqid", "sun { " + ENDS + " encap = yes\n children { net { local_ts = 0.0.0.0/0\n"
                        + " remote_ts = 0.0.0.0/0\n if_id_in = 42\n if_id_out = 42\n mark_in = 7/0xff\n reqid = 9 } } }",
                        PEER, "net: 0.0.0.0/0 === 0.0.0.0/0 TUNNEL ESP BY_PEER if 42 reqid 9"),
                swanctl("IKEv1, main mode", "sun { " + ENDS.replace("version = 2", "version = 1") + " proposals = aes256-sha256-modp2048\n"
                        + " children { net { local_ts = 10.1.0.0/16\n remote_ts = 10.2.0.0/16\n esp_proposals = aes256-sha256 } } }",
                        "sun V1_MAIN [192.0.2.1] [192.0.2.2]", "net: 10.1.0.0/16 === 10.2.0.0/16 TUNNEL ESP BY_PEER [aes256-sha256-noesn]"),
                ipsec("ipsec.conf, site to site", "conn sun\n" + LEFT_RIGHT + "    leftsubnet=10.1.0.0/16\n    rightsubnet=10.2.0.0/16\n    auto=start\n",
                        PEER, "sun: 10.1.0.0/16 === 10.2.0.0/16 TUNNEL ESP AT_START"),
                ipsec("ipsec.conf, transport mode", "conn sun\n" + LEFT_RIGHT + "    type=transport\n    auto=route\n    esp=aes128gcm16!\n",
                        PEER, "sun: dynamic === dynamic TRANSPORT ESP ON_TRAFFIC [aes128gcm16-noesn]"),
                ipsec("ipsec.conf, with a bypass and what both inherit", """
                        conn %default
                            keyexchange=ikev2
                            authby=secret
                        conn sun
                            also=ends
                            leftsubnet=10.1.0.0/16
                            rightsubnet=10.2.0.0/16,10.3.0.0/16
                            auto=add
                        conn ends
                            left=192.0.2.1
                            leftid=@moon
                            right=192.0.2.2
                            rightid=@sun
                            auto=ignore
                        conn lan
                            type=passthrough
                            leftsubnet=10.1.0.0/16
                            rightsubnet=10.1.0.0/16
                            auto=route
                        """,
                        PEER, "lan: 10.1.0.0/16 === 10.1.0.0/16 bypass", "sun: 10.1.0.0/16 === 10.2.0.0/16 10.3.0.0/16 TUNNEL ESP BY_PEER"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("setups")
    void aSetUpMeansWhatItMeant(Setup setup) throws IOException {
        Settings settings = setup.ipsec
                ? IpsecConversion.toSwanctl(IpsecConf.parse(new Source("ipsec.conf", setup.text), NONE),
                        IpsecSecrets.parse(new Source("ipsec.secrets", SECRETS), NONE), _ -> false)
                : SettingsParser.parse(new Source("swanctl.conf", "connections {\n" + setup.text + "\n}\n"
                        + "secrets { ike { secret = \"a secret that only this test knows\" } }\n"), NONE);
        Converted converted = SwanctlConversion.convert(settings);
        assertThat(converted.losses()).isEmpty();
        assertThat(converted.toString()).doesNotContain("only this test");
        PolicySet policies = ConvertedFiles.read(folder, converted);
        assertThat(Stream.concat(policies.peers().stream().map(TwelveSetupsTest::said), policies.policies().stream().map(TwelveSetupsTest::said)))
                .containsExactlyElementsOf(setup.means);
    }

    private static String said(Peer peer) {
        return peer.name() + " " + peer.ike() + " " + peer.local().addresses() + " " + peer.remote().addresses();
    }

    /** Algorithms only where the set-up names some. */
    private static String said(Policy policy) {
        String text = policy.name() + ": " + policy.match();
        return switch (policy.action()) {
            case Action.Bypass() -> text + " bypass";
            case Action.Discard() -> text + " discard";
            case Action.Protect it -> text + " " + it.mode() + " " + it.protocol() + " " + it.start()
                    + (it.proposals().equals(Action.Protect.with("any").proposals()) ? "" : " " + it.proposals())
                    + (it.interfaceIds().equals(InterfaceIds.NONE) ? "" : " if " + it.interfaceIds()) + (it.reqid().isPresent() ? " reqid " + it.reqid().getAsInt() : "");
        };
    }
}
