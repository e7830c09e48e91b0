package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.netns.Await.SOON;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** Every command of README's table, typed at a running agent whose peer is charon. Each is a program that starts: too slow for the lab's guest. */
@Tag("netns")
class CommandsTest {
    private static final String ESCAPE = "\u001b[";

    private static final String MORE = """
              - name: dead-end
                match: { local: 10.1.0.0/16, remote: 10.9.0.0/16 }
                action: protect
                peer: mars
                start: by-peer
              - name: ssh
                match: { protocol: tcp, local-port: 22 }
                action: bypass
            """;

    private static String policies(String usual) {
        return usual.replace("secrets:", """
                  mars:
                    local: { address: 192.0.2.1, id: moon.lab, auth: psk }
                    remote: { address: 192.0.2.77, id: mars.lab, auth: psk }
                    retransmission: { base: 300ms, factor: 1, tries: 2 }
                secrets:
                  - psk: file:sun.psk
                    ids: [moon.lab, mars.lab]
                """.indent(0)).replaceFirst("(?s)secrets:\n(.*)secrets:\n", "secrets:\n$1") + MORE;
    }

    /** A command that goes on until the agent ends or the user has seen enough. */
    private static Running follow(Agent moon, String... words) {
        String[] line = new String[words.length + 3];
        line[0] = Agent.program();
        System.arraycopy(words, 0, line, 1, words.length);
        line[words.length + 1] = "--control";
        line[words.length + 2] = Agent.SOCKET;
        return moon.host().start(line);
    }

    @Test
    void theCommandsOfTheReadmeDoWhatTheySay() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(tunnel.reversed());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).start(CommandsTest::policies, tunnel);
            Running events = follow(moon, "events");
            Running objects = follow(moon, "events", "--json");
            Running log = follow(moon, "log");
            Running watch = follow(moon, "status", "--watch", "1");
            Await.until("four follow", SOON, () -> clients(moon) >= 5, moon::log);

            comesUp(moon, tunnel);
            sites.ping(4).orFail();
            status(moon);
            freshKeys(moon, tunnel);
            files(moon, tunnel);

            assertThat(moon.cli("down", tunnel.name()).orFail().out()).endsWith("site-to-site is down\n");
            assertThat(moon.cli("down", tunnel.name())).satisfies(again -> {
                assertThat(again.status()).isEqualTo(1);
                assertThat(again.err()).startsWith("xfrm-agent: ");
            });
            events.awaitOutput("down: ", SOON);
            assertThat(events.lines().stream().map(line -> line.replaceFirst("^..:..:.. ", ""))).as("events").anyMatch(line -> line.startsWith("sun[1] up: moon.lab === sun.lab at 192.0.2.2"))
                    .anyMatch(line -> line.startsWith("sun[1]/site-to-site{1} up: 10.1.0.0/16 === 10.2.0.0/16, in c"))
                    .anyMatch(line -> line.matches("sun\\[1]/site-to-site\\{\\d+} fresh keys: .*"))
                    .anyMatch(line -> line.matches("sun\\[1] fresh keys: .*"));
            objects.awaitOutput("\"down\"", SOON);
            assertThat(objects.lines()).as("a JSON object a line").allMatch(line -> line.startsWith("{ \"event\": \"") && line.endsWith(" }"))
                    .anyMatch(line -> line.contains("\"child\": { \"name\": \"site-to-site\""));
            log.awaitOutput("child SA down", SOON);
            assertThat(log.lines()).allMatch(line -> line.matches("\\d\\d:\\d\\d:\\d\\d (sun|mars)\\[\\d+]: .*"));
            assertThat(watch.output()).contains("IN/S").doesNotContain(ESCAPE);
            assertThat(Pattern.compile("\\d B  +\\d+(\\.\\d)? (B|KiB)  ").matcher(watch.output()).find()).as("rates").isTrue();
            assertThat(List.of(events, objects, log, watch)).allMatch(Running::isAlive);
            assertThat(moon.terminate(SOON)).isZero();
            for (Running following : List.of(events, objects, log, watch)) {
                assertThat(following.awaitExit(SOON)).as(following.output()).isEqualTo(1);
            }
            Scenario.met(sites, moon, sun, "every command of our own");
        });
    }

    private static int clients(Agent moon) {
        return Pattern.compile("\"clients\": (\\d+)").matcher(moon.cli("status", "--json").orFail().out()).results()
                .mapToInt(found -> Integer.parseInt(found.group(1))).findFirst().orElse(0);
    }

    private static void comesUp(Agent moon, Tunnel tunnel) {
        Result up = moon.cli("up", tunnel.name()).orFail();
        assertThat(up.out().lines()).as("progress").anyMatch(line -> line.startsWith("sun: sent IKE_SA_INIT") || line.contains("IKE_SA_INIT"))
                .anyMatch(line -> line.startsWith("sun: IKE SA up: moon.lab === sun.lab"))
                .last().isEqualTo("site-to-site is up");
        Result dead = moon.cli("up", "dead-end");
        assertThat(dead.status()).isEqualTo(1);
        assertThat(dead.err()).startsWith("xfrm-agent: ").contains("192.0.2.77");
        assertThat(moon.cli("up", "nowhere")).satisfies(unknown -> {
            assertThat(unknown.status()).isEqualTo(1);
            assertThat(unknown.err()).contains("nowhere");
        });
        assertThat(moon.cli("up").status()).as("wrong usage").isEqualTo(2);
    }

    private static void status(Agent moon) {
        String text = moon.cli("status").orFail().out();
        assertThat(text).doesNotContain(ESCAPE).contains("moon.lab at 192.0.2.1:", "sun.lab at 192.0.2.2:", "aes256gcm16-prfsha384-x25519",
                "10.1.0.0/16 === 10.2.0.0/16", "aes256gcm16", "dead-end is not up: ");
        for (List<String> table : List.of(table(text, "PEER"), table(text, "POLICY"))) {
            String head = table.getFirst();
            for (String column : head.split("  +", -1)) {
                int at = head.indexOf(column);
                assertThat(table).as("aligned under " + column).allMatch(line -> line.length() <= at || at == 0 || line.startsWith("  ", at - 2));
            }
        }
        assertThat(table(text, "POLICY").get(1)).matches("site-to-site +protect +up +sun .*\\d B .*\\d (s|min) .*(min|h|s) +#\\d+");
        // script(1) gives it a terminal.
        String coloured = moon.host().run("script", "-qec", Agent.program() + " status --control " + Agent.SOCKET, "/dev/null").orFail().out();
        assertThat(coloured).contains(ESCAPE + "32mup" + ESCAPE + "0m", ESCAPE + "32mestablished" + ESCAPE + "0m");
        assertThat(moon.host().run("env", "NO_COLOR=1", "script", "-qec", Agent.program() + " status --control " + Agent.SOCKET, "/dev/null").orFail().out())
                .doesNotContain(ESCAPE + "32m");
        String json = moon.cli("status", "--json").orFail().out();
        assertThat(json).contains("\"name\": \"sun\"", "\"state\": \"established\"", "\"id\": \"sun.lab\"", "\"algorithms\": \"aes256gcm16", "\"rekeyIn\": ",
                "\"bytes\": ", "\"packets\": ", "\"spi\": \"c", "\"reason\": ");
    }

    /** The lines of the table that begins with {@code column}. */
    private static List<String> table(String text, String column) {
        return text.lines().dropWhile(line -> !line.startsWith(column)).takeWhile(line -> !line.isEmpty()).toList();
    }

    private static void freshKeys(Agent moon, Tunnel tunnel) {
        assertThat(moon.cli("rekey", tunnel.name()).orFail().out()).endsWith("site-to-site has fresh keys\n");
        assertThat(moon.cli("rekey", "--peer", "sun").orFail().out()).endsWith("sun has fresh keys\n");
        assertThat(moon.cli("rekey", "--reauth", "sun").orFail().out()).endsWith("sun is reauthenticated\n");
        assertThat(moon.cli("rekey", "dead-end").status()).as("nothing to replace").isEqualTo(1);
    }

    private static void files(Agent moon, Tunnel tunnel) {
        String good = moon.host().read(Agent.POLICIES);
        assertThat(moon.cli("reload").orFail().out()).isEqualTo("nothing is different\n");
        moon.host().write(Agent.POLICIES, good.replace("action: bypass", "action: bypas"));
        Result bad = moon.cli("reload");
        assertThat(bad.status()).isEqualTo(1);
        assertThat(bad.err()).startsWith("xfrm-agent: nothing changed:\n").containsPattern("policies.yaml:\\d+:\\d+: ").contains("bypas", "'bypass'");
        assertThat(moon.check(Agent.POLICIES)).satisfies(checked -> {
            assertThat(checked.status()).isEqualTo(1);
            assertThat(checked.all()).containsPattern("policies.yaml:\\d+:\\d+: ");
        });
        assertThat(moon.has(tunnel)).as("is up as before").isTrue();
        moon.host().write(Agent.POLICIES, good.replace("name: ssh", "name: shell"));
        assertThat(moon.cli("reload").orFail().out()).contains("+ policy shell", "- policy ssh").endsWith("reloaded\n");
        moon.check(Agent.POLICIES).orFail();
        moon.host().write("/etc/swanctl/swanctl.conf", StrongSwan.connections(List.of(tunnel)));
        assertThat(moon.host().run(Agent.program(), "convert", "/etc/swanctl/swanctl.conf", "--output", "/run/converted").orFail().out())
                .contains("Written to /run/converted/policies.yaml");
        moon.check("/run/converted").orFail();
        assertThat(moon.host().run(Agent.program(), "completion").orFail().out()).contains("complete -F");
        assertThat(moon.host().shell(Agent.program() + " man status | man -l - | cat")).contains("xfrm-agent-status", "--watch");
        assertThat(moon.cli("algorithms").status()).as("asks no agent").isEqualTo(2);
    }
}
