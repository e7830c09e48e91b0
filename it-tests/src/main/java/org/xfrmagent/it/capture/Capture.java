package org.xfrmagent.it.capture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Running;

/** tcpdump on one interface of one host, from {@link #start} to {@link #stop}. */
public final class Capture implements AutoCloseable {
    private static final Pattern DROPPED = Pattern.compile("(\\d+) packets? dropped by kernel");

    private final Host host;
    private final String file;
    private final Running tcpdump;

    private Capture(Host host, String file, Running tcpdump) {
        this.host = host;
        this.file = file;
        this.tcpdump = tcpdump;
    }

    /** Starts to record whole packets on the link towards {@code other}, both directions. */
    public static Capture start(Host host, Host other) {
        String device = other.name();
        String file = "/run/" + device + ".pcap";
        // -B: a buffer for bursts, in KiB; -U: each packet is in the file at once; -Z root: no change of user, the file is ours.
        Running tcpdump = host.start("tcpdump", "-i", device, "-n", "-s", "0", "-U", "-B", "16384", "-Z", "root", "-w", file);
        tcpdump.awaitOutput("listening on", Await.SOON);
        return new Capture(host, file, tcpdump);
    }

    /** What was recorded so far. */
    public Wire soFar() {
        try {
            return new Wire(Pcap.read(Bytes.wrap(Files.readAllBytes(host.path(file)))));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Waits until a packet of this kind has been recorded. */
    public Capture await(String what, Predicate<Packet> kind, Duration limit) {
        Await.until(what + " crosses the wire", limit, () -> soFar().packets().stream().anyMatch(kind), () -> soFar().toString());
        return this;
    }

    /** Ends the recording; fails if tcpdump missed packets, since a proof must not have holes. */
    public Wire stop() {
        close();
        Matcher dropped = DROPPED.matcher(tcpdump.output());
        if (!dropped.find() || !dropped.group(1).equals("0")) {
            throw new AssertionError("tcpdump did not record every packet:\n" + tcpdump.output());
        }
        return soFar();
    }

    @Override
    public void close() {
        tcpdump.stop(Await.SOON);
    }

    /** The recorded packets in the order of the wire, and what can be said about them. */
    public record Wire(List<Packet> packets) {
        /** Fails unless everything is ESP, IKE or the neighbours' small talk. */
        public Wire onlyEspOrIke() {
            List<Packet> readable = packets.stream().filter(packet -> !packet.content().mayCross()).toList();
            if (!readable.isEmpty()) {
                throw new AssertionError(readable.size() + " of " + packets.size() + " packets crossed the wire unprotected:\n"
                        + new Wire(readable));
            }
            return this;
        }

        /** Fails if {@code text} appears anywhere in clear. */
        public Wire hides(String text) {
            String digits = Bytes.of(text.getBytes(StandardCharsets.US_ASCII)).toHex();
            packets.stream().filter(packet -> packet.frame().toHex().contains(digits)).findFirst().ifPresent(packet -> {
                throw new AssertionError("\"" + text + "\" can be read on the wire, in " + packet);
            });
            return this;
        }

        /** The ESP packets that {@code source} sent. */
        public List<Content.Esp> espFrom(String source) {
            return packets.stream()
                    .filter(packet -> packet.source().equals(source))
                    .map(Packet::content)
                    .<Content.Esp>mapMulti((content, out) -> {
                        if (content instanceof Content.Esp esp) {
                            out.accept(esp);
                        }
                    })
                    .toList();
        }

        /** The IKE messages that {@code source} sent. */
        public List<Content.Ike> ikeFrom(String source) {
            return packets.stream()
                    .filter(packet -> packet.source().equals(source))
                    .map(Packet::content)
                    .<Content.Ike>mapMulti((content, out) -> {
                        if (content instanceof Content.Ike ike) {
                            out.accept(ike);
                        }
                    })
                    .toList();
        }

        /** One line per packet; the first hundred. */
        @Override
        public String toString() {
            StringBuilder lines = new StringBuilder();
            packets.stream().limit(100).forEach(packet -> lines.append("  ").append(packet).append('\n'));
            if (packets.size() > 100) {
                lines.append("  … ").append(packets.size() - 100).append(" more\n");
            }
            return lines.toString();
        }
    }
}
