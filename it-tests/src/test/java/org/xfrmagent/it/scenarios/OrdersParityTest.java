package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.parity.Answer;
import org.xfrmagent.it.parity.Parity.Accepted;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;

import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.peers.Watch;

/** Orders end as charon's do, exit codes and reasons, and events tell of them as charon's do: what comes first, and every field. */
@Tag("netns")
class OrdersParityTest {
    /** The peer cannot hear moon, and can again. */
    private static final String SILENT = "iptables -A OUTPUT -p udp -d 192.0.2.2 -j DROP";

    private static final String HEARD = "iptables -D OUTPUT -p udp -d 192.0.2.2 -j DROP";
    private static final String[] EVENTS = {"ike-updown", "child-updown", "ike-rekey", "child-rekey", "ike-update"};

    /** Peers with which it goes wrong: who does not know us, has no proposal in common, has no such networks, does not answer. */
    private static final String OF_MOON = """
            connections {
              unknown { version = 2
                local_addrs = 192.0.2.1
                remote_addrs = 192.0.2.2
                local { auth = psk
                        id = intruder.lab }
                remote { auth = psk
                         id = sun.lab }
                children { unknown-net { local_ts = 10.1.0.0/24
                                         remote_ts = 10.7.0.0/16 } } }
              foreign { version = 2
                local_addrs = 192.0.2.1
                remote_addrs = 192.0.2.2
                proposals = aes256-sha512-modp4096
                local { auth = psk
                        id = moon.lab }
                remote { auth = psk
                         id = sun.lab }
                children { foreign-net { local_ts = 10.1.0.0/24
                                         remote_ts = 10.8.0.0/16 } } }
              picky { version = 2
                local_addrs = 192.0.2.1
                remote_addrs = 192.0.2.2
                local { auth = psk
                        id = moon.lab }
                remote { auth = psk
                         id = sun.lab }
                children { elsewhere { local_ts = 10.1.0.0/16
                                       remote_ts = 10.9.0.0/16 }
                           weak { local_ts = 10.1.0.0/24
                                  remote_ts = 10.2.0.0/24
                                  esp_proposals = aes256ctr-sha384 } } }
              dead { version = 2
                local_addrs = 192.0.2.1
                remote_addrs = 192.0.2.77
                local { auth = psk
                        id = moon.lab }
                remote { auth = psk
                         id = dead.lab }
                children { dead-net { local_ts = 10.1.0.0/16
                                      remote_ts = 10.3.0.0/16 }
                           dead-host { local_ts = 10.1.0.0/16
                                       remote_ts = 10.5.0.0/16 } } }
              shunts { children { ssh { mode = pass
                                        local_ts = 192.0.2.0/24[tcp/22]
                                        remote_ts = 192.0.2.0/24[tcp] } } }
            }
            secrets { ike-unknown { id = intruder.lab
                                    secret = nobody-knows-this-one-at-all }
                      ike-dead { id = dead.lab
                                 secret = nobody-answers-to-this-one } }
            """;

    /** As itself it gets the tunnel, and as somebody else nothing. */
    private static final String OF_SUN = """
            connections {
              intruder { version = 2
                local_addrs = 192.0.2.2
                remote_addrs = 192.0.2.1
                proposals = aes256gcm16-prfsha384-x25519
                local { auth = psk
                        id = stranger.lab }
                remote { auth = psk
                         id = moon.lab }
                children { intruder-net { local_ts = 10.2.0.0/16
                                          remote_ts = 10.1.0.0/16 } } }
            }
            secrets { ike-intruder { id = stranger.lab
                                     secret = moon-does-not-know-this-one } }
            """;

    @Test
    void ordersEndAlike() {
        List<Accepted> accepted = List.of(
                new Accepted("--initiate --child ssh", "log/.*", "nothing is begun for a policy that protects nothing"),
                new Accepted("--initiate --ike dead", "log/.*", "what is on its way already is not begun anew"),
                new Accepted("", "get-shared reply/keys", "charon's order is chance"));
        Beside.charon("", OF_MOON, "", accepted, (script, _) -> {
            for (String order : List.of(
                    "--initiate", "--initiate --child nobody", "--initiate --ike nobody", "--initiate --child nobody --ike sun",
                    "--initiate --child site-to-site --ike nobody", "--initiate --child ssh",
                    "--initiate --child site-to-site --timeout 20", "--initiate --child elsewhere", "--initiate --child weak",
                    "--initiate --child unknown-net", "--initiate --ike unknown", "--initiate --child foreign-net", "--initiate --ike foreign",
                    "--initiate --child dead-net --timeout 1", "--initiate --child dead-host --timeout -1", "--initiate --ike dead --timeout 1",
                    "--list-sas --ike dead", "--stats",
                    "--terminate --ike dead", "--terminate --ike dead --force --timeout 1", "--list-sas --ike dead",
                    "--terminate", "--terminate --child nobody", "--terminate --ike nobody", "--terminate --child-id 999", "--terminate --ike-id 999",
                    "--terminate --ike sun --child nobody", "--terminate --ike nobody --timeout -1",
                    "--terminate --child site-to-site --timeout 20", "--terminate --child site-to-site",
                    "--initiate --child site-to-site", "--terminate --child site-to-site --ike sun", "--terminate --ike sun --loglevel 0",
                    "--initiate --ike sun", "--list-sas --ike sun", "--terminate --ike sun --timeout -1", "--terminate --ike picky",
                    "--rekey", "--rekey --child nobody", "--rekey --ike nobody", "--rekey --ike-id 999", "--rekey --child-id 999",
                    "--redirect", "--redirect --ike nobody",
                    "--install", "--install --child nobody", "--install --child site-to-site", "--install --child site-to-site",
                    "--install --child dead-net --ike dead", "--install --child dead-net --ike sun", "--install --child ssh",
                    "--list-pols --trap", "--list-pols --pass", "--list-pols --drop", "--list-pols --child site-to-site",
                    "--uninstall", "--uninstall --child nobody", "--uninstall --child site-to-site", "--uninstall --child site-to-site",
                    "--uninstall --child ssh --ike sun", "--uninstall --child ssh --ike shunts", "--uninstall --child dead-net", "--list-pols",
                    "--list-certs --type nonsense", "--list-certs --flag nonsense", "--list-certs --subject C=nowhere",
                    "--list-authorities --name nobody", "--list-pools --name nobody", "--flush-certs --type nonsense",
                    "--counters --reset", "--counters --reset --name nobody", "--counters --reset --name sun", "--counters --reset --all", "--counters",
                    "--list-sas --ike-id abc", "--terminate --ike-id abc", "--terminate --child-id 1 --ike-id 99",
                    "--initiate --child site-to-site", SILENT, "--terminate --ike sun --timeout 1", "--terminate --ike sun", "--list-sas --ike sun", HEARD,
                    "--initiate --child site-to-site", SILENT, "--terminate --ike sun --force", "--list-sas --ike sun", HEARD,
                    "--load-creds --clear --noprompt", "--load-all --noprompt", "--nonsense", "--list-sas --nonsense")) {
                if (order.startsWith("iptables")) {
                    script.host().shell(order);
                } else {
                    script.ask(order.split(" "));
                }
            }
        });
    }

    /** A child that has been replaced is listed as long as its SAs take what comes late, and one that goes with its IKE SA until that is gone. */
    @Test
    void childrenThatGoAreListedAlike() {
        Beside.charon("", "", "", List.of(), (script, sun) -> {
            script.ask("--initiate", "--child", "site-to-site");
            List<String> expected = new ArrayList<>(List.of("INSTALLED"));
            for (Control who : List.of(script.control(), sun)) {
                who.request("rekey", Map.of("child", "site-to-site")).orFail();
                expected.addFirst("DELETED");
                Await.until("one is there and the others are deleted", Scenario.SOON, () -> states(script).equals(expected), () -> states(script).toString());
                script.ask("--list-sas");
                script.ask("--list-sas", "--child", "site-to-site");
                script.ask("--list-sas", "--child", "nobody");
            }
            script.host().shell(SILENT);
            script.ask("--terminate", "--ike", "sun", "--timeout", "1");
            script.ask("--list-sas");
            script.host().shell(HEARD);
            Await.until("sun has heard of it", Scenario.SOON, () -> script.control().sas().isEmpty(), () -> states(script).toString());
        });
    }

    /** IKEv1 has no answer to a DELETE: what has been replaced is listed as long as it is there, and nothing is left of an IKE SA that is taken down. */
    @Test
    void ikev1sChildrenThatGoAreListedAlike() {
        Beside.charon(Tunnel::withIkev1, "", "", "", List.of(), (script, sun) -> {
            script.ask("--initiate", "--child", "site-to-site");
            script.control().request("rekey", Map.of("child", "site-to-site")).orFail();
            Await.until("the successor is there", Scenario.SOON, () -> states(script).equals(List.of("REKEYED", "INSTALLED")), () -> states(script).toString());
            script.ask("--list-sas");
            script.ask("--list-sas", "--child", "site-to-site");
            script.host().shell(SILENT);
            script.ask("--terminate", "--ike", "sun", "--timeout", "1");
            script.ask("--list-sas");
            script.host().shell(HEARD);
        });
    }

    private static List<String> states(Interview script) {
        return script.control().sas().stream().flatMap(sa -> sa.children().stream()).map(IkeSa.Child::state).toList();
    }

    @Test
    void eventsAreToldAlikeInBothRoles() {
        List<Accepted> accepted = List.of(
                new Accepted("", ".*/tasks-(queued|active|passive)", "which parts of an exchange are left when it is told of is each daemon's own"),
                new Accepted("sun --initiate --child intruder-net", "ike-updown event/.*", "charon calls a stranger by any connection that allows everybody"));
        Beside.charon("", OF_MOON, OF_SUN, accepted, (script, sun) -> {
            try (Watch watch = script.control().watch(EVENTS)) {
                told(script, script.control(), watch, 2, "--initiate --child site-to-site");
                told(script, script.control(), watch, 1, "--rekey --child site-to-site");
                told(script, script.control(), watch, 1, "--rekey --ike sun");
                told(script, script.control(), watch, 1, "--terminate --child site-to-site");
                told(script, script.control(), watch, 1, "--initiate --child site-to-site");
                told(script, script.control(), watch, 2, "--terminate --ike sun");
                told(script, script.control(), watch, 1, "--initiate --child unknown-net");
                told(script, script.control(), watch, 1, "--initiate --child foreign-net");
                told(script, script.control(), watch, 1, "--initiate --child elsewhere");
                told(script, script.control(), watch, 0, "--initiate --child weak");
                told(script, script.control(), watch, 1, "--terminate --ike picky");
                told(script, sun, watch, 3, "--initiate --child site-to-site");
                told(script, sun, watch, 1, "--rekey --child site-to-site");
                told(script, sun, watch, 1, "--rekey --ike moon");
                told(script, sun, watch, 1, "--terminate --child site-to-site");
                told(script, sun, watch, 1, "--initiate --child site-to-site");
                told(script, sun, watch, 2, "--terminate --ike moon");
                told(script, sun, watch, 2, "--initiate --child intruder-net");
                assertThat(watch.left()).isEmpty();
            }
        });
    }

    /** What moon tells when it, or sun, is told to do something. */
    private static void told(Interview script, Control who, Watch watch, int events, String order) {
        var _ = who.swanctl(order.split(" "));
        int number = 1;
        for (String event : watch.take(events, Scenario.SOON)) {
            script.note((who.equals(script.control()) ? "moon " : "sun ") + order + ", event " + number++, Answer.parse(event));
        }
    }

    /** Nothing is lost and nothing told twice, however long it goes on: each successor follows the one that was told of before. */
    @Test
    void fortyRekeyingsAreEachToldOnceToEverybody() {
        Scenario.play(TwoSites::ipv4, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(sites.tunnel().reversed());
            Control moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(StrongSwan.connections(List.of(sites.tunnel()))).control();
            Interview script = Interview.of(sites.moon(), moon);
            Running monitor = script.start("--monitor-sa");
            Running log = script.start("--log");
            List<String> told = new ArrayList<>();
            try (Watch watch = moon.watch(EVENTS); Watch stopped = moon.watch("log")) {
                moon.initiate("site-to-site").orFail();
                watch.take(2, Scenario.SOON);
                for (int i = 0; i < 40; i++) {
                    boolean ours = i % 2 == 0;
                    (ours ? moon : sun.control())
                            .request("rekey", i % 8 < 6 ? Map.of("child", "site-to-site") : Map.of("ike", ours ? "sun" : "moon")).orFail();
                    told.addAll(watch.take(1, Scenario.SOON));
                }
                moon.terminateIke("sun").orFail();
                assertThat(watch.take(2, Scenario.SOON)).first().asString().startsWith("ike-updown");
                assertThat(watch.left()).isEmpty();
                assertThat(stopped.left()).as("one line at least for each").hasSizeGreaterThan(80);
            }
            assertChain(told, "child-rekey", "spi-in = (\\w+)", 30);
            assertChain(told, "ike-rekey", "(?:initiator|responder)-spi = (\\w+)", 10);
            monitor.awaitOutput("DELETING", Scenario.SOON);
            log.awaitOutput("IKE SA down", Scenario.SOON);
            script.end("--monitor-sa", monitor);
            script.end("--log", log);
            assertThat(Pattern.compile("(?m)^(ike|child)-updown event").matcher(monitor.output()).results()).as("up and down, and nothing between").hasSize(4);
        });
    }

    /** What is new in one event is what is old in the next. */
    private static void assertChain(List<String> told, String kind, String spi, int count) {
        List<String> events = told.stream().filter(event -> event.startsWith(kind + " event")).toList();
        assertThat(events).hasSize(count);
        Pattern number = Pattern.compile(spi);
        for (int i = 1; i < count; i++) {
            String before = events.get(i - 1);
            assertThat(number.matcher(part(events.get(i), "old")).results().map(MatchResult::group).toList())
                    .isEqualTo(number.matcher(part(before, "new")).results().map(MatchResult::group).toList());
        }
    }

    private static String part(String event, String name) {
        String[] halves = event.split("(?m)^new \\{$", -1);
        return name.equals("new") ? halves[1] : halves[0].substring(halves[0].indexOf("old {"));
    }
}
