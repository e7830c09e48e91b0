package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.engine.core.IsakmpSa.NatTraversal;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1.Agreed;
import org.xfrmagent.agent.engine.core.Session.Nat;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.NatDiscoveryPayload;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.agent.wire.v1.VendorId;
import org.xfrmagent.policies.algorithm.TransformType;

/** Can both sides traverse a NAT, is there one, and on whose side (RFC 3947, section 3)? */
final class NatDetection {
    private NatDetection() {}

    /** What we can do. */
    static List<Payload> announcements() {
        return List.of(
                VendorId.NAT_TRAVERSAL.payload(), VendorId.NAT_TRAVERSAL_03.payload(), VendorId.NAT_TRAVERSAL_02_NEWLINE.payload());
    }

    /** The best that the peer can do as well. */
    static NatTraversal best(Chain chain) {
        if (VendorId.NAT_TRAVERSAL.in(chain)) {
            return NatTraversal.RFC_3947;
        }
        boolean draft = VendorId.NAT_TRAVERSAL_03.in(chain)
                || VendorId.NAT_TRAVERSAL_02_NEWLINE.in(chain)
                || VendorId.NAT_TRAVERSAL_02.in(chain);
        return draft ? NatTraversal.DRAFT : NatTraversal.NONE;
    }

    /** The answer to announcements: the one that is taken. */
    static List<Payload> answer(NatTraversal taken, Chain offered) {
        return switch (taken) {
            case NONE -> List.of();
            case RFC_3947 -> List.of(VendorId.NAT_TRAVERSAL.payload());
            case DRAFT -> List.of(
                    (VendorId.NAT_TRAVERSAL_03.in(offered)
                                    ? VendorId.NAT_TRAVERSAL_03
                                    : VendorId.NAT_TRAVERSAL_02_NEWLINE.in(offered)
                                            ? VendorId.NAT_TRAVERSAL_02_NEWLINE
                                            : VendorId.NAT_TRAVERSAL_02)
                            .payload());
        };
    }

    /** Hashes of the destination and then of the source, as they leave here (section 3.2). */
    static List<Payload> hashes(Agreed agreed, Path path) {
        boolean pretend = agreed.profile().peer().forceEncapsulation();
        int type = switch (agreed.natTraversal()) {
            case NONE -> PayloadType.NONE;
            case RFC_3947 -> PayloadType.NAT_DISCOVERY.number();
            case DRAFT -> PayloadType.NAT_DISCOVERY_DRAFT.number();
        };
        return type == PayloadType.NONE
                ? List.of()
                : List.of(
                        new NatDiscoveryPayload(type, hash(agreed, path.remote(), path.remotePort())),
                        new NatDiscoveryPayload(type, hash(agreed, path.local(), pretend ? 0 : path.localPort())));
    }

    /** What the peer's hashes say about the path on which they came. */
    static void accept(Turn turn, Agreed agreed, Chain chain) {
        List<NatDiscoveryPayload> hashes = chain.all(NatDiscoveryPayload.class);
        if (agreed.natTraversal() == NatTraversal.NONE || hashes.size() < 2) {
            turn.change(session -> session.withNat(Nat.NONE));
            return;
        }
        Path path = turn.session().path();
        Bytes ours = hash(agreed, path.local(), path.localPort());
        Bytes theirs = hash(agreed, path.remote(), path.remotePort());
        boolean local = agreed.profile().peer().forceEncapsulation() || !hashes.getFirst().hash().equals(ours);
        boolean remote = hashes.stream().skip(1).noneMatch(payload -> payload.hash().equals(theirs));
        turn.change(session -> session.withNat(new Nat(local, remote)));
    }

    private static Bytes hash(Agreed agreed, InetAddress address, int port) {
        return Hashes.ofPrf(
                Oakley.one(agreed.suite(), TransformType.PRF),
                new ByteWriter(36)
                        .i64(agreed.initiatorCookie())
                        .i64(agreed.responderCookie())
                        .bytes(address.getAddress())
                        .u16(port)
                        .toBytes());
    }
}
