package org.xfrmagent.it.capture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Link;
import org.xfrmagent.it.netns.Running;

/**
 * Records a link: what each of its two hosts sends into it, from {@link #on} to {@link #stop}. What a host receives is not recorded
 * where it arrives, since there the kernel shows a tunnel's packets once more after it has decrypted them.
 */
public final class Capture implements AutoCloseable {
    private static final int QUIET_LOOKS = 5;
    /** More than a packet of an Ethernet; each slot of the kernel's ring is as large, so more would mean fewer slots for bursts. */
    private static final String SNAP_OCTETS = "2048";
    private static final Pattern DROPPED = Pattern.compile("(\\d+) packets? dropped by kernel");

    private final List<Tap> taps;

    private record Tap(Host host, String file, Running tcpdump) {
        static Tap start(Host host, Host other, String... filter) {
            String file = "/run/" + other.name() + ".pcap";
            // -Q: what leaves; -B: a buffer for bursts, in KiB; --immediate-mode and -U: a packet is in the file at once;
            // -Z: no change of user, the file is root's.
            List<String> line = new ArrayList<>(List.of("tcpdump", "-i", other.name(), "-n", "-Q", "out", "-s", SNAP_OCTETS,
                    "--immediate-mode", "-U", "-B", "32768", "-Z", "root", "-w", file));
            line.addAll(List.of(filter));
            return new Tap(host, file, host.start(line.toArray(String[]::new)));
        }

        long size() {
            return host.path(file).toFile().length();
        }

        List<Packet> packets() {
            try {
                return Pcap.read(Bytes.wrap(Files.readAllBytes(host.path(file))));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        void stop() {
            tcpdump.stop(Await.SOON);
            Matcher dropped = DROPPED.matcher(tcpdump.output());
            if (!dropped.find() || !dropped.group(1).equals("0")) {
                throw new AssertionError("tcpdump on " + host + " did not record every packet:\n" + tcpdump.output());
            }
        }
    }

    private Capture(List<Tap> taps) {
        this.taps = taps;
    }

    /** Starts to record packets (of a larger one, the first 2048 octets), and returns once it does. */
    public static Capture on(Link link) {
        return recording(link);
    }

    /** The same, but what is ESP or goes between IKE's ports is left out, already in the kernel: for streams that tcpdump cannot follow. */
    public static Capture ofOthersThanEspAndIke(Link link) {
        return recording(link, "not (proto 50 or udp port 500 or udp port 4500)");
    }

    private static Capture recording(Link link, String... filter) {
        Capture capture = new Capture(List.of(Tap.start(link.a(), link.b(), filter), Tap.start(link.b(), link.a(), filter)));
        capture.taps.forEach(tap -> tap.tcpdump.awaitOutput("listening on", Await.SOON));
        return capture;
    }

    /** What was recorded so far. */
    public Wire soFar() {
        return new Wire(taps.stream()
                .flatMap(tap -> tap.packets().stream())
                .sorted(Comparator.comparingLong(Packet::micros))
                .toList());
    }

    /** Waits until a packet of this kind has been recorded. */
    public Capture await(String what, Predicate<Packet> kind, Duration limit) {
        Await.until(what + " crosses the wire", limit, () -> soFar().packets().stream().anyMatch(kind), () -> soFar().toString());
        return this;
    }

    /** Ends the recording once the wire has been quiet for a moment; fails if tcpdump missed packets: a proof must not have holes. */
    public Wire stop() {
        long[] size = {-1, 0};
        Await.until("the wire is quiet", Await.SOON, () -> {
            long now = taps.stream().mapToLong(Tap::size).sum();
            size[1] = now == size[0] ? size[1] + 1 : 0;
            size[0] = now;
            return size[1] >= QUIET_LOOKS;
        }, () -> soFar().toString());
        taps.forEach(Tap::stop);
        return soFar();
    }

    @Override
    public void close() {
        taps.forEach(tap -> tap.tcpdump.stop(Await.SOON));
    }

    /** The recorded packets in the order of the wire, and what can be said about them. */
    public record Wire(List<Packet> packets) {
        /** Fails unless everything is ESP, IKE or the neighbours' small talk. */
        public Wire onlyEspOrIke() {
            return only(Content::mayCross);
        }

        /** Fails unless everything is ESP, AH, IKE or the neighbours' small talk. */
        public Wire onlyEspAhOrIke() {
            return only(content -> content.mayCross() || content instanceof Content.Ah);
        }

        private Wire only(Predicate<Content> allowed) {
            List<Packet> readable = packets.stream().filter(packet -> !allowed.test(packet.content())).toList();
            if (!readable.isEmpty()) {
                throw new AssertionError(readable.size() + " of " + packets.size() + " packets crossed the wire unprotected:\n"
                        + new Wire(readable));
            }
            return this;
        }

        /**
         * Without what gateways say of each other's outer packets: when an ESP packet meets an address that is gone, an ICMP error
         * comes back that quotes it. Nothing inside a tunnel comes from these addresses.
         */
        public Wire withoutErrorsFrom(String... gateways) {
            return new Wire(packets.stream()
                    .filter(packet -> !(packet.content() instanceof Content.Clear(String what)
                            && what.equals(Content.UNREACHABLE)
                            && List.of(gateways).contains(packet.source())))
                    .toList());
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
            return from(source, Content.Esp.class);
        }

        /** The IKE messages that {@code source} sent. */
        public List<Content.Ike> ikeFrom(String source) {
            return from(source, Content.Ike.class);
        }

        /** What {@code source} sent. */
        public Wire from(String source) {
            String spelled = InetAddress.ofLiteral(source).getHostAddress();
            return new Wire(packets.stream().filter(packet -> packet.source().equals(spelled)).toList());
        }

        private <C extends Content> List<C> from(String source, Class<C> kind) {
            return from(source).packets.stream().map(Packet::content).filter(kind::isInstance).map(kind::cast).toList();
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
