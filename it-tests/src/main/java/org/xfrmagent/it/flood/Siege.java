package org.xfrmagent.it.flood;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Lab;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Tunnel;

/**
 * A gateway with a tunnel, a flood of datagrams at it, and a genuine newcomer who wants a tunnel as well.
 *
 * <pre>
 *   moon ═════════ sun ─────────── mallory          moon:    up before the flood begins
 *   192.0.2.1   192.0.2.2          198.51.100.66    carol:   comes in the middle of it
 *   carol ───────── │                               mallory: sends from 10.66.0.0/16, which sun has a route to
 *   203.0.113.9  203.0.113.1
 * </pre>
 */
public final class Siege implements AutoCloseable {
    private static final String PSK = "a shared secret that only these two gateways of the lab know";
    private static final String SUN = "192.0.2.2";

    /** Where sun waits for carol, and mallory calls. */
    private static final String GATE = "203.0.113.1";

    private final Lab lab;
    private final Host moon;
    private final Host sun;
    private final Host carol;
    private final Host mallory;
    private final Tunnel standing = tunnel("standing", "moon", "192.0.2.1", "10.1.0.0/16", SUN);
    private final Tunnel newcomer = tunnel("newcomer", "carol", "203.0.113.9", "10.3.0.0/16", GATE);

    private Siege(Lab lab) {
        this.lab = lab;
        this.moon = lab.host("moon");
        this.sun = lab.host("sun");
        this.carol = lab.host("carol");
        this.mallory = lab.host("mallory");
        lab.link(moon, List.of("192.0.2.1/24"), sun, List.of(SUN + "/24"));
        lab.link(carol, List.of("203.0.113.9/24"), sun, List.of(GATE + "/24"));
        lab.link(mallory, List.of("198.51.100.66/24"), sun, List.of("198.51.100.1/24"));
        lab.ip(moon, "addr add 10.1.0.1/16 dev lo");
        lab.ip(carol, "addr add 10.3.0.1/16 dev lo");
        lab.ip(sun, "addr add 10.2.0.1/16 dev lo");
        lab.ip(moon, "route add 10.2.0.0/16 via " + SUN + " src 10.1.0.1");
        lab.ip(carol, "route add 10.2.0.0/16 via " + GATE + " src 10.3.0.1");
        lab.ip(sun, "route add 10.1.0.0/16 via 192.0.2.1 src 10.2.0.1");
        lab.ip(sun, "route add 10.3.0.0/16 via 203.0.113.9 src 10.2.0.1");
        lab.ip(sun, "route add " + Flood.SPOOFED_NETWORK + " via 198.51.100.66");
        lab.ip(mallory, "route add " + GATE + "/32 via 198.51.100.1");
        lab.ip(mallory, "route add local " + Flood.OWN_NETWORK + " dev lo");
        lab.up();
        // The victims of forged addresses do not answer: here nobody is there.
        mallory.shell("echo 0 >/proc/sys/net/ipv4/ip_forward");
    }

    public static Siege lay() {
        Lab lab = Lab.open();
        try {
            return new Siege(lab);
        } catch (RuntimeException | AssertionError failure) {
            lab.close();
            throw failure;
        }
    }

    private static Tunnel tunnel(String name, String peer, String address, String subnet, String sun) {
        return new Tunnel(name, new Tunnel.End(peer, peer + ".lab", address, subnet), new Tunnel.End("sun", "sun.lab", sun, "10.2.0.0/16"), PSK,
                List.of("aes256gcm16-prfsha384-x25519"), List.of("aes256gcm16"), Tunnel.Start.BY_COMMAND, Duration.ofSeconds(10));
    }

    public Host moon() {
        return moon;
    }

    public Host sun() {
        return sun;
    }

    public Host carol() {
        return carol;
    }

    public Lab lab() {
        return lab;
    }

    /**
     * How it went.
     *
     * @param taken datagrams that sun's daemon read from its sockets meanwhile
     * @param lost datagrams for which its sockets had no room
     * @param pings answered through the standing tunnel, of {@code pingsSent}
     * @param standing whether moon's IKE SA is the one from before
     * @param rekeyed whether its child was rekeyed meanwhile
     * @param newcomer how long carol's tunnel took; negative if it never came
     * @param cpu of sun's programs while the flood lasted
     * @param residentBefore RSS of sun's daemon, in KiB
     * @param residentMost the most that it ever was, in KiB
     */
    public record Report(
            Flood.Outcome flood, long taken, long lost, int pings, int pingsSent, boolean standing, boolean rekeyed, Duration newcomer, Duration cpu,
            long residentBefore, long residentMost) {
        @Override
        public String toString() {
            return ("%,d/s for %.1f s: %,d sent, %,d taken, %,d lost at the socket, %,d answered; %.2f s CPU, %.1f us each; RSS %.1f MiB, at most %.1f; "
                    + "standing tunnel %s and %s, %d of %d pings; newcomer up after %s")
                    .formatted(
                            flood.perSecond(), flood.took().toMillis() / 1000.0, flood.sent(), taken, lost, flood.answered(), cpu.toMillis() / 1000.0,
                            cpu.toNanos() / 1000.0 / Math.max(1, taken), residentBefore / 1024.0, residentMost / 1024.0, standing ? "held" : "LOST",
                            rekeyed ? "rekeyed" : "NOT REKEYED", pings, pingsSent, newcomer.isNegative() ? "NEVER" : newcomer.toMillis() + " ms");
        }
    }

    /**
     * Starts the daemons, brings moon's tunnel up, floods sun, and lets carol come in when the flood is under way. Sun expects carol at
     * any address: whoever sends a first message may be her.
     *
     * @param pings how many moon sends meanwhile, four a second; none where it has no data plane
     */
    public Report endure(Peer moons, Peer suns, Peer carols, Flood.Kind kind, int perSecond, Duration duration, int pings) {
        lab.evidence("sun's daemon", suns::log);
        lab.evidence("moon's daemon", moons::log);
        lab.evidence("carol's daemon", carols::log);
        lab.closing(suns).start(standing.reversed(), newcomer.reversed().withRemoteAnywhere());
        lab.closing(moons).start(standing);
        lab.closing(carols).start(newcomer);
        moons.up(standing).orFail();
        Await.until("moon's tunnel is up", Await.SOON, () -> moons.has(standing), moons::log);
        String ikeSa = ikeSa(moons);
        String child = moons.child(standing).spiIn();
        long resident = resident("VmRSS");
        long busy = busy();
        long taken = datagrams("InDatagrams");
        long lost = datagrams("RcvbufErrors");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Flood flood = new Flood(kind, GATE, perSecond, duration);
            CompletableFuture<Flood.Outcome> flooding = CompletableFuture.supplyAsync(() -> flood(flood), threads);
            CompletableFuture<Result> pinging = CompletableFuture.supplyAsync(() -> ping(pings), threads);
            if (!flood.underWay(Await.SOON)) {
                throw new AssertionError("the flood was not under way within " + Await.SOON + (flooding.isDone() ? ": " + flooding.get() : ""));
            }
            Duration came = newcomer(carols);
            boolean rekeyed = rekey(moons, child);
            Flood.Outcome outcome = flooding.get(10, TimeUnit.MINUTES);
            Result pinged = pinging.get(10, TimeUnit.MINUTES);
            Duration cpu = Duration.ofMillis((busy() - busy) * 10);
            boolean held = Await.holds(Await.SOON, () -> ikeSa(moons).equals(ikeSa));
            return new Report(
                    outcome, datagrams("InDatagrams") - taken, datagrams("RcvbufErrors") - lost, answered(pinged), pings, held, rekeyed, came, cpu,
                    resident, resident("VmHWM"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        } catch (ExecutionException | TimeoutException failure) {
            throw new AssertionError("the siege failed", failure);
        }
    }

    private Flood.Outcome flood(Flood flood) {
        try {
            return flood.from(mallory);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Duration newcomer(Peer carols) {
        long began = System.nanoTime();
        while (System.nanoTime() - began < Await.SOON.toNanos()) {
            if (carols.up(newcomer).ok()) {
                return Duration.ofNanos(System.nanoTime() - began);
            }
        }
        return Duration.ofMillis(-1);
    }

    private static String ikeSa(Peer moons) {
        return moons.sas().stream().map(sa -> sa.values().getOrDefault("initiator-spi", "")).findFirst().orElse("");
    }

    private boolean rekey(Peer moons, String before) {
        moon.run("bash", "-c", "swanctl --rekey --child standing --uri unix://$(ls /run/xfrm-agent/control.vici /run/charon.vici 2>/dev/null | head -1)");
        return Await.holds(Await.SOON, () -> moons.has(standing) && !moons.child(standing).spiIn().equals(before));
    }

    private Result ping(int count) {
        return count == 0 ? new Result(List.of(), 0, "0 received", "")
                : moon.run(Duration.ofMinutes(5), "ping", "-n", "-c", Integer.toString(count), "-i", "0.25", "-W", "5", "-I", "10.1.0.1", "10.2.0.1");
    }

    private static int answered(Result ping) {
        Matcher found = Pattern.compile("(\\d+) received").matcher(ping.out());
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    /** The daemon is what uses most memory on sun. */
    private long resident(String field) {
        return Long.parseLong(sun.shell("cat /proc/[0-9]*/status 2>/dev/null | awk '/^" + field + "/ { print $2 }' | sort -n | tail -1").strip());
    }

    /** A counter of sun's UDP over IPv4 (RFC 4113 and Linux). */
    private long datagrams(String counter) {
        return Long.parseLong(sun.shell("awk '/^Udp: In/ { for (i = 2; i <= NF; i++) n[$i] = i } /^Udp: [0-9]/ { print $n[\"" + counter
                + "\"] }' /proc/net/snmp").strip());
    }

    /** User and system time of all of sun's programs, in hundredths of a second. */
    private long busy() {
        return Long.parseLong(sun.shell("cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^.*) //' | awk '{ sum += $12 + $13 } END { print sum }'").strip());
    }

    @Override
    public void close() {
        lab.close();
    }
}
