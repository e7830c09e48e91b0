package org.xfrmagent.it.scenarios;

import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.parity.Parity;
import org.xfrmagent.it.parity.Parity.Accepted;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.TwoSites;

/**
 * The usual three set-ups of charon's, site to site, remote access with a pool, host to host in transport mode with a trap: the agent takes
 * charon's place on moon, and everything that swanctl asks is answered as before. First it has the swanctl.conf, unchanged, by
 * {@code swanctl --load-all}; then what {@code xfrm-agent convert} makes of it.
 *
 * <pre>
 *   alice ──── moon ══════════════════ sun ──── bob
 *   10.1.0.10       .1  site to site  .2        10.2.0.10
 *                  .31  host to host  .32
 *                  .41  remote access .42, and 10.3.0.1 of the pool
 * </pre>
 */
@Tag("netns")
@Tag("lab")
@Tag("long")
class DropInTest {
    private static final String CONF = "/etc/swanctl/swanctl.conf";

    /** Where the agent does otherwise on purpose. Nothing else may differ. */
    private static final List<Accepted> ACCEPTED = List.of(
            new Accepted("", ".*/(bytes|packets)-(in|out)", "how many packets are lost until a trap's tunnel is up is chance"),
            new Accepted("", ".*/tasks-(queued|active|passive)", "which tasks are left when an event is told is each daemon's own"),
            new Accepted("", "get-pools reply/users/size", "every address is given, the first and last of a prefix too"),
            new Accepted("", "list-sa event/users/rekey-time", "an ISAKMP SA with a user ends, and the user makes the next"));

    private static Control charon(TwoSites sites) {
        return sites.with(new StrongSwan(sites.moon(), Plane.best())).start(DropInSetUps.moon(Plane.best())).control();
    }

    private static Control unchanged(TwoSites sites) {
        return sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(DropInSetUps.moon(Plane.best())).control();
    }

    private static Control converted(TwoSites sites) {
        sites.moon().write(CONF, DropInSetUps.moon(Plane.best()));
        sites.moon().run(Agent.program(), "convert", CONF, "-o", "/etc/xfrm-agent/converted").orFail();
        return sites.with(new Agent(sites.moon(), Plane.best())).startOn("/etc/xfrm-agent/converted").control();
    }

    @Test
    void theAgentTakesCharonsPlace() {
        Interview charons = with(DropInTest::charon);
        Interview unchanged = with(DropInTest::unchanged);
        Interview converted = with(DropInTest::converted);

        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(charons.differences(unchanged, new Parity(ACCEPTED))).as("the same swanctl.conf").isEmpty();
        softly.assertThat(charons.differences(converted, new Parity(ACCEPTED))).as("converted").isEmpty();
        softly.assertAll();
    }

    private static Interview with(Function<TwoSites, Control> daemonOfMoon) {
        List<Interview> interviews = new ArrayList<>();
        Scenario.play(TwoSites::ipv4, sites -> {
            sites.moon().shell("ip addr add 192.0.2.31/24 dev sun; ip addr add 192.0.2.41/24 dev sun");
            sites.sun().shell("ip addr add 192.0.2.32/24 dev moon; ip addr add 192.0.2.42/24 dev moon");
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(DropInSetUps.sun(Plane.best()));
            Interview moon = Interview.of(sites.moon(), daemonOfMoon.apply(sites));
            Capture wire = sites.eavesdrop();
            play(sites, sun, moon);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            interviews.add(moon);
        });
        return interviews.getFirst();
    }

    private static void play(TwoSites sites, StrongSwan sun, Interview moon) {
        List<String> names = DropInSetUps.connections(Plane.best());
        boolean transport = names.contains("host");
        Running monitor = moon.start("--monitor-sa");
        moon.ask("--list-conns");
        moon.ask("--list-pols");
        moon.ask("--list-pools");

        // Each comes up as it does in practice: by command, by its first packet, by its user.
        moon.ask("--initiate", "--child", "net");
        sites.ping(4).orFail();
        if (transport) {
            awaitPing(sites.moon(), "192.0.2.31", "192.0.2.32");
        }
        sun.control().initiate("office").orFail();
        awaitPing(sites.sun(), "10.3.0.1", sites.addresses().moonInside());
        settle(moon, sun, names.size());
        moon.askRaw("--list-sas");
        moon.ask("--list-sas");
        moon.ask("--list-sas", "--ike", "site");
        moon.ask("--list-pols");
        moon.ask("--list-pools", "--leases");
        moon.ask("--stats");

        List<String> children = transport ? List.of("net", "host") : List.of("net");
        for (String child : children) {
            String before = moon.childSpi(child);
            moon.ask("--rekey", "--child", child);
            Await.until("child " + child + " has a successor", SOON, () -> moon.isSettled() && !before.equals(moon.childSpi(child)), sun::log);
        }
        for (String ike : transport ? List.of("site", "host") : List.of("site")) {
            String before = moon.ikeSpi(ike);
            moon.ask("--rekey", "--ike", ike);
            Await.until("IKE SA " + ike + " has a successor", SOON, () -> moon.isSettled() && !before.equals(moon.ikeSpi(ike)), sun::log);
        }
        sites.ping(2).orFail();
        moon.ask("--list-sas");
        moon.ask("--terminate", "--child", "net");
        for (String ike : names) {
            moon.ask("--terminate", "--ike", ike);
        }
        sun.awaitNoSas(SOON);
        moon.ask("--list-sas");

        // And from the other side.
        sun.control().initiate("net").orFail();
        sites.ping(2).orFail();
        if (transport) {
            awaitPing(sites.sun(), "192.0.2.32", "192.0.2.31");
        }
        settle(moon, sun, names.size() - 1);
        moon.ask("--list-sas");
        moon.ask("--list-pols");
        for (String ike : names) {
            moon.ask("--terminate", "--ike", ike, "--force");
        }
        moon.ask("--list-pools");
        moon.end("--monitor-sa", monitor);
    }

    private static void awaitPing(Host host, String from, String to) {
        Await.until(to + " answers " + from, SOON, () -> host.run("ping", "-n", "-c", "1", "-W", "1", "-p", TwoSites.canaryPattern(), "-I", from, to).ok(), host::xfrm);
    }

    private static void settle(Interview moon, StrongSwan sun, int number) {
        Await.until(number + " IKE SAs with their children are up", SOON, () -> moon.isSettled() && moon.control().sas().size() == number, sun::log);
    }
}
