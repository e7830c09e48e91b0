package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TunnelHeader;

/**
 * From the wire to the protected side (RFC 4301, section 5.2): SA, replay check, ICV, decapsulation, and the check that the packet
 * came under the SA that the policy demands. It does no I/O: it fills {@link Departures}.
 */
final class Inbound {
    private static final int IPV4_IN_IP = 4;
    private static final int IPV6_IN_IP = 41;
    /** Of an IP packet. */
    private static final int LONGEST = 0xffff;

    private final Spd spd;
    private final Sad sad;
    private final DropCounters drops;
    private final Consumer<DataPlaneEvent> events;
    private final Consumer<Sa> expired;
    private final LongSupplier nanos;
    private final Ipcomp ipcomp = new Ipcomp();

    Inbound(
            Spd spd, Sad sad, DropCounters drops, Consumer<DataPlaneEvent> events, Consumer<Sa> expired, LongSupplier nanos) {
        this.spd = spd;
        this.sad = sad;
        this.drops = drops;
        this.events = events;
        this.expired = expired;
        this.nanos = nanos;
    }

    /** How an ESP packet came: its addresses, its UDP ports if it had any, and the outer header as far as it is known. */
    record Arrival(
            InetAddress source, InetAddress destination, Optional<UdpEncapsulation> udp, OptionalInt trafficClass) {}

    /** An ESP packet of {@code length} octets at {@code at}; it is decrypted in place. */
    void esp(Arrival arrival, byte[] packet, int at, int length, Departures into) {
        if (length < EspCodec.HEADER) {
            drops.count(DropReason.MALFORMED);
            return;
        }
        SaId id = new SaId(arrival.destination, Protocol.ESP, Octets.i32(packet, at));
        Optional<Sa> found = find(id);
        if (found.isEmpty() || !found.get().comes(id, arrival.udp.isPresent())) {
            drops.count(DropReason.NO_STATE);
            return;
        }
        Sa sa = found.get();
        sa.lock.lock();
        try {
            long sequence = admitted(sa, Octets.i32(packet, at + 4));
            if (sequence < 0 || !(sa.codec() instanceof Sa.Codec.Esp(EspCodec codec))) {
                return;
            }
            switch (codec.open(packet, at, length, sequence)) {
                case EspCodec.Refused refused -> drops.count(refused.reason());
                case EspCodec.Payload payload -> authentic(
                        sa, arrival, sequence, packet, 0, payload.offset(), payload.length(), payload.nextHeader(), Optional.empty(), into);
            }
        } finally {
            sa.lock.unlock();
        }
    }

    /** A whole IP packet with AH in it. */
    void ah(byte[] packet, Departures into) {
        Optional<IpHeader> parsed = IpHeader.parse(packet, 0, packet.length).filter(outer -> outer.protocol() == AhCodec.PROTOCOL);
        if (parsed.isEmpty() || parsed.get().totalLength() - parsed.get().upperLayer() < AhCodec.FIXED) {
            drops.count(DropReason.MALFORMED);
            return;
        }
        IpHeader outer = parsed.get();
        PacketSelectors addresses = PacketSelectors.of(packet, 0, outer);
        int ah = outer.upperLayer();
        Optional<Sa> found = find(new SaId(addresses.destination(), Protocol.AH, Octets.i32(packet, ah + 4)));
        if (found.isEmpty()) {
            drops.count(DropReason.NO_STATE);
            return;
        }
        Arrival arrival = new Arrival(addresses.source(), addresses.destination(), Optional.empty(),
                OptionalInt.of(OuterHeader.trafficClass(packet, 0)));
        Sa sa = found.get();
        sa.lock.lock();
        try {
            long sequence = admitted(sa, Octets.i32(packet, ah + 8));
            if (sequence < 0 || !(sa.codec() instanceof Sa.Codec.Ah(AhCodec codec))) {
                return;
            }
            int header = codec.headerLengthAt(packet, ah, outer.totalLength());
            if (header < 0) {
                drops.count(DropReason.MALFORMED);
            } else if (!codec.verify(packet, 0, ah, header, outer.totalLength(), sequence)) {
                drops.count(DropReason.NOT_AUTHENTIC);
            } else {
                authentic(sa, arrival, sequence, packet, 0, ah + header, outer.totalLength() - ah - header, Octets.u8(packet, ah),
                        Optional.of(outer), into);
            }
        } finally {
            sa.lock.unlock();
        }
    }

    private Optional<Sa> find(SaId id) {
        return sad.get(id).filter(sa -> sa.spec().direction() == Direction.IN && !sa.dead());
    }

    /** The packet's whole sequence number, or -1 if it is a replay, which is counted. */
    private long admitted(Sa sa, int onTheWire) {
        long sequence = sa.replay().sequence(onTheWire);
        if (sequence < 0 || !sa.replay().admits(sequence)) {
            drops.count(DropReason.REPLAY);
            return -1;
        }
        return sequence;
    }

    /** The ICV was right: now the window may move, and what is inside is looked at. */
    private void authentic(
            Sa sa,
            Arrival arrival,
            long sequence,
            byte[] packet,
            int outerAt,
            int at,
            int length,
            int nextHeader,
            Optional<IpHeader> outer,
            Departures into) {
        if (!sa.replay().accept(sequence)) {
            drops.count(DropReason.REPLAY);
            return;
        }
        Sa.Lifetime lifetime = sa.count(length, nanos.getAsLong());
        followMapping(sa, arrival);
        if (nextHeader == EspCodec.NO_NEXT_HEADER) {
            drops.count(DropReason.DUMMY);
        } else {
            Optional<byte[]> inner = content(sa, new Content(packet, at, length, nextHeader))
                    .flatMap(content -> sa.spec().mode() == Mode.TUNNEL
                            ? tunnelled(sa.spec().tunnelHeader(), arrival, content)
                            : transported(arrival, packet, outerAt, content, outer));
            if (inner.isEmpty()) {
                drops.count(DropReason.BAD_CONTENT);
            } else if (!demanded(sa, inner.get())) {
                drops.count(DropReason.POLICY_MISMATCH);
            } else {
                into.inner.add(inner.get());
            }
        }
        switch (lifetime) {
            case GOOD -> {}
            case SOFT -> events.accept(new DataPlaneEvent.SoftExpire(sa.id(), sa.spec().reqid()));
            case HARD -> expired.accept(sa);
        }
    }

    /** RFC 3948, section 4, and RFC 7296, section 2.23: an authentic packet from elsewhere means that the NAT has changed its mind. */
    private void followMapping(Sa sa, Arrival arrival) {
        if (arrival.udp.isEmpty() || !arrival.destination.equals(sa.id().destination())) {
            // Not in UDP, or sent before we moved: a latecomer from where the peer was.
            return;
        }
        Sa.Peer now = new Sa.Peer(arrival.source, arrival.udp.get().sourcePort());
        if (sa.peerChanged(now)) {
            events.accept(new DataPlaneEvent.MappingChanged(sa.id(), sa.spec().reqid(), now.address(), now.port()));
        }
    }

    /** What ESP or AH carried, and what it is. */
    private static final class Content {
        private final byte[] packet;
        private final int at;
        private final int length;
        private final int nextHeader;

        private Content(byte[] packet, int at, int length, int nextHeader) {
            this.packet = packet;
            this.at = at;
            this.length = length;
            this.nextHeader = nextHeader;
        }
    }

    /** As it was before it was compressed, if it was; empty if it cannot be unpacked, or under a CPI that is not the SA's. */
    private Optional<Content> content(Sa sa, Content came) {
        if (sa.spec().compression().isEmpty() || came.nextHeader != Ipcomp.PROTOCOL) {
            return Optional.of(came);
        }
        boolean agreed = came.length >= Ipcomp.HEADER && Ipcomp.cpi(came.packet, came.at) == sa.spec().compression().getAsInt();
        return agreed
                ? ipcomp.decompress(came.packet, came.at, came.length)
                        .filter(inside -> inside.nextHeader() != Ipcomp.PROTOCOL)
                        .map(inside -> new Content(inside.octets(), 0, inside.octets().length, inside.nextHeader()))
                : Optional.empty();
    }

    private static Optional<byte[]> tunnelled(TunnelHeader rules, Arrival arrival, Content content) {
        byte[] packet = content.packet;
        int at = content.at;
        Optional<IpHeader> inner = IpHeader.parse(packet, at, content.length)
                .filter(header -> content.nextHeader == (header.ipv6() ? IPV6_IN_IP : IPV4_IN_IP));
        if (inner.isEmpty() || rules.copyEcn() && arrival.trafficClass.isPresent()
                && !OuterHeader.mergeEcn(packet, at, arrival.trafficClass.getAsInt())) {
            return Optional.empty();
        }
        if (rules.copyDscp().toInner() && arrival.trafficClass.isPresent()) {
            OuterHeader.copyDscp(packet, at, arrival.trafficClass.getAsInt());
        }
        // What is behind the inner packet is TFC padding (RFC 4303, section 2.7).
        return Optional.of(Arrays.copyOfRange(packet, at, at + inner.get().totalLength()));
    }

    /** Puts the header back in front of the upper layer: the one that came, or a plain one where the socket does not show it. */
    private static Optional<byte[]> transported(
            Arrival arrival, byte[] packet, int outerAt, Content content, Optional<IpHeader> outer) {
        int front = outer.map(IpHeader::upperLayer).orElseGet(() -> OuterHeader.length(arrival.source));
        if (front + content.length > LONGEST) {
            return Optional.empty();
        }
        byte[] inner = new byte[front + content.length];
        System.arraycopy(content.packet, content.at, inner, front, content.length);
        if (outer.isPresent()) {
            System.arraycopy(packet, outerAt, inner, 0, front);
            inner[outer.get().protocolAt()] = (byte) content.nextHeader;
            if (outer.get().ipv6()) {
                Octets.putU16(inner, 4, inner.length - IpHeader.V6_LENGTH);
            } else {
                Octets.putU16(inner, 2, inner.length);
                OuterHeader.checksumV4(inner, front);
            }
        } else {
            OuterHeader.write(
                    inner, arrival.source, arrival.destination, content.nextHeader, inner.length, arrival.trafficClass.orElse(0), true, 0);
        }
        if (arrival.udp.isPresent()) {
            UpperChecksum.correct(inner, front, content.nextHeader);
        }
        return IpHeader.parse(inner, 0, inner.length).map(header -> inner);
    }

    /** Whether the inbound policy for this packet asks for this SA (RFC 4301, section 5.2, step 4). */
    private boolean demanded(Sa sa, byte[] inner) {
        return PacketSelectors.of(inner, 0, inner.length)
                .flatMap(packet -> spd.lookup(Direction.IN, packet))
                .map(PolicySpec::verdict)
                .filter(verdict -> verdict instanceof PolicySpec.Protect protect && sa.serves(protect))
                .isPresent();
    }
}
