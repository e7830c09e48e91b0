package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Session.Nat;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;

/** Is there a NAT between us, and on whose side (RFC 7296, section 2.23)? */
final class NatDetection {
    private NatDetection() {}

    /**
     * The two notifications for a message that leaves on {@code path}.
     *
     * @param pretend sends a source hash that cannot match, so that the peer encapsulates ESP in UDP although no NAT is there
     */
    static List<Payload> offer(long initiatorSpi, long responderSpi, Path path, boolean pretend) {
        Bytes source = pretend
                ? hash(initiatorSpi, responderSpi, path.local(), 0)
                : hash(initiatorSpi, responderSpi, path.local(), path.localPort());
        return List.of(
                NotifyPayload.of(Notify.NAT_DETECTION_SOURCE_IP, source),
                NotifyPayload.of(
                        Notify.NAT_DETECTION_DESTINATION_IP,
                        hash(initiatorSpi, responderSpi, path.remote(), path.remotePort())));
    }

    /** What the peer's notifications say about {@code path}, on which they came. None at all: it does not do NAT traversal. */
    static Nat accept(long initiatorSpi, long responderSpi, Path path, List<Payload> payloads) {
        List<NotifyPayload> notifies = Payload.all(payloads, NotifyPayload.class);
        Bytes theirs = hash(initiatorSpi, responderSpi, path.remote(), path.remotePort());
        Bytes ours = hash(initiatorSpi, responderSpi, path.local(), path.localPort());
        return new Nat(
                translated(notifies, Notify.NAT_DETECTION_DESTINATION_IP, ours),
                translated(notifies, Notify.NAT_DETECTION_SOURCE_IP, theirs));
    }

    /** A sender that does not know its address offers several source hashes: one that matches is enough. */
    private static boolean translated(List<NotifyPayload> notifies, Notify type, Bytes expected) {
        List<NotifyPayload> sent = notifies.stream().filter(notify -> notify.is(type)).toList();
        return !sent.isEmpty() && sent.stream().noneMatch(notify -> notify.data().equals(expected));
    }

    private static Bytes hash(long initiatorSpi, long responderSpi, InetAddress address, int port) {
        return Hashes.sha1(new ByteWriter(36)
                .i64(initiatorSpi)
                .i64(responderSpi)
                .bytes(address.getAddress())
                .u16(port)
                .toBytes());
    }
}
