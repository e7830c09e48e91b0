package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.convert.SettingsParser.Source;

/** What clients load by vici, a connection, a pool or a secret at a time, instead of writing it into swanctl.conf. */
class LoadedConversionTest {
    @Test
    void passwordsThatAreLoadedAreUsersIfAConnectionAsksForThem() {
        Settings all = SettingsParser.parse(new Source("loaded", UserConversionTest.STAFF), (from, pattern) -> List.of());
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
