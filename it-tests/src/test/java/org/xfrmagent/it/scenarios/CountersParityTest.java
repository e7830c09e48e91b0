package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.parity.Answer;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;

/** Each counter of {@code get-counters} counts what charon's does: after everything that moves one, all of them are compared. */
@Tag("netns")
class CountersParityTest {
    /** Without MOBIKE nobody tells of addresses that come and go with charon's own device. */
    private static final String CALM = """
            connections {
              calm { version = 2
                mobike = no
                local_addrs = 192.0.2.%1$d
                remote_addrs = 192.0.2.%2$d
                proposals = aes256-sha256-x25519
                local { auth = psk
                        id = calm-%3$s.lab }
                remote { auth = psk
                         id = calm-%4$s.lab }
                children { one { local_ts = 10.%1$d.0.0/24[tcp]
                                 remote_ts = 10.%2$d.0.0/24[tcp]
                                 esp_proposals = aes256gcm16-x25519 }
                           two { local_ts = 10.%1$d.0.0/24[udp]
                                 remote_ts = 10.%2$d.0.0/24[udp] } } }
            }
            secrets { ike-calm { id-1 = calm-moon.lab
                                 id-2 = calm-sun.lab
                                 secret = "a secret of these two that nobody else has" } }
            """;

    @Test
    void everyCounterCountsTheSame() {
        Beside.charon("", CALM.formatted(1, 2, "moon", "sun"), CALM.formatted(2, 1, "sun", "moon"), List.of(), (script, sun) -> {
            for (Control who : List.of(script.control(), sun)) {
                String name = who.equals(script.control()) ? "moon" : "sun";
                done(script, who, name + " initiates", "initiate", "child", "one");
                done(script, who, name + " adds a child", "initiate", "child", "two");
                String child = script.childSpi("one");
                done(script, who, name + " rekeys a child", "rekey", "child", "one");
                Await.until("a fresh child", Scenario.SOON, () -> isFresh(script.childSpi("one"), child), () -> who.swanctl("--list-sas").all());
                String spi = script.ikeSpi("calm");
                done(script, who, name + " rekeys the IKE SA", "rekey", "ike", "calm");
                Await.until("a fresh IKE SA", Scenario.SOON, () -> script.control().sas().size() == 1
                        && isFresh(script.ikeSpi("calm"), spi), () -> who.swanctl("--list-sas").all());
                // What was replaced is deleted meanwhile: before this, and counted with it.
                done(script, who, name + " has rekeyed both and ends a child", "terminate", "child", "two");
                noise(script);
                // What comes after it is counted after it.
                done(script, who, name + " adds a child in spite of noise", "initiate", "child", "two");
                done(script, who, name + " ends the IKE SA", "terminate", "ike", "calm");
            }
            assertThat(Answer.parse(script.control().swanctl("--counters", "--pretty").out()).fields()).as("each has counted something")
                    .hasSizeGreaterThan(20).extracting(Answer.Field::value).doesNotContain("0");
            script.ask("--counters", "--reset", "--all");
            count(script, "reset of each");
            script.ask("--counters", "--reset");
            count(script, "reset");
        });
    }

    private static boolean isFresh(String spi, String before) {
        return !spi.isEmpty() && !spi.equals(before);
    }

    private static void done(Interview script, Control who, String what, String command, String key, String value) {
        who.request(command, Map.of(key, value)).orFail();
        if (!command.equals("rekey")) {
            count(script, what);
        }
    }

    /** Under names of their own: in other tests some counters are not compared. */
    private static void count(Interview script, String what) {
        for (List<String> question : List.of(List.of("--counters", "--pretty"), List.of("--counters", "--all", "--pretty"))) {
            Answer answer = Answer.parse(script.control().swanctl(question.toArray(String[]::new)).out());
            script.note(question.get(1) + " " + what, new Answer(answer.fields().stream().map(field -> new Answer.Field(field.path() + " counted", field.value())).toList()));
        }
    }

    /**
     * What no peer sends. Each daemon has its own mind about a length that is not the datagram's, other versions and exchanges, and a broken
     * IKE_SA_INIT, which charon answers.
     */
    private static void noise(Interview script) {
        IkeSa sa = script.control().sas().getFirst();
        String known = sa.values().get("initiator-spi") + sa.values().get("responder-spi");
        String unknown = "1111111111111111" + "2222222222222222";
        String flags = sa.values().containsKey("initiator") ? "00" : "08";
        for (String datagram : List.of(
                // Too short for a header.
                "0102030405",
                // INFORMATIONAL with unknown SPIs.
                unknown + "2e202508" + "00000000" + "00000030" + "00000014" + "00".repeat(16),
                // An answer with unknown SPIs.
                unknown + "2e202520" + "00000000" + "00000030" + "00000014" + "00".repeat(16),
                // A request nobody has sealed.
                known + "2e2025" + flags + "00000063" + "00000050" + "00000034" + "5a".repeat(48),
                // A request in the clear.
                known + "002025" + flags + "00000064" + "0000001c")) {
            send(script.host(), datagram);
        }
    }

    private static void send(Host host, String hex) {
        StringBuilder octets = new StringBuilder();
        for (byte octet : HexFormat.of().parseHex(hex)) {
            octets.append("\\x").append(HexFormat.of().toHexDigits(octet));
        }
        host.run("bash", "-c", "printf '" + octets + "' >/run/noise; cat /run/noise >/dev/udp/192.0.2.1/500").orFail();
    }
}
