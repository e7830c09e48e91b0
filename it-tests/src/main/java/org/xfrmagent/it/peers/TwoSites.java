package org.xfrmagent.it.peers;

import java.time.Duration;
import java.util.List;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Lab;
import org.xfrmagent.it.netns.Link;
import org.xfrmagent.it.netns.Nat;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;

/**
 * Two gateways, each with a host behind it.
 *
 * <pre>
 *   alice ──────────── moon ═════════════ sun ──────────── bob
 *   10.1.0.10   10.1.0.1 192.0.2.1   192.0.2.2 10.2.0.1   10.2.0.10        IPv4
 *   fd01::10     fd01::1 2001:db8::1 2001:db8::2 fd02::1   fd02::10        IPv6
 *
 *   alice ──────────── moon ────────── router ═════════════ sun ──────────── bob
 *               10.1.0.1 172.16.0.2  172.16.0.1 192.0.2.1  192.0.2.2       behind a NAT
 * </pre>
 *
 * Every host has routes to all others, so that clear text would arrive too: what keeps it off the wire is the policy alone.
 *
 * @param wire the two hosts at the ends of the public link, where an eavesdropper sits
 * @param tunnel as moon sees it; nobody starts it
 */
public record TwoSites(Lab lab, Host alice, Host moon, Host sun, Host bob, Link wire, Addresses addresses, Tunnel tunnel)
        implements AutoCloseable {
    /** What a ping carries, to be looked for on the wire. */
    public static final String CANARY = "canary:in:clear!";

    private static final int PORT = 9000;
    private static final Duration TRANSFER_LIMIT = Duration.ofSeconds(150);
    private static final String PSK = "a shared secret that only these two gateways of the lab know";

    /** The addresses of one family. */
    public record Addresses(String alice, String moonInside, String moon, String sun, String sunInside, String bob, String moonSubnet,
            String sunSubnet, int hostPrefix) {
        static final Addresses IPV4 = new Addresses("10.1.0.10", "10.1.0.1", "192.0.2.1", "192.0.2.2", "10.2.0.1", "10.2.0.10",
                "10.1.0.0/16", "10.2.0.0/16", 24);
        static final Addresses IPV6 = new Addresses("fd01::10", "fd01::1", "2001:db8::1", "2001:db8::2", "fd02::1", "fd02::10",
                "fd01::/32", "fd02::/32", 64);

        private String link(String address) {
            return address + "/" + hostPrefix;
        }
    }

    public static TwoSites ipv4() {
        return direct(Addresses.IPV4);
    }

    public static TwoSites ipv6() {
        return direct(Addresses.IPV6);
    }

    private static TwoSites direct(Addresses at) {
        Lab lab = Lab.open();
        try {
            Host moon = lab.host("moon");
            Host sun = lab.host("sun");
            Link wire = lab.link(moon, List.of(at.link(at.moon)), sun, List.of(at.link(at.sun)));
            return complete(lab, moon, sun, wire, at, at.moon, at.sun);
        } catch (RuntimeException | AssertionError failure) {
            lab.close();
            throw failure;
        }
    }

    /** moon's side is hidden behind a router that masquerades. sun cannot call moon. */
    public static TwoSites behindNat() {
        Addresses at = Addresses.IPV4;
        Lab lab = Lab.open();
        try {
            Host moon = lab.host("moon");
            Host router = lab.host("router");
            Host sun = lab.host("sun");
            lab.link(moon, List.of("172.16.0.2/24"), router, List.of("172.16.0.1/24"));
            Link wire = lab.link(router, List.of(at.link(at.moon)), sun, List.of(at.link(at.sun)));
            TwoSites sites = complete(lab, moon, sun, wire, at, "172.16.0.2", "172.16.0.1");
            Nat.masquerade(router, sun);
            return sites;
        } catch (RuntimeException | AssertionError failure) {
            lab.close();
            throw failure;
        }
    }

    /**
     * moon has a second way to sun, through a router that masquerades. Nothing leads there yet.
     *
     * <pre>
     *   alice ──────────── moon 192.0.2.1 ═══════════════════════════ 192.0.2.2 sun ──────────── bob
     *                           172.16.0.2 ── router 198.51.100.1 ── 198.51.100.2
     * </pre>
     */
    public static TwoSites twoWays() {
        Addresses at = Addresses.IPV4;
        Lab lab = Lab.open();
        try {
            Host moon = lab.host("moon");
            Host router = lab.host("router");
            Host sun = lab.host("sun");
            lab.link(moon, List.of("172.16.0.2/24"), router, List.of("172.16.0.1/24"));
            lab.link(router, List.of("198.51.100.1/24"), sun, List.of("198.51.100.2/24"));
            Link wire = lab.link(moon, List.of(at.link(at.moon)), sun, List.of(at.link(at.sun)));
            lab.ip(moon, "route add default via 172.16.0.1 metric 100");
            lab.ip(router, "route add 10.1.0.0/16 via 172.16.0.2");
            lab.ip(router, "route add default via 198.51.100.2");
            TwoSites sites = complete(lab, moon, sun, wire, at, at.moon, at.sun);
            Nat.masquerade(router, sun);
            return sites;
        } catch (RuntimeException | AssertionError failure) {
            lab.close();
            throw failure;
        }
    }

    private static TwoSites complete(Lab lab, Host moon, Host sun, Link wire, Addresses at, String moonAddress, String moonGateway) {
        Host alice = lab.host("alice");
        Host bob = lab.host("bob");
        lab.link(alice, List.of(at.link(at.alice)), moon, List.of(at.link(at.moonInside)));
        lab.link(sun, List.of(at.link(at.sunInside)), bob, List.of(at.link(at.bob)));
        lab.ip(alice, "route add default via " + at.moonInside);
        lab.ip(moon, "route add default via " + moonGateway);
        lab.ip(sun, "route add default via " + at.moon);
        lab.ip(bob, "route add default via " + at.sunInside);
        lab.up();
        Tunnel tunnel = new Tunnel("site-to-site",
                new Tunnel.End("moon", "moon.lab", moonAddress, at.moonSubnet), new Tunnel.End("sun", "sun.lab", at.sun, at.sunSubnet),
                PSK, List.of("aes256gcm16-prfsha384-x25519"), List.of("aes256gcm16"), Tunnel.Start.BY_COMMAND, Duration.ofSeconds(30));
        return new TwoSites(lab, alice, moon, sun, bob, wire, at, tunnel);
    }

    /** Hands a daemon over: its log is evidence, and it ends before its host does. */
    public <P extends Peer> P with(P peer) {
        lab.evidence(peer.host() + ": log of " + peer.getClass().getSimpleName(), peer::log);
        return lab.closing(peer);
    }

    /** Records the public link. */
    public Capture eavesdrop() {
        return lab.closing(Capture.on(wire));
    }

    /** alice pings bob {@code count} times, four times a second, with the {@link #CANARY} in each packet. */
    public Result ping(int count) {
        return alice.run("ping", "-n", "-c", Integer.toString(count), "-i", "0.25", "-W", "5", "-p", canaryPattern(), addresses.bob);
    }

    /** The {@link #CANARY} as ping's option -p takes it. */
    public static String canaryPattern() {
        StringBuilder pattern = new StringBuilder();
        CANARY.chars().forEach(letter -> pattern.append("%02x".formatted(letter)));
        return pattern.toString();
    }

    /** alice pings bob until she is interrupted, {@code perSecond} times a second, with the {@link #CANARY} in each packet. */
    public Running pinging(int perSecond) {
        return alice.start("ping", "-n", "-i", "%.3f".formatted(1.0 / perSecond), "-W", "5", "-p", canaryPattern(), addresses.bob);
    }

    /** Records what crosses the public link and is neither ESP nor IKE. */
    public Capture eavesdropOnOthers() {
        return lab.closing(Capture.ofOthersThanEspAndIke(wire));
    }

    /** Waits until a ping of alice's comes back. */
    public void awaitPing(Duration limit) {
        Await.until("bob answers alice's ping", limit, () -> alice.run("ping", "-n", "-c", "1", "-W", "1", addresses.bob).ok(), lab::report);
    }

    /** alice sends bob so many mebibytes of random octets over one TCP connection; fails unless he gets exactly these. */
    public void transfer(int mebibytes) {
        alice.shell("head -c " + mebibytes + "M /dev/urandom >/run/sent");
        boolean ipv6 = addresses.bob.contains(":");
        Running server = bob.start("socat", "-d", "-d", "-u", (ipv6 ? "TCP6" : "TCP4") + "-LISTEN:" + PORT, "CREATE:/run/received");
        server.awaitOutput("listening on", Await.SOON);
        String bobsAddress = ipv6 ? "TCP6:[" + addresses.bob + "]" : "TCP4:" + addresses.bob;
        alice.run(TRANSFER_LIMIT, "socat", "-u", "FILE:/run/sent", bobsAddress + ":" + PORT).orFail();
        server.awaitExit(TRANSFER_LIMIT);
        String sent = alice.shell("sha256sum </run/sent");
        String received = bob.shell("sha256sum </run/received");
        if (!sent.equals(received)) {
            throw new AssertionError("of " + mebibytes + " MiB bob received " + bob.shell("wc -c </run/received").strip()
                    + " octets, and not the ones that alice sent");
        }
    }

    @Override
    public void close() {
        lab.close();
    }
}
