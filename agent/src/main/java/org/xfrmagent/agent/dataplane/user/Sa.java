package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Offload;

/**
 * One SA at work: its codec, its sequence numbers or its replay window, and its counters. {@link #lock} guards the codec, which is
 * not for two threads, and everything else that changes; it is held for one packet at a time.
 */
final class Sa {
    /** Without ESN the counter must not cycle; it may use all of its 32 bits (RFC 4303, section 3.3.3). */
    private static final long LAST_SEQUENCE = 0xffff_ffffL;

    private static final long NEVER = Long.MIN_VALUE;

    /** What a packet did to the limits. */
    enum Lifetime {
        GOOD,
        /** The soft limit is reached, and this is the first time that is told. */
        SOFT,
        /** A hard limit is reached: the SA is to be removed. */
        HARD
    }

    /** ESP or AH; IPComp has no keys and no state. */
    sealed interface Codec {
        record Esp(EspCodec esp) implements Codec {}

        record Ah(AhCodec ah) implements Codec {}

        record Compression() implements Codec {}
    }

    final ReentrantLock lock = new ReentrantLock();

    private volatile SaSpec spec;
    private volatile boolean encapsulatedBefore;
    private final Codec codec;
    private final Optional<CompiledSelectors> selector;
    private final ReplayWindow replay;
    private final long addedNanos;
    private final AtomicInteger told = new AtomicInteger();

    private long sequence;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong packets = new AtomicLong();
    private volatile long lastUsedNanos = NEVER;
    private Peer peer;

    /** @throws IllegalArgumentException with a sentence if the keys or the window are unsuitable */
    Sa(SaSpec spec, long nowNanos) {
        if (spec.offload() == Offload.REQUIRED || spec.offload() == Offload.PACKET) {
            throw new IllegalArgumentException("no network device encrypts for the userspace data plane, and the policy wants one ('offload: "
                    + spec.offload().word() + "')");
        }
        this.spec = spec;
        this.codec = switch (spec.id().protocol()) {
            case ESP -> new Codec.Esp(EspCodec.of(spec.keys(), spec.esn()));
            case AH -> new Codec.Ah(AhCodec.of(spec.keys(), spec.esn()));
            case IPCOMP -> new Codec.Compression();
            case IKE -> throw new IllegalArgumentException("an SA of the data plane is of ESP, AH or IPComp");
        };
        if (spec.id().protocol() == Protocol.AH && spec.encapsulation().isPresent()) {
            throw new IllegalArgumentException("AH cannot pass a NAT: there is no AH in UDP (RFC 3948)");
        }
        this.replay = spec.direction() == Direction.IN
                ? new ReplayWindow(spec.replayWindow(), spec.esn())
                : new ReplayWindow(0, false);
        this.selector = spec.selector().map(CompiledSelectors::new);
        this.peer = peer(spec);
        this.addedNanos = nowNanos;
    }

    SaSpec spec() {
        return spec;
    }

    /** Goes on elsewhere, between two packets. What is no address stays as it is; whoever finds it by its id is to be told. */
    void move(SaSpec next) {
        lock.lock();
        try {
            encapsulatedBefore = spec.encapsulation().isPresent();
            spec = next;
            peer = peer(next);
        } finally {
            lock.unlock();
        }
    }

    /** Whether its packets come like this, in UDP or bare: as it is now, or as it was when {@code at} was its id. */
    boolean comes(SaId at, boolean inUdp) {
        return spec.encapsulation().isPresent() == inUdp || !at.equals(spec.id()) && encapsulatedBefore == inUdp;
    }

    private static Peer peer(SaSpec spec) {
        return new Peer(spec.source(), spec.encapsulation().map(UdpEncapsulation::sourcePort).orElse(0));
    }

    SaId id() {
        return spec.id();
    }

    Codec codec() {
        return codec;
    }

    ReplayWindow replay() {
        return replay;
    }

    /** Whether this SA may carry the packet. */
    boolean carries(PacketSelectors packet) {
        return selector.map(pair -> pair.match(packet)).orElse(true);
    }

    /** Whether this SA is what {@code protect} asks for; the addresses of a tunnel are compared, in transport mode the caller does. */
    boolean serves(PolicySpec.Protect protect) {
        return spec.reqid() == protect.reqid() && id().protocol() == protect.protocol();
    }

    /** The next number of an outbound SA, or 0 when all are used. Call with the lock held. */
    long nextSequence() {
        long last = spec.esn() ? -1L : LAST_SEQUENCE;
        return sequence == last ? 0 : ++sequence;
    }

    /** For tests, which cannot send four thousand million packets: the last number used. */
    void sequenceAt(long last) {
        sequence = last;
    }

    /** Counts a packet. Call with the lock held. */
    Lifetime count(int octets, long nowNanos) {
        bytes.addAndGet(octets);
        packets.incrementAndGet();
        lastUsedNanos = nowNanos;
        return lifetime(nowNanos);
    }

    /** Whether a limit is reached. Each level is told once, so that many threads may ask. */
    Lifetime lifetime(long nowNanos) {
        SaLimits limits = spec.limits();
        long seconds = (nowNanos - addedNanos) / 1_000_000_000L;
        if (reached(seconds, limits.hardSeconds()) || reached(bytes.get(), limits.hardBytes()) || reached(packets.get(), limits.hardPackets())) {
            return told.getAndSet(2) < 2 ? Lifetime.HARD : Lifetime.GOOD;
        }
        if (reached(seconds, limits.softSeconds()) || reached(bytes.get(), limits.softBytes()) || reached(packets.get(), limits.softPackets())) {
            return told.compareAndSet(0, 1) ? Lifetime.SOFT : Lifetime.GOOD;
        }
        return Lifetime.GOOD;
    }

    private static boolean reached(long value, long limit) {
        return limit > 0 && value >= limit;
    }

    /** Whether it has met a hard limit, or has been removed, and may carry nothing more. */
    boolean dead() {
        return told.get() == 2;
    }

    void kill() {
        told.set(2);
    }

    /** Where an inbound SA's packets come from. */
    record Peer(InetAddress address, int port) {}

    /** Whether {@code now} is not where the last authentic packet came from, and remembers it. Call with the lock held. */
    boolean peerChanged(Peer now) {
        boolean changed = !now.equals(peer);
        peer = now;
        return changed;
    }

    Usage usage(long nowNanos) {
        long last = lastUsedNanos;
        return new Usage(bytes.get(), packets.get(), last == NEVER ? -1 : (nowNanos - last) / 1_000_000_000L);
    }
}
