package org.xfrmagent.it.scenarios;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.parity.Answer;
import org.xfrmagent.it.parity.Parity.Accepted;

/** Every subcommand of swanctl prints for the agent what it prints for a charon with the same swanctl.conf and the same peer. */
@Tag("netns")
@Tag("lab")
class SwanctlParityTest {
    /** Where the agent does otherwise on purpose. Nothing else may differ. */
    private static final List<Accepted> ACCEPTED = List.of(
            new Accepted("--list-algs", "get-algorithms reply/(?!ke|xof|drbg)[^/]+/.*", "each daemon has its own algorithms and providers"),
            new Accepted("--list-algs", "get-algorithms reply/(ke|xof|drbg)(/.*)?", "ke is what charon 6.0 calls dh, xof and drbg may be empty with either"),
            new Accepted("--monitor-sa", ".*/tasks-(queued|active|passive)", "which tasks are left when an event is told is each daemon's own"),
            new Accepted("--list-conns", "list-conn event/shunts/children/ntp/.*", "a shunt is no policy while it is not installed"));

    private static final String UPDOWN = "/etc/updown";

    private static void compare(String more, Consumer<Interview> script) {
        Beside.charon("updown = " + UPDOWN + "\n        ", more, "", ACCEPTED, (interview, _) -> {
            interview.host().write(UPDOWN, "#!/bin/sh\n(echo \"$PLUTO_VERB {\"; env | grep ^PLUTO_ | sort | sed 's/=/ = /'; echo '}') >>/run/told\n");
            interview.host().shell("chmod 755 " + UPDOWN);
            script.accept(interview);
        });
    }

    @Test
    void anSaIsListedWatchedRekeyedAndEndedAlike() {
        compare("", script -> {
            Running monitor = script.start("--monitor-sa");
            Running log = script.start("--log");
            script.ask("--initiate", "--child", "site-to-site");
            script.ask("--list-sas");
            script.ask("--list-sas", "--ike", "sun", "--noblock");
            script.ask("--list-sas", "--child", "nobody");
            script.ask("--list-pols");
            script.ask("--counters");
            String child = script.childSpi("site-to-site");
            script.ask("--rekey", "--child", "site-to-site");
            Await.until("the child has a successor", Scenario.SOON, () -> script.isSettled() && !child.equals(script.childSpi("site-to-site")), log::output);
            String ike = script.ikeSpi("sun");
            script.ask("--rekey", "--ike", "sun");
            Await.until("the IKE SA has a successor", Scenario.SOON, () -> script.isSettled() && !ike.equals(script.ikeSpi("sun")), log::output);
            String rekeyed = script.ikeSpi("sun");
            script.ask("--rekey", "--ike", "sun", "--reauth");
            Await.until("the IKE SA is made anew", Scenario.SOON, () -> script.isSettled() && !rekeyed.equals(script.ikeSpi("sun")), log::output);
            script.ask("--redirect", "--ike", "nobody", "--gateway", "192.0.2.9");
            script.ask("--rekey", "--child", "nobody");
            script.ask("--terminate", "--child", "nobody");
            script.ask("--stats");
            script.ask("--terminate", "--ike", "sun");
            script.ask("--list-sas");
            script.ask("--counters", "--all");
            script.ask("--counters", "--name", "sun");
            script.ask("--counters", "--name", "nobody");
            script.ask("--counters", "--reset", "--all");
            script.ask("--initiate", "--child", "site-to-site", "--timeout", "20");
            script.ask("--terminate", "--child", "site-to-site");
            script.ask("--terminate", "--ike", "sun", "--force");
            script.ask("--initiate", "--child", "nobody");
            script.ask("--initiate", "--ike", "nobody");
            Await.until("updown programs have run for all three tunnels", Scenario.SOON, () -> told(script).fields().stream()
                    .filter(field -> field.path().startsWith("down-") && field.name().equals("PLUTO_VERB")).count() == 3, log::output);
            script.note("updown", told(script));
            script.end("--monitor-sa", monitor);
            script.end("--log", log);
        });
    }

    /** What updown programs were told, in their order. */
    private static Answer told(Interview script) {
        return Answer.parse(script.host().shell("touch /run/told; cat /run/told"));
    }

    @Test
    void whatIsLoadedIsListedAlike() {
        compare("""
                connections {
                  shunts { children {
                    ssh { mode = pass
                          local_ts = 192.0.2.0/24[tcp/22]
                          remote_ts = 192.0.2.0/24[tcp]
                          start_action = trap }
                    no-telnet { mode = drop
                          local_ts = 192.0.2.0/24[tcp]
                          remote_ts = 192.0.2.0/24[tcp/23]
                          start_action = trap }
                    ntp { mode = pass
                          local_ts = 192.0.2.0/24[udp]
                          remote_ts = 192.0.2.0/24[udp/123] }
                  } }
                  venus { version = 2
                    local_addrs = 192.0.2.1
                    remote_addrs = 192.0.2.9
                    rekey_time = 2h
                    reauth_time = 8h
                    unique = replace
                    dpd_delay = 0
                    local { auth = psk
                            id = moon.lab }
                    remote { auth = psk
                             id = venus.lab }
                    children { site-to-site { local_ts = 10.1.0.0/16
                                              remote_ts = 10.4.0.0/16, 10.5.0.1-10.5.0.9
                                              rekey_time = 20m
                                              rekey_bytes = 500000000
                                              rekey_packets = 1000000 }
                               host { mode = transport
                                      local_ts = dynamic[tcp]
                                      remote_ts = dynamic[tcp/80] }
                               pings { local_ts = 10.1.0.0/16[icmp/8]
                                       remote_ts = 10.7.0.0/16[icmp/2048] }
                               to-its-networks { remote_ts = 10.6.0.0/16 }
                               ours-to-it { local_ts = 10.1.0.0/16 }
                               between-hosts { } }
                  }
                  laptop { version = 2
                    remote_addrs = 192.0.2.8
                    vips = 0.0.0.0, ::
                    local { auth = psk
                            id = moon.lab }
                    remote { auth = psk
                             id = gate.lab }
                    children { all { remote_ts = 0.0.0.0/0, ::/0 }
                               web { local_ts = dynamic[tcp]
                                     remote_ts = 10.8.0.0/16[tcp/80] } }
                  }
                }
                pools { staff { addrs = 10.3.0.0/24
                                dns = 10.1.0.53 } }
                """, script -> {
            script.ask("--list-conns");
            script.ask("--list-conns", "--ike", "venus");
            script.ask("--list-pols");
            script.ask("--list-pols", "--drop");
            script.ask("--list-pols", "--child", "ssh");
            script.ask("--list-certs");
            script.ask("--list-authorities");
            script.ask("--list-pools");
            script.ask("--list-pools", "--leases");
            script.ask("--list-pools", "--name", "staff");
            script.ask("--list-algs");
            script.ask("--version", "--daemon");
            script.ask("--stats");
            script.ask("--install", "--child", "ntp");
            script.ask("--list-pols", "--pass");
            script.ask("--uninstall", "--child", "ntp");
            script.ask("--uninstall", "--child", "nobody");
            script.ask("--install", "--child", "nobody");
            script.ask("--list-pols");
            script.ask("--flush-certs");
            script.ask("--reload-settings");
            script.ask("--redirect", "--ike", "nobody");
            script.ask("--load-creds", "--noprompt");
            script.ask("--load-authorities");
            script.ask("--load-pools");
            script.ask("--load-conns");
            script.ask("--load-all", "--noprompt");
        });
    }
}
