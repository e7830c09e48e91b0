package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;

/**
 * From the protected side to the wire (RFC 4301, section 5.1): policy, SA, encapsulation. It does no I/O: it fills {@link Departures}.
 */
final class Outbound {
    /** An unanswered Acquire is repeated after this long: the daemon may have been unable to start then. */
    private static final long ACQUIRE_AGAIN_NANOS = 5_000_000_000L;

    private static final int IPPROTO_ESP = 50;
    private static final int UDP_HEADER = 8;

    private final Spd spd;
    private final Sad sad;
    private final Lock changing;
    private final PathMtu pathMtu;
    private final DropCounters drops;
    private final Consumer<DataPlaneEvent> events;
    private final Consumer<Sa> expired;
    private final LongSupplier nanos;
    private final Map<Integer, Long> acquired = new ConcurrentHashMap<>();
    private final Ipcomp ipcomp = new Ipcomp();
    private int identification;

    /**
     * @param changing held while policies and SAs change together
     * @param expired is given an SA that has reached a hard limit, once
     */
    Outbound(
            Spd spd,
            Sad sad,
            Lock changing,
            PathMtu pathMtu,
            DropCounters drops,
            Consumer<DataPlaneEvent> events,
            Consumer<Sa> expired,
            LongSupplier nanos) {
        this.spd = spd;
        this.sad = sad;
        this.changing = changing;
        this.pathMtu = pathMtu;
        this.drops = drops;
        this.events = events;
        this.expired = expired;
        this.nanos = nanos;
    }

    /** An SA of this reqid is there: the next time there is none, that is news. */
    void satisfied(int reqid) {
        acquired.remove(reqid);
    }

    void process(byte[] packet, Departures into) {
        Optional<IpHeader> parsed = IpHeader.parse(packet, 0, packet.length);
        if (parsed.isEmpty()) {
            drops.count(DropReason.MALFORMED);
            return;
        }
        IpHeader header = parsed.get();
        PacketSelectors selectors = PacketSelectors.of(packet, 0, header);
        Optional<PolicySpec> policy = spd.lookup(Direction.OUT, selectors);
        switch (policy.map(PolicySpec::verdict).orElseGet(PolicySpec.Bypass::new)) {
            case PolicySpec.Discard discard -> drops.count(DropReason.DISCARDED);
            case PolicySpec.Bypass bypass -> passBy(packet, header, selectors, into);
            case PolicySpec.Protect protect -> protect(protect, packet, header, selectors, into);
        }
    }

    /**
     * The routes into the TUN interface go by addresses, so packets come along that the policies leave alone. They go on as they
     * were, except what belongs to this one link (neighbour discovery, multicast): it has no link to go to.
     */
    private void passBy(byte[] packet, IpHeader header, PacketSelectors selectors, Departures into) {
        InetAddress destination = selectors.destination();
        InetAddress source = selectors.source();
        if (destination.isMulticastAddress() || destination.isLinkLocalAddress() || source.isLinkLocalAddress()
                || source.isAnyLocalAddress()) {
            drops.count(DropReason.LINK_LOCAL);
            return;
        }
        into.passedBy(exactly(packet, header.totalLength()), selectors);
    }

    private static byte[] exactly(byte[] packet, int length) {
        return packet.length == length ? packet : Arrays.copyOf(packet, length);
    }

    private void protect(PolicySpec.Protect protect, byte[] packet, IpHeader header, PacketSelectors selectors, Departures into) {
        Optional<Sa> found = sad.outbound(protect, selectors).or(() -> afterTheChange(selectors));
        if (found.isEmpty()) {
            drops.count(DropReason.NO_SA);
            long now = nanos.getAsLong();
            Long before = acquired.get(protect.reqid());
            if (before == null || now - before >= ACQUIRE_AGAIN_NANOS) {
                acquired.put(protect.reqid(), now);
                events.accept(new DataPlaneEvent.Acquire(protect.reqid(), selectors.toPair()));
            }
            return;
        }
        Sa sa = found.get();
        sa.lock.lock();
        try {
            seal(sa, packet, header, selectors, into);
        } finally {
            sa.lock.unlock();
        }
    }

    private void seal(Sa sa, byte[] packet, IpHeader header, PacketSelectors selectors, Departures into) {
        int mtu = pathMtu.to(sa.id().destination());
        Sealer sealer = new Sealer(sa, packet, header, mtu, compression(sa));
        if (sealer.total() > mtu && OuterHeader.dontFragment(packet, 0)) {
            tooBig(sealer.innerWithin(mtu), sa, packet, header, selectors, into);
            return;
        }
        if (sa.dead()) {
            drops.count(DropReason.EXPIRED);
            return;
        }
        long sequence = sa.nextSequence();
        if (sequence == 0) {
            drops.count(DropReason.SEQUENCE_EXHAUSTED);
            expired.accept(sa);
            return;
        }
        if (!sealer.seal(sequence, nextIdentification())) {
            drops.count(DropReason.UNSUPPORTED);
            return;
        }
        SaSpec spec = sa.spec();
        Optional<UdpEncapsulation> udp = spec.encapsulation();
        if (udp.isPresent()) {
            into.udp.add(new EspInUdp.Packet(
                    new InetSocketAddress(spec.source(), udp.get().sourcePort()),
                    new InetSocketAddress(spec.id().destination(), udp.get().destinationPort()),
                    sealer.sealed()));
        } else {
            into.whole(sealer.sealed(), spec.source(), spec.id().destination());
        }
        switch (sa.count(sealer.counted(), nanos.getAsLong())) {
            case GOOD -> {}
            case SOFT -> events.accept(new DataPlaneEvent.SoftExpire(sa.id(), spec.reqid()));
            case HARD -> expired.accept(sa);
        }
    }

    private Optional<Ipcomp> compression(Sa sa) {
        return sa.spec().compressor().flatMap(with -> sad.get(with.id())).map(_ -> ipcomp);
    }

    /** Policy and SA may have been looked at before and after a change that replaced both: that there is none is known only between changes. */
    private Optional<Sa> afterTheChange(PacketSelectors selectors) {
        changing.lock();
        try {
            return spd.lookup(Direction.OUT, selectors)
                    .map(PolicySpec::verdict)
                    .flatMap(verdict -> verdict instanceof PolicySpec.Protect now ? sad.outbound(now, selectors) : Optional.empty());
        } finally {
            changing.unlock();
        }
    }

    /** Never 0: the kernel would put another in its place, and AH has signed it. */
    private int nextIdentification() {
        identification = identification % 0xffff + 1;
        return identification;
    }

    private void tooBig(int fits, Sa sa, byte[] packet, IpHeader header, PacketSelectors selectors, Departures into) {
        drops.count(DropReason.TOO_BIG);
        int mtu = Math.max(fits, header.ipv6() ? TooBig.LEAST_V6 : TooBig.LEAST_V4);
        // The tunnel's own address if it is of the packet's family; else, for want of better, the one the packet was going to.
        InetAddress from = sa.spec().source().getAddress().length == (header.ipv6() ? 16 : 4)
                ? sa.spec().source()
                : selectors.destination();
        TooBig.answer(packet, header, selectors, from, mtu).ifPresent(answer -> into.whole(answer, from, selectors.source()));
    }

    static int udpOverhead(SaSpec spec) {
        return spec.encapsulation().isPresent() ? UDP_HEADER : 0;
    }

    static int protocol(SaSpec spec) {
        return switch (spec.id().protocol()) {
            case AH -> AhCodec.PROTOCOL;
            case ESP, IPCOMP, IKE -> IPPROTO_ESP;
        };
    }
}
