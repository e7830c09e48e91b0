package org.xfrmagent.it.peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;

/** An IKE daemon on a host. */
public interface Peer extends AutoCloseable {
    Host host();

    /** Its name and, if it is not the agent, its version: known once it has started. */
    String version();

    /** Who encrypts for it. */
    Plane plane();

    /** Writes its configuration, starts it and waits until it takes commands; the configuration must be one it accepts. */
    Peer start(Tunnel... tunnels);

    /** Brings a tunnel up and waits for the outcome: status 0 if it is up, else the daemon's reasons in the output. */
    Result up(Tunnel tunnel);

    /** Takes a tunnel's child down and waits until it is; the IKE SA stays. */
    Result down(Tunnel tunnel);

    /** The IKE SAs it knows, in any state; empty if it does not answer. */
    List<IkeSa> sas();

    /** All it has logged since {@link #start}. */
    String log();

    /** Its process; fails if it does not run. */
    Running running();

    /** SIGTERM; returns its exit status. */
    default int terminate(Duration limit) {
        Running running = running();
        running.terminate();
        return running.awaitExit(limit);
    }

    /** SIGKILL. What it had put into the kernel stays there. */
    default void kill() {
        Running running = running();
        running.kill();
        running.awaitExit(Await.SOON);
    }

    /** Whether it answers a command now. */
    boolean answers();

    /** Whether a tunnel's IKE SA is established and its child installed. */
    default boolean has(Tunnel tunnel) {
        return sas().stream().anyMatch(sa -> sa.isEstablished()
                && sa.children().stream().anyMatch(child -> child.name().equals(tunnel.name()) && child.isInstalled()));
    }

    /** The installed child of a tunnel; fails if there is none. charon leaves an IKE SA out of its list while it works on it. */
    default IkeSa.Child child(Tunnel tunnel) {
        List<IkeSa.Child> found = new ArrayList<>();
        Await.until(host() + " has a child " + tunnel.name(), Await.SOON, () -> {
            installed(tunnel).ifPresent(found::add);
            return !found.isEmpty();
        }, () -> sas() + "\n" + log());
        return found.getFirst();
    }

    private Optional<IkeSa.Child> installed(Tunnel tunnel) {
        return sas().stream()
                .flatMap(sa -> sa.children().stream())
                .filter(child -> child.name().equals(tunnel.name()) && child.isInstalled())
                .findFirst();
    }

    default void awaitUp(Tunnel tunnel, Duration limit) {
        Await.until(host() + " has " + tunnel.name(), limit, () -> has(tunnel), this::log);
    }

    default void awaitDown(Tunnel tunnel, Duration limit) {
        Await.until(host() + " has no " + tunnel.name(), limit, () -> answers() && sas().stream()
                .flatMap(sa -> sa.children().stream())
                .noneMatch(child -> child.name().equals(tunnel.name())), () -> sas() + "\n" + log());
    }

    default void awaitNoSas(Duration limit) {
        Await.until(host() + " has no SA", limit, () -> sas().isEmpty(), () -> sas() + "\n" + log());
    }

    /** Waits until the log contains one of these words (case does not matter). */
    default void awaitLog(Duration limit, String... anyOf) {
        Await.until(host() + " logs one of " + List.of(anyOf), limit, () -> {
            String log = log().toLowerCase(Locale.ROOT);
            return List.of(anyOf).stream().anyMatch(words -> log.contains(words.toLowerCase(Locale.ROOT)));
        }, this::log);
    }

    @Override
    void close();
}
