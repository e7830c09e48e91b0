package org.xfrmagent.it.peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;

/**
 * OpenBSD's iked in its Linux build, which needs a kernel that has ESP and PF_KEY, and whose ESP knows AES-CBC with HMAC-SHA-1 only.
 * It cannot be told to rekey: it does so when a lifetime is over.
 */
public final class OpenIked implements Peer {
    private static final String CONFIGURATION = "/etc/iked.conf";
    /** What {@code iked -vv} says last when it reads its settings. */
    private static final String LAST_SETTING = "stickyaddress";

    /** {@code iked_sas: 0x552ab8a4c0 rspi 0x… ispi 0x… 192.0.2.2:500->192.0.2.1:500<FQDN/moon.lab>[] ESTABLISHED i …}. */
    private static final Pattern SA = Pattern.compile("iked_sas: \\S+ rspi 0x([0-9a-f]+) ispi 0x([0-9a-f]+) \\S+<FQDN/([^>]*)>\\[[^\\]]*\\] (\\S+) ");
    /** {@code sa_childsas: 0x55…90 ESP 0x9f920929 out 192.0.2.2:500 -> 192.0.2.1:500 (L) B=(nil) P=0x55…40 …}: P is the other direction's. */
    private static final Pattern CHILD = Pattern.compile("sa_childsas: (\\S+) \\S+ 0x([0-9a-f]+) (in|out) .* P=(\\S+) ");

    private static final Map<String, String> WORDS = Map.of("aes128", "enc aes-128", "aes256", "enc aes-256", "sha1", "auth hmac-sha1",
            "sha256", "auth hmac-sha2-256", "x25519", "group curve25519", "ecp256", "group ecp256", "modp2048", "group modp2048");
    private static final Map<String, String> PRFS = Map.of("sha1", "prf hmac-sha1", "sha256", "prf hmac-sha2-256");

    private final Host host;
    private final String lifetimes;
    private boolean certified;
    private List<Tunnel> tunnels = List.of();
    private String earlierLogs = "";
    private @Nullable Running iked;

    public OpenIked(Host host) {
        this(host, "");
    }

    private OpenIked(Host host, String lifetimes) {
        this.host = host;
        this.lifetimes = lifetimes;
    }

    /** It replaces children and IKE SAs when they are as old as that. */
    public OpenIked withLifetimes(Duration ofIke, Duration ofChild) {
        return new OpenIked(host, "ikelifetime %d lifetime %d".formatted(ofIke.toSeconds(), ofChild.toSeconds()));
    }

    /** Puts its certificate with the key, and one of an authority that it believes, where it looks for them; no tunnel of its has a secret then. */
    public OpenIked withCertificate(Pki.Certified own, Pki.Certified authority) {
        certified = true;
        host.write("/etc/iked/certs/own.crt", own.pem());
        host.write("/etc/iked/private/local.key", own.keyPem());
        host.write("/etc/iked/ca/ca.crt", authority.pem());
        // The process that reads these is not root.
        host.shell("chmod 644 /etc/iked/certs/own.crt /etc/iked/ca/ca.crt");
        return this;
    }

    @Override
    public Host host() {
        return host;
    }

    /** The version that its package has: the program does not tell one. */
    @Override
    public String version() {
        return "OpenIKED 7.2";
    }

    @Override
    public Plane plane() {
        return Plane.KERNEL;
    }

    @Override
    public OpenIked start(Tunnel... wanted) {
        tunnels = List.of(wanted);
        earlierLogs = log();
        // Before the package covers /usr, below which the kernel's modules are mounted.
        host.shell("[ -e /proc/net/pfkey ] || modprobe -q af_key");
        host.lay(Unpacked.of("openiked"));
        host.write(CONFIGURATION, configuration(tunnels, lifetimes, certified));
        // What its package brings and its scripts do: a user of its own, folders and a key, without which it ends even where none is used.
        host.shell("""
                ip xfrm state flush
                ip xfrm policy flush
                grep -q ^_iked: /etc/passwd || echo '_iked:x:970:970::/var/empty:/usr/sbin/nologin' >>/etc/passwd
                grep -q ^_iked: /etc/group || echo '_iked:x:970:' >>/etc/group
                mkdir -p /var/empty /run/iked /etc/iked/{ca,certs,crls,private} /etc/iked/pubkeys/{fqdn,ipv4,ipv6,ufqdn}
                cd /etc/iked
                [ -e private/local.key ] || openssl ecparam -name prime256v1 -genkey -noout -out private/local.key
                [ -e local.pub ] || openssl pkey -in private/local.key -pubout -out local.pub
                """);
        Running started = host.start("/usr/sbin/iked", "-d", "-vv", "-f", CONFIGURATION);
        iked = started;
        // It answers IKE before it has read all of its settings, and then forgets whom it answered ("sa_free: reload").
        Await.until("iked on " + host + " has its settings and answers", Await.SOON,
                () -> !started.isAlive() || started.output().contains(LAST_SETTING) && answers(), started::output);
        if (!started.isAlive()) {
            throw new AssertionError("iked on " + host + " ended at once:\n" + started.output());
        }
        return this;
    }

    /** The same tunnels in iked.conf's words. */
    static String configuration(List<Tunnel> tunnels, String lifetimes, boolean certified) {
        return "set dpd_check_interval %d\nset enforcesingleikesa\n".formatted(tunnels.getFirst().liveness().toSeconds())
                + tunnels.stream().map(tunnel -> policy(tunnel, lifetimes, certified)).collect(Collectors.joining());
    }

    private static String policy(Tunnel tunnel, String lifetimes, boolean certified) {
        String mode = switch (tunnel.start()) {
            case BY_COMMAND -> "passive";
            case AT_START -> "active";
            case ON_TRAFFIC -> throw new IllegalArgumentException("OpenIKED cannot wait for traffic");
        };
        return """
                ikev2 "%s" %s esp from %s to %s local %s peer %s \\
                  %s \\
                  %s \\
                  srcid %s dstid %s %s %s
                """.formatted(tunnel.name(), mode, tunnel.local().subnet(), tunnel.remote().subnet(), tunnel.local().address(),
                tunnel.remote().address(), proposals("ikesa", tunnel.ike()), proposals("childsa", tunnel.esp()), tunnel.local().id(),
                tunnel.remote().id(), lifetimes, certified ? "" : "psk \"" + tunnel.psk() + "\"");
    }

    private static String proposals(String kind, List<String> proposals) {
        return proposals.stream().map(proposal -> kind + " " + Stream.of(proposal.split("-"))
                .map(word -> word(word) + (kind.equals("ikesa") && PRFS.containsKey(word) ? " " + PRFS.get(word) : ""))
                .collect(Collectors.joining(" "))).collect(Collectors.joining(" "));
    }

    private static String word(String word) {
        String own = WORDS.get(word);
        if (own == null) {
            throw new IllegalArgumentException("OpenIKED has no word for the algorithm " + word);
        }
        return own;
    }

    /** Starts it anew with the tunnel to be brought up: there is no command for that. */
    @Override
    public Result up(Tunnel tunnel) {
        close();
        start(tunnel.withStart(Tunnel.Start.AT_START));
        boolean up = Await.holds(Await.SOON, () -> has(tunnel));
        return new Result(List.of("iked", tunnel.name()), up ? 0 : 1, "", up ? "" : log());
    }

    /** Ends the IKE SA too: there is no command for a child alone. */
    @Override
    public Result down(Tunnel tunnel) {
        return ikectl("reset", "id", "FQDN/" + tunnel.remote().id());
    }

    private Result ikectl(String... arguments) {
        return host.run(Stream.concat(Stream.of("/usr/sbin/ikectl"), Stream.of(arguments)).toArray(String[]::new));
    }

    @Override
    public List<IkeSa> sas() {
        if (iked == null || !iked.isAlive()) {
            return List.of();
        }
        Map<String, String> names = tunnels.stream().collect(Collectors.toMap(tunnel -> tunnel.remote().id(), Tunnel::name));
        return sas(ikectl("show", "sa").out(), names, KernelCounters.on(host));
    }

    /** The SAs from {@code ikectl show sa}, the tunnels' names by the peer's identity, and what the kernel has counted by SPI. */
    static List<IkeSa> sas(String shown, Map<String, String> names, Map<String, KernelCounters> counters) {
        List<IkeSa> sas = new ArrayList<>();
        Map<String, Half> halves = new LinkedHashMap<>();
        for (String line : shown.lines().toList()) {
            Matcher sa = SA.matcher(line);
            Matcher child = CHILD.matcher(line);
            if (sa.find()) {
                halves.clear();
                sas.add(new IkeSa(names.getOrDefault(sa.group(3), ""), sa.group(4),
                        Map.of("initiator-spi", sa.group(2), "responder-spi", sa.group(1)), List.of()));
            } else if (child.find() && !sas.isEmpty()) {
                Half half = new Half(child.group(2), child.group(3).equals("in"));
                Half other = halves.get(child.group(4));
                halves.put(child.group(1), half);
                if (other != null) {
                    IkeSa last = sas.removeLast();
                    sas.add(last.withChild(half.in ? child(last.name(), half, other, counters) : child(last.name(), other, half, counters)));
                }
            }
        }
        return sas;
    }

    private record Half(String spi, boolean in) {}

    private static IkeSa.Child child(String name, Half half, Half other, Map<String, KernelCounters> counters) {
        KernelCounters in = counters.getOrDefault(half.spi, KernelCounters.NONE);
        KernelCounters out = counters.getOrDefault(other.spi, KernelCounters.NONE);
        return new IkeSa.Child(name, "INSTALLED", in.encap(), half.spi, other.spi, in.bytes(), in.packets(), out.bytes(), out.packets());
    }

    @Override
    public boolean answers() {
        return ikectl("show", "sa").ok();
    }

    @Override
    public String log() {
        return earlierLogs + (iked == null ? "" : iked.output());
    }

    @Override
    public void kill() {
        Peer.super.kill();
        awaitEnd();
    }

    @Override
    public void close() {
        if (iked != null) {
            iked.stop(Await.SOON);
            awaitEnd();
        }
    }

    /** Its three other processes end after the first: until then they hold the sockets, and may get what the next iked waits for. */
    private void awaitEnd() {
        Await.until("all of iked has ended", Await.SOON, () -> !host.run("bash", "-c", "grep -sqx iked /proc/[0-9]*/comm").ok(), this::log);
    }

    @Override
    public Running running() {
        if (iked == null) {
            throw new IllegalStateException("iked on " + host + " was never started");
        }
        return iked;
    }
}
