package org.xfrmagent.systemd.notify;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.netlink.linux.UnixDatagram;

/**
 * Tells the service manager how we are (sd_notify(3)). Without a service manager nothing is sent, so that callers need not ask. A
 * message that cannot be sent is an {@link IOException}: worth a line in the log, never a reason to stop.
 */
public final class SdNotify {
    private static final long MICROS_PER_MILLI = 1000;
    private static final long NANOS_PER_MICRO = 1000;

    private final Optional<String> address;
    private final Optional<Duration> watchdog;
    private final Wire wire;

    SdNotify(Optional<String> address, Optional<Duration> watchdog, Wire wire) {
        this.address = address;
        this.watchdog = watchdog;
        this.wire = wire;
    }

    /** Sends one datagram to a path, or to an abstract name after {@code @}. */
    @FunctionalInterface
    interface Wire {
        void send(String address, byte[] message) throws IOException;
    }

    /** Reads NOTIFY_SOCKET, and WATCHDOG_USEC where WATCHDOG_PID is absent or ours. */
    public static SdNotify of(Map<String, String> environment) {
        return of(environment, ProcessHandle.current().pid(), UnixDatagram::send);
    }

    static SdNotify of(Map<String, String> environment, long pid, Wire wire) {
        Optional<String> socket = Optional.ofNullable(environment.get("NOTIFY_SOCKET")).filter(name -> name.startsWith("/") || name.startsWith("@"));
        boolean ours = Optional.ofNullable(environment.get("WATCHDOG_PID")).map(Long.toString(pid)::equals).orElse(true);
        Optional<Duration> watchdog = Optional.ofNullable(environment.get("WATCHDOG_USEC"))
                .filter(text -> ours && text.matches("[1-9][0-9]{0,17}"))
                .map(text -> Duration.ofMillis(Math.max(1, Long.parseLong(text) / MICROS_PER_MILLI)));
        return new SdNotify(socket, watchdog, wire);
    }

    /** Whether a service manager listens. */
    public boolean isManaged() {
        return address.isPresent();
    }

    /** How long the service manager waits for a sign of life before it restarts us; send one twice as often. Empty: it does not. */
    public Optional<Duration> watchdog() {
        return watchdog;
    }

    /** We work. {@code status} is one line for people, shown by {@code systemctl status}. */
    public void ready(String status) throws IOException {
        send("READY=1\nSTATUS=" + line(status));
    }

    public void status(String status) throws IOException {
        send("STATUS=" + line(status));
    }

    /** The configuration is being read again; {@link #ready} ends that. Says when, as Type=notify-reload wants it. */
    public void reloading() throws IOException {
        // HotSpot's nanoTime is CLOCK_MONOTONIC on Linux, the very clock that is asked for.
        send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / NANOS_PER_MICRO);
    }

    public void stopping(String status) throws IOException {
        send("STOPPING=1\nSTATUS=" + line(status));
    }

    /** A sign of life. */
    public void alive() throws IOException {
        send("WATCHDOG=1");
    }

    /** A message is lines of its own: one that is passed on must stay one. */
    private static String line(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }

    private void send(String message) throws IOException {
        if (address.isPresent()) {
            wire.send(address.get(), message.getBytes(StandardCharsets.UTF_8));
        }
    }
}
