package org.xfrmagent.it.peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;

/** libreswan's pluto, which needs a kernel that has ESP. Its package excludes strongSwan's, so it is laid over the host's /usr. */
public final class Libreswan implements Peer {
    private static final String CONFIGURATION = "/etc/ipsec.conf";
    private static final String KEYS = "/var/lib/ipsec/nss";
    private static final String LOG = "/var/log/pluto.log";
    private static final String DATABASE = "mkdir -p %1$s\n[ -e %1$s/cert9.db ] || certutil -N -d sql:%1$s --empty-password\n".formatted(KEYS);
    private static final String PROGRAMS = "/usr/libexec/ipsec/";

    /**
     * {@code #2: "site-to-site":500 STATE_V2_ESTABLISHED_CHILD_SA (…); …}, with {@code [1] 192.0.2.1} after the name of an instance. In
     * IKEv1 the state is the last message's, such as {@code STATE_QUICK_R2}.
     */
    private static final Pattern STATE = Pattern.compile("#(\\d+): \"([^\"]+)\"(?:\\[\\d+\\] \\S+?)?:\\d+ STATE_(?:V2_)?(\\S+) (.*)");
    /**
     * {@code #2: "site-to-site" esp.38894cd7@192.0.2.1 esp.c886f1d1@192.0.2.2 …}: what it sends with, and what it receives with.
     * A colon takes the dot's place where the addresses are of IPv6.
     */
    private static final Pattern SPIS =
            Pattern.compile("#(\\d+): \"[^\"]+\"(?:\\[\\d+\\] \\S+)? (?:esp|ah)[.:]([0-9a-f]+)@\\S+ (?:esp|ah)[.:]([0-9a-f]+)@.*");
    private static final Pattern PARENT = Pattern.compile("(?:IKE|ISAKMP) SA #(\\d+)");

    private static final Pattern SAID = Pattern.compile("\"|packet from|ERROR|FATAL|ABORT|refused|cannot");

    private static final Set<String> ESTABLISHED_IKE = Set.of("ESTABLISHED_IKE_SA", "MAIN_I4", "MAIN_R3", "AGGR_I2", "AGGR_R2");
    private static final Set<String> ESTABLISHED_CHILD = Set.of("ESTABLISHED_CHILD_SA", "QUICK_I2", "QUICK_R2");

    /** Its words for what the other daemons call by strongSwan's. */
    private static final Map<String, String> WORDS = Map.ofEntries(Map.entry("aes128gcm16", "aes_gcm128"), Map.entry("aes256gcm16", "aes_gcm256"),
            Map.entry("aes128", "aes128"), Map.entry("aes256", "aes256"), Map.entry("chacha20poly1305", "chacha20_poly1305"),
            Map.entry("sha1", "sha1"), Map.entry("sha256", "sha2_256"), Map.entry("sha384", "sha2_384"), Map.entry("sha512", "sha2_512"),
            Map.entry("prfsha256", "sha2_256"), Map.entry("prfsha384", "sha2_384"), Map.entry("x25519", "dh31"), Map.entry("ecp256", "dh19"),
            Map.entry("modp2048", "dh14"), Map.entry("modp3072", "dh15"));

    private final Host host;
    private String version = "libreswan";
    private @Nullable Running pluto;

    public Libreswan(Host host) {
        this.host = host;
    }

    @Override
    public Host host() {
        return host;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Plane plane() {
        return Plane.KERNEL;
    }

    @Override
    public Libreswan start(Tunnel... tunnels) {
        return start(configuration -> configuration, tunnels);
    }

    /** With more in its configuration than a tunnel says: {@code edit} is given what {@link #start(Tunnel...)} would write. */
    public Libreswan start(UnaryOperator<String> edit, Tunnel... tunnels) {
        host.lay(Unpacked.of("libreswan"));
        host.write(CONFIGURATION, edit.apply(configuration(List.of(tunnels))));
        host.write("/etc/ipsec.secrets", Stream.of(tunnels).map(Libreswan::secret).collect(Collectors.joining()));
        // What its service does before a start: after a crash the kernel still holds what the last one had put there.
        host.shell("""
                ip xfrm state flush
                ip xfrm policy flush
                mkdir -p /run/pluto
                rm -f /run/pluto/pluto.ctl /run/pluto/pluto.pid
                """ + DATABASE);
        Running started = host.start(PROGRAMS + "pluto", "--config", CONFIGURATION, "--nssdir", KEYS, "--logfile", LOG, "--nofork");
        pluto = started;
        Await.until("pluto on " + host + " answers", Await.SOON, () -> !started.isAlive() || answers(), () -> started.output() + log());
        version = "libreswan " + whack("--version").orFail().out().strip().replaceFirst("^Libreswan ", "");
        whack("--listen").orFail();
        host.run(PROGRAMS + "addconn", "--autoall", "--config", CONFIGURATION).orFail();
        return this;
    }

    /** Puts a certificate with its key into its database, by the name {@code sun} for {@code sun}'s, and one of an authority that it believes. */
    public Libreswan withCertificate(String name, Pki.Certified own, Pki.Certified authority) {
        host.lay(Unpacked.of("libreswan"));
        host.write("/run/own.pem", own.pem());
        host.write("/run/own.key", own.keyPem());
        host.write("/run/authority.pem", authority.pem());
        // The password is that of the file in which the key travels: the database reads no key without one.
        host.shell(DATABASE + """
                certutil -A -d sql:%1$s -n authority -t CT,, -i /run/authority.pem
                openssl pkcs12 -export -in /run/own.pem -inkey /run/own.key -name %2$s -passout pass:travelling -out /run/own.p12
                pk12util -i /run/own.p12 -d sql:%1$s -W travelling
                rm /run/own.key /run/own.p12
                """.formatted(KEYS, name));
        return this;
    }

    /** The same tunnels in ipsec.conf's words. Gives up after 8 s, as the others do here; a liveness check asks as often as theirs. */
    static String configuration(List<Tunnel> tunnels) {
        // As it comes, libreswan answers no IKEv1 at all.
        String ikev1 = tunnels.stream().anyMatch(tunnel -> tunnel.version().isV1()) ? "\tikev1-policy=accept\n" : "";
        return "config setup\n\tuniqueids=yes\n" + ikev1 + tunnels.stream().map(Libreswan::connection).collect(Collectors.joining());
    }

    private static String connection(Tunnel tunnel) {
        String auto = switch (tunnel.start()) {
            case BY_COMMAND -> "add\n\tdpdaction=clear";
            case ON_TRAFFIC -> "ondemand\n\tdpdaction=hold";
            case AT_START -> "start\n\tdpdaction=restart";
        };
        // Its scripts would set routes, which every host here has already, at half a second each in the lab's guest.
        return """
                conn %s
                \tauto=%s
                \tikev2=%s
                \tauthby=secret
                \tleft=%s
                \tleftid=@%s
                \tleftsubnet=%s
                \tright=%s
                \trightid=@%s
                \trightsubnet=%s
                \tike=%s
                \tesp=%s
                \tdpddelay=%ds
                \tdpdtimeout=8s
                \tretransmit-timeout=8s
                \tleftupdown=%%disabled
                """.formatted(tunnel.name(), auto, version(tunnel.version()), tunnel.local().address(), tunnel.local().id(), tunnel.local().subnet(),
                tunnel.remote().address(), tunnel.remote().id(), tunnel.remote().subnet(), proposals(tunnel.ike()), esp(tunnel),
                tunnel.liveness().toSeconds());
    }

    private static String version(Tunnel.Ike version) {
        return switch (version) {
            case V2 -> "yes";
            case V1_MAIN -> "no";
            case V1_AGGRESSIVE -> "no\n\taggressive=yes";
        };
    }

    private static String proposals(List<String> proposals) {
        return proposals.stream()
                .map(proposal -> Stream.of(proposal.split("-")).map(Libreswan::word).collect(Collectors.joining("-")))
                .collect(Collectors.joining(","));
    }

    /** The key exchange is a setting of its own, and the same for all; without one there must be no forward secrecy. */
    private static String esp(Tunnel tunnel) {
        String proposals = proposals(tunnel.esp());
        if (!proposals.contains("-dh")) {
            return proposals + "\n\tpfs=no";
        }
        // A combined mode has no integrity of its own, and the place of its word must not be taken by the group.
        return proposals.replaceAll("((?:gcm\\d+|poly1305))-dh", "$1-none-dh");
    }

    private static String word(String word) {
        String own = WORDS.get(word);
        if (own == null) {
            throw new IllegalArgumentException("Libreswan has no word for the algorithm " + word);
        }
        return own;
    }

    private static String secret(Tunnel tunnel) {
        return "@%s @%s : PSK \"%s\"\n".formatted(tunnel.local().id(), tunnel.remote().id(), tunnel.psk());
    }

    @Override
    public Result up(Tunnel tunnel) {
        return whack("--name", tunnel.name(), "--initiate");
    }

    @Override
    public Result down(Tunnel tunnel) {
        List<String> children = states().values().stream()
                .filter(state -> state.connection.equals(tunnel.name()) && ESTABLISHED_CHILD.contains(state.kind))
                .map(State::number)
                .toList();
        Result last = new Result(List.of("whack", "--deletestate"), 0, "no child\n", "");
        for (String child : children) {
            last = whack("--deletestate", child).orFail();
        }
        return last;
    }

    /** Ends the IKE SA too. */
    public Result terminate(Tunnel tunnel) {
        return whack("--name", tunnel.name(), "--terminate");
    }

    /** Fresh keys for a tunnel's child, now: in IKEv1 by another quick mode, since it has no command for rekeying there. */
    public Result rekey(Tunnel tunnel) {
        return whack("--name", tunnel.name(), tunnel.version().isV1() ? "--initiate" : "--rekey-ipsec");
    }

    /** Fresh keys for a tunnel's IKE SA, now; refused with IKEv1. */
    public Result rekeyIke(Tunnel tunnel) {
        return whack("--name", tunnel.name(), "--rekey-ike");
    }

    private Result whack(String... arguments) {
        return host.run(Stream.concat(Stream.of(PROGRAMS + "whack"), Stream.of(arguments)).toArray(String[]::new));
    }

    /** One of pluto's states: an IKE SA or a child, established or on the way. */
    private record State(String number, String connection, String kind, String parent) {}

    /** Its own list of states. */
    public String shown() {
        return whack("--showstates").out();
    }

    private Map<String, State> states() {
        return states(shown());
    }

    private static Map<String, State> states(String shown) {
        Map<String, State> states = new LinkedHashMap<>();
        Matcher state = STATE.matcher(shown);
        while (state.find()) {
            Matcher parent = PARENT.matcher(state.group(4));
            states.put(state.group(1), new State(state.group(1), state.group(2), state.group(3), parent.find() ? parent.group(1) : ""));
        }
        return states;
    }

    @Override
    public List<IkeSa> sas() {
        if (pluto == null || !pluto.isAlive()) {
            return List.of();
        }
        return sas(shown(), KernelCounters.on(host));
    }

    /** The SAs from {@code whack --showstates} and from what the kernel has counted by SPI. */
    static List<IkeSa> sas(String shown, Map<String, KernelCounters> counters) {
        Map<String, State> states = states(shown);
        // IKEv1's next ISAKMP SA takes the children over, and each still names the one that made it.
        Map<String, String> newest = states.values().stream()
                .filter(state -> state.parent.isEmpty())
                .collect(Collectors.toMap(State::connection, State::number, (_, later) -> later));
        Map<String, List<IkeSa.Child>> children = new LinkedHashMap<>();
        Matcher spis = SPIS.matcher(shown);
        while (spis.find()) {
            State state = states.get(spis.group(1));
            if (state != null) {
                String parent = states.containsKey(state.parent) ? state.parent : newest.getOrDefault(state.connection, state.parent);
                children.computeIfAbsent(parent, _ -> new ArrayList<>())
                        .add(child(state, spi(spis.group(3)), spi(spis.group(2)), counters));
            }
        }
        return states.values().stream()
                .filter(state -> state.parent.isEmpty())
                .map(state -> new IkeSa(state.connection, ESTABLISHED_IKE.contains(state.kind) ? "ESTABLISHED" : state.kind,
                        Map.of("uniqueid", state.number), children.getOrDefault(state.number, List.of())))
                .toList();
    }

    private static IkeSa.Child child(State state, String spiIn, String spiOut, Map<String, KernelCounters> counters) {
        KernelCounters in = counters.getOrDefault(spiIn, KernelCounters.NONE);
        KernelCounters out = counters.getOrDefault(spiOut, KernelCounters.NONE);
        return new IkeSa.Child(state.connection, ESTABLISHED_CHILD.contains(state.kind) ? "INSTALLED" : state.kind, in.encap(), spiIn, spiOut,
                in.bytes(), in.packets(), out.bytes(), out.packets());
    }

    private static String spi(String digits) {
        return "%8s".formatted(digits).replace(' ', '0');
    }

    @Override
    public boolean answers() {
        return whack("--briefstatus").ok();
    }

    /** What it says of connections and packets; not its tests of every algorithm, two hundred lines at each start. */
    @Override
    public String log() {
        return host.read(LOG).lines()
                .filter(line -> SAID.matcher(line).find())
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        if (pluto != null) {
            pluto.stop(Await.SOON);
        }
    }

    @Override
    public Running running() {
        if (pluto == null) {
            throw new IllegalStateException("pluto on " + host + " was never started");
        }
        return pluto;
    }
}
