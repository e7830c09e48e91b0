package org.xfrmagent.it.peers;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;

/** strongSwan's charon, configured over vici by its own swanctl. On the userspace plane its plugin kernel-libipsec encrypts, always in UDP. */
public final class StrongSwan implements Peer {
    private static final String CHARON = "/usr/lib/ipsec/charon";
    private static final String STARTER = "/usr/lib/ipsec/starter";
    private static final String SOCKET = "/run/charon.vici";
    private static final String LOG = "/var/log/charon.log";

    private final Host host;
    private final Plane plane;
    private final Control control;
    private final String settings;
    private String version = "strongSwan";
    private @Nullable Running charon;

    public StrongSwan(Host host, Plane plane) {
        this(host, plane, "");
    }

    /** @param settings more for the section of charon in strongswan.conf */
    public StrongSwan(Host host, Plane plane, String settings) {
        this.host = host;
        this.plane = plane;
        this.settings = settings;
        this.control = new Control(host, SOCKET);
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
        return plane;
    }

    /** Its vici socket. */
    public Control control() {
        return control;
    }

    @Override
    public StrongSwan start(Tunnel... tunnels) {
        return start(connections -> connections, tunnels);
    }

    /** With more in swanctl.conf than a tunnel says: {@code edit} is given what {@link #start(Tunnel...)} would write. */
    public StrongSwan start(UnaryOperator<String> edit, Tunnel... tunnels) {
        return start(edit.apply(connections(List.of(tunnels))));
    }

    /** Starts it with a swanctl.conf of its own language, which must be one it accepts. */
    public StrongSwan start(String connections) {
        host.write("/etc/strongswan.conf", daemonConfiguration());
        return start(connections, CHARON);
    }

    /** Starts it by its old starter, which loads an ipsec.conf with its ipsec.secrets; a swanctl.conf stands beside it. */
    public StrongSwan startWithStarter(String connections, String ipsecConf, String ipsecSecrets) {
        host.write("/etc/strongswan.conf", daemonConfiguration().replace(" vici ", " vici stroke "));
        host.write("/etc/ipsec.conf", ipsecConf);
        host.write("/etc/ipsec.secrets", ipsecSecrets);
        return start(connections, STARTER, "--nofork");
    }

    private StrongSwan start(String connections, String... program) {
        host.write("/etc/swanctl/swanctl.conf", connections);
        host.shell("rm -f " + SOCKET);
        Running started = host.start(program);
        charon = started;
        Await.until("charon on " + host + " answers", Await.SOON, () -> !started.isAlive() || answers(), () -> started.output() + log());
        version = "strongSwan " + control.version();
        control.swanctl("--load-all", "--noprompt").orFail();
        return this;
    }

    /**
     * Has aggressive mode with pre-shared keys, as a daemon that others talk to in that mode has to.
     * Retransmits after 2, 3, 4.5 s and gives up after about 16 s: a test has no 165 s to wait, and a busy guest may take 8 to answer.
     * Moves (MOBIKE) when the routes say so.
     */
    private String daemonConfiguration() {
        return """
                charon {
                  load = random nonce aes sha1 sha2 md5 hmac kdf cmac xcbc ctr ccm gcm chapoly gmp curve25519 x509 constraints openssl pem pkcs1 pubkey %s kernel-netlink socket-default vici updown counters xauth-generic eap-identity eap-mschapv2 eap-md5 eap-gtc eap-tls eap-radius
                  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
                  retransmit_tries = 3
                  prefer_best_path = yes
                  make_before_break = yes
                  retransmit_timeout = 2.0
                  retransmit_base = 1.5
                  %s
                  filelog {
                    log {
                      path = %s
                      default = 1
                      time_format = %%H:%%M:%%S
                      flush_line = yes
                    }
                  }
                }
                """.formatted(plane == Plane.USERSPACE ? "kernel-libipsec" : "", settings, LOG) + Control.SWANCTL_SETTINGS;
    }

    /** The same tunnels in swanctl.conf's words: one connection per peer, one child. */
    public static String connections(List<Tunnel> tunnels) {
        return SwanctlConf.of(tunnels.stream().map(StrongSwan::connection).toList(), tunnels.stream().map(StrongSwan::secret).toList());
    }

    private static String connection(Tunnel tunnel) {
        String keepUp = switch (tunnel.start()) {
            case BY_COMMAND -> "";
            case ON_TRAFFIC -> "start_action = trap\ndpd_action = trap\n";
            case AT_START -> "start_action = start\ndpd_action = restart\nclose_action = start\n";
        };
        return SwanctlConf.connection(tunnel.remote().name(), end(tunnel.local()), end(tunnel.remote()), """
                version = %s
                proposals = %s
                dpd_delay = %ds
                keyingtries = %d
                """.formatted(version(tunnel.version()), String.join(",", tunnel.ike()), tunnel.liveness().toSeconds(),
                tunnel.start() == Tunnel.Start.AT_START ? 0 : 1)
                + SwanctlConf.children(List.of(SwanctlConf.child(tunnel.name(), """
                        local_ts = %s
                        remote_ts = %s
                        esp_proposals = %s
                        """.formatted(tunnel.local().subnet(), tunnel.remote().subnet(), String.join(",", tunnel.esp())) + keepUp))));
    }

    private static SwanctlConf.End end(Tunnel.End end) {
        return new SwanctlConf.End(end.address(), end.id());
    }

    private static String version(Tunnel.Ike version) {
        return switch (version) {
            case V2 -> "2";
            case V1_MAIN -> "1";
            case V1_AGGRESSIVE -> "1\naggressive = yes";
        };
    }

    private static String secret(Tunnel tunnel) {
        return SwanctlConf.secret(tunnel.remote().name(), List.of(tunnel.local().id(), tunnel.remote().id()), tunnel.psk());
    }

    @Override
    public Result up(Tunnel tunnel) {
        return control.request("initiate", Map.of("child", tunnel.name(), "timeout", "60000"));
    }

    @Override
    public Result down(Tunnel tunnel) {
        return control.request("terminate", Map.of("child", tunnel.name(), "timeout", "60000"));
    }

    @Override
    public List<IkeSa> sas() {
        return control.sas();
    }

    @Override
    public boolean answers() {
        return control.answers();
    }

    @Override
    public String log() {
        return host.read(LOG);
    }

    @Override
    public void close() {
        if (charon != null) {
            charon.stop(Await.SOON);
        }
    }

    @Override
    public Running running() {
        if (charon == null) {
            throw new IllegalStateException("charon on " + host + " was never started");
        }
        return charon;
    }
}
