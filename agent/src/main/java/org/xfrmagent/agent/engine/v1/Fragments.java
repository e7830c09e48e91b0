package org.xfrmagent.agent.engine.v1;

import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Reassembly;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.FragmentPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.agent.wire.v1.VendorId;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Fragmentation;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Peer;

/**
 * Messages in pieces, as {@link FragmentPayload} has them: sent and taken once the peer has said that it can, or taken when its first
 * answer comes so, and never the first of a session. A session keeps the pieces of one message.
 */
final class Fragments {
    /** As long as it is not known which piece is the last. */
    private static final int UNKNOWN = Integer.MAX_VALUE;

    private Fragments() {}

    /** What says that we can. */
    static List<Payload> announcement(Peer peer) {
        return peer.fragmentation().enabled() ? List.of(VendorId.FRAGMENTATION.payload()) : List.of();
    }

    /** What answers an announcement of the initiator. */
    static List<Payload> answer(Peer peer, Chain offered) {
        return VendorId.FRAGMENTATION.in(offered) ? announcement(peer) : List.of();
    }

    /** From here on the session may take and send pieces, if the peer has said that it can and the policy does not forbid it. */
    static void agree(Turn turn, Peer peer, Chain theirs) {
        if (peer.fragmentation().enabled() && VendorId.FRAGMENTATION.in(theirs)) {
            turn.change(session -> session.withReassembly(Optional.of(none())));
        }
    }

    private static Reassembly none() {
        return new Reassembly(false, 0, UNKNOWN, PayloadType.NONE, Map.of(), 0);
    }

    // ---- receiving

    /**
     * Keeps a piece. Pieces of another message start over, and of two with a number the first counts: whoever spoils a message by one of
     * his own has to do so again when the peer sends all of it again.
     *
     * @return the whole message, once its last piece is there
     */
    static Optional<Bytes> collect(Turn turn, FragmentPayload piece) {
        Reassembly before = turn.session().reassembly()
                .or(() -> firstAnswer(turn))
                .orElseThrow(() -> new Malformed("fragment", "the peer has not said that it sends any, or the policy forbids it"));
        boolean same = before.messageId() == piece.id();
        Map<Integer, Bytes> parts = new HashMap<>(same ? before.parts() : Map.of());
        parts.putIfAbsent(piece.number(), piece.data());
        int total = piece.last() ? piece.number() : same ? before.total() : UNKNOWN;
        long since = same && !before.parts().isEmpty() ? before.since() : turn.now();
        Reassembly soFar = new Reassembly(false, piece.id(), total, PayloadType.NONE, parts, since);
        boolean tooLong = soFar.octets() > Constants.FRAGMENTED_OCTETS;
        Optional<Bytes> whole = tooLong ? Optional.empty() : soFar.whole();
        turn.change(session -> session.withReassembly(Optional.of(tooLong || whole.isPresent() ? none() : soFar)));
        if (tooLong) {
            throw new Malformed("fragments", "more than " + Constants.FRAGMENTED_OCTETS + " octets in all");
        }
        return whole;
    }

    /** When pieces of a message that does not become whole are forgotten; for ever, if there are none. */
    static long forgetAt(Session session) {
        return session.reassembly()
                .filter(kept -> !kept.parts().isEmpty())
                .map(kept -> kept.since() + Constants.PIECES_MILLIS)
                .orElse(Long.MAX_VALUE);
    }

    static void forget(Turn turn) {
        turn.change(session -> session.withReassembly(Optional.of(none())));
    }

    /** Aggressive mode's answer may be long, and says in its pieces only that its sender makes some. We have said that we take them. */
    private static Optional<Reassembly> firstAnswer(Turn turn) {
        return turn.session().phase() instanceof PhaseV1.Introduced
                ? turn.session().profile().filter(profile -> profile.peer().fragmentation().enabled()).map(_ -> none())
                : Optional.empty();
    }

    // ---- sending

    /** Sends a message, in pieces if the path needs it and the peer takes them. */
    static void send(Turn turn, Bytes message) {
        int room = room(turn);
        turn.send(turn.session().reassembly().isPresent() && message.length() > room ? pieces(turn, message, room) : List.of(message));
    }

    /** The same pieces whenever the same message is sent: one that was lost is made up for by the next time. */
    private static List<Bytes> pieces(Turn turn, Bytes message, int room) {
        int part = room - IsakmpHeader.LENGTH - FragmentPayload.OVERHEAD;
        int total = Math.ceilDiv(message.length(), part);
        if (total > Limits.FRAGMENTS) {
            return List.of(message);
        }
        IsakmpHeader whole = IsakmpHeader.peek(message);
        IsakmpHeader header = IsakmpHeader.of(whole.initiatorCookie(), whole.responderCookie(), exchange(turn, whole), false, 0);
        int id = message.hashCode() & 0xffff;
        List<Bytes> pieces = new ArrayList<>();
        for (int number = 1; number <= total; number++) {
            Bytes data = message.slice((number - 1) * part, Math.min(number * part, message.length()));
            pieces.add(IsakmpCodec.encode(header, List.of(new FragmentPayload(id, number, number == total, data))));
        }
        return pieces;
    }

    /** Phase 1's, also for pieces of phase 2's messages, and no message id: what the pieces hold has its own. */
    private static IsakmpExchange exchange(Turn turn, IsakmpHeader whole) {
        if (whole.exchange() == IsakmpExchange.AGGRESSIVE.number()) {
            return IsakmpExchange.AGGRESSIVE;
        }
        return turn.session().profile()
                .filter(profile -> profile.peer().ike() == IkeVersion.V1_AGGRESSIVE)
                .map(_ -> IsakmpExchange.AGGRESSIVE)
                .orElse(IsakmpExchange.IDENTITY_PROTECTION);
    }

    /** Octets of a message that IP need not fragment. A responder has only an expectation of who the peer is. */
    private static int room(Turn turn) {
        Optional<Profile> expected = switch (turn.session().phase()) {
            case PhaseV1.Keyed keyed -> Optional.of(keyed.agreed().profile());
            case PhaseV1.Vouched vouched -> Optional.of(vouched.agreed().profile());
            default -> turn.session().profile();
        };
        Fragmentation configured = expected.map(profile -> profile.peer().fragmentation()).orElse(Defaults.FRAGMENTATION);
        boolean v4 = turn.session().path().remote() instanceof Inet4Address;
        return configured.size() - (v4 ? Constants.IPV4_OVERHEAD : Constants.IPV6_OVERHEAD);
    }
}
