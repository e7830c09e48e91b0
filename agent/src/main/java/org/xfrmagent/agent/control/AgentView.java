package org.xfrmagent.agent.control;

import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.xfrmagent.agent.daemon.AgentInfo;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;

/** The agent as a whole, as vici's version, stats and get-algorithms show it, and as our own agent-status. */
final class AgentView {
    private static final String NAME = "xfrm-agent";
    /** As C's asctime, in the machine's own time zone. */
    private static final DateTimeFormatter SINCE = DateTimeFormatter.ofPattern("MMM dd HH:mm:ss uuuu", Locale.ROOT);

    private AgentView() {}

    static ViciMessage version(AgentInfo info) {
        String arch = System.getProperty("os.arch", "");
        return ViciMessage.of(out -> out.put("daemon", NAME).put("version", info.version())
                .put("sysname", System.getProperty("os.name", "")).put("release", System.getProperty("os.version", ""))
                // uname(2) says x86_64 where Java says amd64.
                .put("machine", arch.equals("amd64") ? "x86_64" : arch));
    }

    /**
     * charon's classes of work, and what of ours is of that class: threads that read sockets are critical; what has to be done for SAs is
     * high where a session waits for it, else medium; what strangers want is low.
     */
    static ViciMessage stats(AgentInfo info) {
        AgentInfo.Load load = info.load();
        return ViciMessage.of(out -> {
            out.section("uptime", time -> time.put("running", words(info.uptime()))
                    .put("since", SINCE.format(info.started().atZone(ZoneId.systemDefault()))));
            out.section("workers", workers -> workers.put("total", load.readers() + info.shards() + load.jobsRunning())
                    .put("idle", info.shards() - load.shardsAtWork())
                    .section("active", active -> levels(active, load.readers(), load.jobsRunning(), load.shardsAtWork(), 0)));
            out.section("queues", queues -> levels(queues, 0, load.jobsWaiting(), load.inputsWaiting(), load.newcomersWaiting()));
            out.put("scheduled", load.scheduled());
            out.section("ikesas", sas -> sas.put("total", info.sessions()).put("half-open", info.counters().halfOpen()));
            out.list("plugins", List.of(NAME, "dataplane-" + info.dataPlane()));
            // Of C's heap, what a Java heap has too.
            Runtime heap = Runtime.getRuntime();
            long total = heap.totalMemory();
            long free = heap.freeMemory();
            out.section("mallinfo", memory -> memory.put("sbrk", total).put("mmap", 0).put("used", total - free).put("free", free));
        });
    }

    private static void levels(ViciMessage.Builder out, int critical, int high, int medium, int low) {
        out.put("critical", critical).put("high", high).put("medium", medium).put("low", low);
    }

    /** The greatest unit of which there are at least two, as charon says it. */
    static String words(Duration time) {
        long seconds = time.toSeconds();
        if (seconds >= 2 * 86_400) {
            return seconds / 86_400 + " days";
        }
        if (seconds >= 2 * 3_600) {
            return seconds / 3_600 + " hours";
        }
        return seconds >= 2 * 60 ? seconds / 60 + " minutes" : seconds == 1 ? "1 second" : seconds + " seconds";
    }

    /** By vici's kinds, each name once, whatever key lengths it has. */
    static ViciMessage algorithms() {
        return ViciMessage.of(out -> {
            kind(out, "encryption", row -> row.type() == TransformType.ENCR && !row.aead());
            kind(out, "integrity", row -> row.type() == TransformType.INTEG);
            kind(out, "aead", row -> row.type() == TransformType.ENCR && row.aead());
            // In signatures (RFC 7427), the last for EdDSA (RFC 8420).
            ours(out, "hasher", "HASH_SHA1", "HASH_SHA2_256", "HASH_SHA2_384", "HASH_SHA2_512", "HASH_IDENTITY");
            kind(out, "prf", row -> row.type() == TransformType.PRF);
            ours(out, "xof");
            ours(out, "kdf", "KDF_PRF", "KDF_PRF_PLUS");
            ours(out, "drbg");
            // Up to strongSwan 5.9 the one, from 6.0 on the other.
            kind(out, "dh", row -> row.type() == TransformType.KE);
            kind(out, "ke", row -> row.type() == TransformType.KE);
            ours(out, "rng", "RNG_WEAK", "RNG_STRONG", "RNG_TRUE");
            ours(out, "nonce-gen", "NONCE_GEN");
        });
    }

    private static void ours(ViciMessage.Builder out, String kind, String... names) {
        out.section(kind, list -> Stream.of(names).forEach(name -> list.put(name, NAME)));
    }

    private static void kind(ViciMessage.Builder out, String kind, Predicate<Algorithm> which) {
        out.section(kind, names -> Algorithms.all().stream()
                .filter(which)
                .filter(row -> row.usableIn(Protocol.IKE) || row.usableIn(Protocol.ESP) || row.usableIn(Protocol.AH))
                .map(Algorithm::viciName)
                .distinct()
                .forEach(name -> names.put(name, NAME)));
    }

    /** Our own: what status shows above the tables. Times are seconds; {@code started} is ISO 8601. */
    static ViciMessage status(AgentInfo info, ControlCounters control) {
        AgentInfo.Counters counters = info.counters();
        return ViciMessage.of(out -> {
            out.put("version", info.version()).put("started", info.started().toString()).put("uptime", info.uptime().toSeconds());
            out.put("shards", info.shards()).put("data-plane", info.dataPlane()).put("data-plane-reason", info.dataPlaneReason());
            out.section("ike", ike -> ike.put("established", counters.established()).put("half-open", counters.halfOpen())
                    .put("ups", counters.ikeUps()).put("failures", counters.ikeFailures()).put("retransmissions", counters.retransmissions()));
            out.section("dropped", dropped -> counters.dropped().entrySet().stream().sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> dropped.put(entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', '-'), entry.getValue())));
            out.section("control", sockets -> sockets.put("clients", control.clients()).put("refused", control.refused())
                    .put("malformed", control.malformed()).put("slow", control.slow()));
        });
    }
}
