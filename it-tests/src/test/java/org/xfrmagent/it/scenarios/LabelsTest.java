package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.parity.Answer;
import org.xfrmagent.it.parity.Parity;
import org.xfrmagent.it.parity.Parity.Accepted;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.it.peers.TwoSites;

/**
 * Security labels (RFC 9478) beside charon and with it: the same swanctl.conf on moon, charon on sun, and each calls the other.
 *
 * <pre>
 *   {…, TSi(10.1/16, "red"), TSr(10.2/16, "red")}  --&gt;
 *                                                       &lt;--  {…, TSi(10.1/16, "red"), TSr(10.2/16, "red")}
 *   {…, TSi(10.1/16, "green"), TSr(10.2/16, "green")}  --&gt;
 *                                                       &lt;--  N(TS_UNACCEPTABLE)
 * </pre>
 */
@Tag("netns")
@Tag("lab")
class LabelsTest {
    private static final SwanctlConf.End MOON = new SwanctlConf.End("192.0.2.1", "moon.lab");
    private static final SwanctlConf.End SUN = new SwanctlConf.End("192.0.2.2", "sun.lab");
    private static final String ALICES = "10.1.0.0/16";
    private static final String BOBS = "10.2.0.0/16";

    private static String child(String name, boolean atMoon, String label) {
        return SwanctlConf.child(name, """
                local_ts = %s
                remote_ts = %s
                esp_proposals = aes128gcm16-x25519
                """.formatted(atMoon ? ALICES : BOBS, atMoon ? BOBS : ALICES) + label);
    }

    private static String conf(boolean atMoon, String... children) {
        return SwanctlConf.of(
                List.of(SwanctlConf.connection("other", atMoon ? MOON : SUN, atMoon ? SUN : MOON, "version = 2\nproposals = aes128-sha256-x25519\n" + SwanctlConf.children(List.of(children)))),
                List.of(SwanctlConf.secret("both", List.of("moon.lab", "sun.lab"), "a shared secret that only these two gateways of the lab know")));
    }

    @Test
    void childrenThatDifferInTheirLabelsAreToldApartInBothRoles() {
        List<Interview> both = new ArrayList<>();
        for (boolean charon : List.of(true, false)) {
            Scenario.play(TwoSites::ipv4, sites -> {
                StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(conf(false,
                        child("blue", false, "label = blue\n"), child("red", false, "label = red\nlabel_mode = simple\n"), child("only-sun", false, "label = green\n")));
                String conf = conf(true,
                        child("red", true, "label = red\n"), child("plain", true, ""), child("blue", true, "label = blue\nlabel_mode = simple\n"),
                        child("only-moon", true, "label = \"system_u:object_r:ipsec_spd_t:s0\"\nlabel_mode = system\n"));
                Agent agent = charon ? null : sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(conf);
                Control moon = agent == null ? sites.with(new StrongSwan(sites.moon(), Plane.best())).start(conf).control() : agent.control();
                Interview script = Interview.of(sites.moon(), moon);
                script.ask("--list-conns");
                script.askPlain("--list-conns");
                for (String order : List.of("--initiate --child red", "--initiate --child blue", "--initiate --child only-moon", "--initiate --child plain")) {
                    script.ask(order.split(" "));
                }
                script.ask("--list-sas");
                script.askRaw("--list-sas");
                rekeyed(script, moon, "blue");
                rekeyed(script, sun.control(), "red");
                carriesPackets(sites);
                script.ask("--terminate", "--ike", "other");
                // Now the other way round.
                sun.control().initiate("red").orFail();
                sun.control().initiate("blue").orFail();
                assertThat(sun.control().initiate("only-sun").status()).as("a label that moon has not").isNotZero();
                script.ask("--list-sas");
                rekeyed(script, sun.control(), "blue");
                rekeyed(script, moon, "red");
                carriesPackets(sites);
                script.ask("--terminate", "--child", "red");
                // The second of them alone.
                carriesPackets(sites);
                script.ask("--terminate", "--ike", "other");
                script.ask("--install", "--child", "red");
                script.ask("--list-pols");
                for (String bad : List.of("label = red\nlabel_mode = selinux\n", "label = red\nlabel_mode = nonsense\n", "label = \"rouge é\"\n")) {
                    sites.moon().write("/etc/swanctl/swanctl.conf", conf(true, child("bad", true, bad)));
                    script.ask("--load-conns");
                }
                for (String good : List.of("label =\n", "label_mode = simple\n", "label = \" a: \\\"b\\\" #\"\n", "label = x\nmode = pass\n")) {
                    sites.moon().write("/etc/swanctl/swanctl.conf", conf(true, child("good", true, good)));
                    script.ask("--load-conns");
                    if (!good.contains("pass")) {
                        script.ask("--list-conns");
                    }
                }
                if (agent != null) {
                    Scenario.met(sites, agent, sun, "security labels");
                }
                both.add(script);
            });
        }
        assertThat(both.getFirst().differences(both.getLast(), new Parity(List.of(
                new Accepted("--terminate --child red", ".*/(matches|terminated)", "charon counts a child that has been replaced, and is deleted already"),
                new Accepted("--load-conns", ".*/errmsg", "a sentence says what was found and what is expected"))))).isEmpty();
    }

    /** Both daemons choose for themselves through which of the children a packet goes. */
    private static void carriesPackets(TwoSites sites) {
        assertThat(sites.ping(3).out()).contains(" 0% packet loss");
    }

    /** The successor has its predecessor's label; whoever asked. */
    private static void rekeyed(Interview script, Control who, String child) {
        String before = script.childSpi(child);
        who.request("rekey", Map.of("child", child)).orFail();
        Await.until("there is a fresh " + child + " alone", Scenario.SOON, () -> {
            List<IkeSa.Child> found = script.control().sas().stream().flatMap(sa -> sa.children().stream())
                    .filter(each -> each.name().equals(child) && !each.state().equals("DELETED")).toList();
            return found.size() == 1 && found.getFirst().isInstalled() && !found.getFirst().spiIn().equals(before);
        }, () -> who.swanctl("--list-sas").all());
        script.note("the label of " + child, new Answer(List.of(new Answer.Field("label", script.control().childValues("label").getOrDefault(child, "")))));
    }
}
