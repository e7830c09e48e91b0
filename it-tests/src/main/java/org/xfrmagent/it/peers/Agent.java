package org.xfrmagent.it.peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;

/** xfrm-agent, used as its users do: a YAML file, secret files, and the program from the checkout. */
public final class Agent implements Peer {
    public static final String POLICIES = "/etc/xfrm-agent/policies.yaml";
    public static final String SOCKET = "/run/xfrm-agent/control.vici";

    /** A JVM starts in the lab's guest, where a system call costs ten times what it should. */
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    /** Compiled quickly and not well: a daemon of a few minutes has more to start than to do. */
    private static final String BRIEF = "-XX:TieredStopAtLevel=1";

    private final Host host;
    private final Plane plane;
    private final String dataplane;
    private final String javaOptions;
    private final Control control;
    private String earlierLogs = "";
    private @Nullable Running daemon;

    public Agent(Host host, Plane plane) {
        this(host, plane, plane.name().toLowerCase(Locale.ROOT), BRIEF);
    }

    private Agent(Host host, Plane plane, String dataplane, String javaOptions) {
        this.host = host;
        this.plane = plane;
        this.dataplane = dataplane;
        this.javaOptions = javaOptions;
        this.control = new Control(host, SOCKET);
    }

    /** With {@code --dataplane auto}: it finds out for itself. */
    public static Agent onTheBestPlane(Host host) {
        return new Agent(host, Plane.best(), "auto", BRIEF);
    }

    /** The same, compiled as the program does it by itself: for what lasts, or is measured. {@code options} are more for its java. */
    public Agent lasting(String options) {
        return new Agent(host, plane, dataplane, options);
    }

    @Override
    public Host host() {
        return host;
    }

    @Override
    public String version() {
        return "xfrm-agent";
    }

    @Override
    public Plane plane() {
        return plane;
    }

    /** Its control socket, for the real swanctl. */
    public Control control() {
        return control;
    }

    @Override
    public Agent start(Tunnel... tunnels) {
        return start(yaml -> yaml, tunnels);
    }

    /** With more in its policies than a tunnel says: {@code edit} is given what {@link #start(Tunnel...)} would write. */
    public Agent start(UnaryOperator<String> edit, Tunnel... tunnels) {
        for (Tunnel tunnel : tunnels) {
            host.write("/etc/xfrm-agent/" + secretFile(tunnel), tunnel.psk() + "\n");
        }
        return start(edit.apply(yaml(List.of(tunnels))));
    }

    /** Starts it on a configuration of its own language, which must be one it accepts. */
    public Agent start(String yaml) {
        host.write(POLICIES, yaml);
        return startOn(POLICIES);
    }

    /** Starts it on policy files, or folders of them, that are there already and that it must accept. */
    public Agent startOn(String... policies) {
        host.write("/etc/strongswan.conf", Control.SWANCTL_SETTINGS);
        List<String> options = new ArrayList<>();
        for (String place : policies) {
            options.addAll(List.of("--policies", place));
        }
        options.addAll(List.of("--control", SOCKET));
        Running started = run(options.toArray(String[]::new));
        Await.until("the agent on " + host + " answers", START_LIMIT, () -> !started.isAlive() || answers(), started::output);
        if (!started.isAlive()) {
            throw new AssertionError("the agent on " + host + " ended at once:\n" + started.output());
        }
        return this;
    }

    /** Starts it without any policy file, and has the real swanctl load this swanctl.conf. */
    public Agent startAndLoad(String swanctlConf) {
        host.write("/etc/strongswan.conf", Control.SWANCTL_SETTINGS);
        host.write("/etc/swanctl/swanctl.conf", swanctlConf);
        Running started = run("--control", SOCKET);
        Await.until("the agent on " + host + " answers", START_LIMIT, () -> !started.isAlive() || answers(), started::output);
        control.swanctl("--load-all", "--noprompt").orFail();
        return this;
    }

    /** Starts the daemon on the file {@link #POLICIES} and waits for nothing. */
    public Running run() {
        return run("--policies", POLICIES, "--control", SOCKET);
    }

    private Running run(String... options) {
        if (daemon != null) {
            earlierLogs = log();
        }
        host.directory("/run/xfrm-agent");
        List<String> line = new ArrayList<>(List.of("env", "XFRM_AGENT_JAVA_OPTS=" + javaOptions, program(), "run", "--dataplane", dataplane));
        line.addAll(List.of(options));
        Running started = host.start(line.toArray(String[]::new));
        daemon = started;
        return started;
    }

    /** The same tunnels in the agent's YAML. */
    public static String yaml(List<Tunnel> tunnels) {
        return "peers:\n" + tunnels.stream().map(Agent::peer).collect(Collectors.joining())
                + "secrets:\n" + tunnels.stream().map(Agent::secret).collect(Collectors.joining())
                + "policies:\n" + tunnels.stream().map(Agent::policy).collect(Collectors.joining());
    }

    private static String peer(Tunnel tunnel) {
        return """
                  %s:%s
                    local: { address: "%s", id: %s, auth: psk }
                    remote: { address: "%s", id: %s, auth: psk }
                    proposals: [%s]
                    liveness: %ds
                    retransmission: { base: 2s, factor: 1.5, tries: 3 }
                """.formatted(tunnel.remote().name(), version(tunnel.version()), tunnel.local().address(),
                tunnel.local().id(), tunnel.remote().address(),
                tunnel.remote().id(), String.join(", ", tunnel.ike()), tunnel.liveness().toSeconds());
    }

    private static String version(Tunnel.Ike version) {
        return switch (version) {
            case V2 -> "";
            case V1_MAIN -> "\n    ike: v1-main";
            case V1_AGGRESSIVE -> "\n    ike: v1-aggressive\n    accept-crackable-psk: true";
        };
    }

    private static String secret(Tunnel tunnel) {
        return """
                  - psk: file:%s
                    ids: [%s, %s]
                """.formatted(secretFile(tunnel), tunnel.local().id(), tunnel.remote().id());
    }

    private static String policy(Tunnel tunnel) {
        String start = switch (tunnel.start()) {
            case BY_COMMAND -> "by-peer";
            case AT_START -> "at-start";
            case ON_TRAFFIC -> "on-traffic";
        };
        return """
                  - name: %s
                    match: { local: "%s", remote: "%s" }
                    action: protect
                    peer: %s
                    mode: tunnel
                    esp: [%s]
                    start: %s
                """.formatted(tunnel.name(), tunnel.local().subnet(), tunnel.remote().subnet(), tunnel.remote().name(),
                String.join(", ", tunnel.esp()), start);
    }

    private static String secretFile(Tunnel tunnel) {
        return tunnel.remote().name() + ".psk";
    }

    /** One of the program's commands that talk to the daemon: {@code cli("status", "--json")}. */
    public Result cli(String... arguments) {
        List<String> line = new ArrayList<>(List.of(program()));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--control", SOCKET));
        return host.run(line.toArray(String[]::new));
    }

    /** {@code xfrm-agent check} on a file of the host. */
    public Result check(String file) {
        return host.run(program(), "check", file);
    }

    /** Over the control socket: a Java program for each command would be most of a scenario's time in the lab's guest. */
    @Override
    public Result up(Tunnel tunnel) {
        return control.request("initiate", Map.of("child", tunnel.name(), "timeout", "60000"));
    }

    @Override
    public Result down(Tunnel tunnel) {
        return control.request("terminate", Map.of("child", tunnel.name(), "timeout", "60000"));
    }

    /** Fresh keys for a tunnel's child, now; returns once it is asked for. */
    public Result rekey(Tunnel tunnel) {
        return control.request("rekey", Map.of("child", tunnel.name()));
    }

    /** Fresh keys for the IKE SA with a tunnel's peer, now; returns once it is asked for. */
    public Result rekeyIke(Tunnel tunnel) {
        return control.request("rekey", Map.of("ike", tunnel.remote().name()));
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
        return earlierLogs + (daemon == null ? "" : daemon.output());
    }

    @Override
    public void close() {
        if (daemon != null) {
            daemon.stop(Await.SOON);
        }
    }

    /** SIGSTOP: it hears and answers nothing until {@link #resume}. */
    public void pause() {
        running().pause();
    }

    public void resume() {
        running().resume();
    }

    @Override
    public Running running() {
        if (daemon == null) {
            throw new IllegalStateException("the agent on " + host + " was never started");
        }
        return daemon;
    }

    /** The program of the checkout that this class was built in. */
    public static String program() {
        return Checkout.file("agent/bin/xfrm-agent").toString();
    }
}
