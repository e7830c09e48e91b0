package org.xfrmagent.agent.engine.v2;

import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Protector;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Reassembly;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.EncryptedFragmentPayload;
import org.xfrmagent.agent.wire.EncryptedPayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.PayloadType;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Fragmentation;

/** Messages under an IKE SA's protection: SK{...} (RFC 7296, section 3.14), or SKF{...} in fragments (RFC 7383). */
final class Sealing {
    private Sealing() {}

    /** A message as datagrams, and the IKE SA with the IVs counted that they used. */
    record Sealed(IkeSa sa, List<Bytes> datagrams) {}

    /** Seals one message under the session's IKE SA. */
    static List<Bytes> seal(Turn turn, ExchangeType exchange, boolean response, int messageId, List<Payload> payloads) {
        Sealed sealed = seal(turn, turn.ikeSa(), exchange, response, messageId, payloads);
        turn.ikeSa(sealed.sa());
        return sealed.datagrams();
    }

    /** Seals one message under {@code sa}, in as many datagrams as the path needs. */
    static Sealed seal(Turn turn, IkeSa sa, ExchangeType exchange, boolean response, int messageId, List<Payload> payloads) {
        Header header = Header.of(sa.initiatorSpi(), sa.responderSpi(), exchange, sa.initiator(), response, messageId);
        Protector protector = outbound(sa);
        Bytes chain = MessageCodec.encodeChain(payloads);
        int first = MessageCodec.firstType(payloads);
        int room = room(turn);
        int whole = Header.LENGTH + Payload.GENERIC_HEADER_LENGTH + protector.overhead(chain.length());
        if (!sa.fragmentation() || whole <= room) {
            Bytes aad = MessageCodec.associatedData(header, first, protector.overhead(chain.length()));
            Bytes body = protector.seal(aad, chain, sa.nextIv());
            return new Sealed(sa.withIvsUsed(1), List.of(Bytes.concat(aad, body)));
        }
        int part = largestPart(protector, room);
        int total = Math.ceilDiv(chain.length(), part);
        List<Bytes> datagrams = new ArrayList<>();
        for (int number = 1; number <= total; number++) {
            Bytes piece = chain.slice((number - 1) * part, Math.min(number * part, chain.length()));
            Bytes aad = MessageCodec.associatedData(header, first, number, total, protector.overhead(piece.length()));
            Bytes body = protector.seal(aad, piece, sa.nextIv() + number - 1);
            datagrams.add(Bytes.concat(aad, body));
        }
        return new Sealed(sa.withIvsUsed(total), List.copyOf(datagrams));
    }

    /** Octets of an IKE message that travel unfragmented by IP. */
    private static int room(Turn turn) {
        Optional<Fragmentation> configured = turn.session().profile().map(profile -> profile.peer().fragmentation());
        int packet = configured.map(Fragmentation::size).orElse(FALLBACK_PACKET);
        boolean v4 = turn.session().path().remote() instanceof Inet4Address;
        return packet - (v4 ? Constants.IPV4_OVERHEAD : Constants.IPV6_OVERHEAD);
    }

    /** The least MTU of IPv6: for a responder that does not know yet who calls. */
    private static final int FALLBACK_PACKET = 1280;

    /** The most octets whose sealed fragment still fits. */
    private static int largestPart(Protector protector, int room) {
        int head = Header.LENGTH + Payload.GENERIC_HEADER_LENGTH + 4;
        int part = room - head;
        while (part > 1 && head + protector.overhead(part) > room) {
            part--;
        }
        return part;
    }

    /** The content of a message: complete, or one more fragment of something that is not yet. */
    sealed interface Opened {
        record Complete(List<Payload> payloads) implements Opened {}

        record Partial(Reassembly soFar) implements Opened {}
    }

    /**
     * Opens a message from the peer.
     *
     * @throws Unauthentic if it is not from the other holder of the keys; nothing of it was looked at
     * @throws Malformed if it is, and yet makes no sense
     */
    static Opened open(IkeSa sa, Message message, Bytes datagram, Optional<Reassembly> before) throws Unauthentic {
        Optional<EncryptedPayload> whole = message.encrypted();
        if (whole.isPresent()) {
            Bytes chain = inbound(sa).open(MessageCodec.associatedData(datagram, whole.get()), whole.get().body());
            return new Opened.Complete(MessageCodec.decodeChain(whole.get().firstInner(), chain));
        }
        Optional<EncryptedFragmentPayload> fragment = message.fragment();
        if (fragment.isEmpty() || !sa.fragmentation()) {
            throw new Unauthentic("the message is not protected");
        }
        Bytes part = inbound(sa).open(MessageCodec.associatedData(datagram, fragment.get()), fragment.get().body());
        return collect(message.header(), fragment.get(), part, before);
    }

    /** Whether a message is authentic, for those whose content is known already. */
    static void authenticate(IkeSa sa, Message message, Bytes datagram) throws Unauthentic {
        open(sa, message, datagram, Optional.empty());
    }

    /** RFC 7383, section 2.6: a larger total starts over, since the sender chose smaller fragments; a smaller one is old. */
    private static Opened collect(Header header, EncryptedFragmentPayload fragment, Bytes part, Optional<Reassembly> before) {
        boolean request = !header.response();
        Optional<Reassembly> same = before.filter(other ->
                other.request() == request && other.messageId() == header.messageId() && other.total() >= fragment.total());
        if (same.isPresent() && same.get().total() > fragment.total()) {
            return new Opened.Partial(same.get());
        }
        Map<Integer, Bytes> parts = new HashMap<>(same.map(Reassembly::parts).orElse(Map.of()));
        parts.putIfAbsent(fragment.number(), part);
        int first = fragment.number() == 1 ? fragment.firstInner() : same.map(Reassembly::firstPayload).orElse(PayloadType.NONE);
        Reassembly soFar = new Reassembly(request, header.messageId(), fragment.total(), first, parts, 0);
        if (soFar.octets() > Reassembly.MAX_OCTETS) {
            throw new Malformed("fragments", "more than " + Reassembly.MAX_OCTETS + " octets in all");
        }
        Optional<Bytes> chain = soFar.whole();
        return chain.isPresent()
                ? new Opened.Complete(MessageCodec.decodeChain(soFar.firstPayload(), chain.get()))
                : new Opened.Partial(soFar);
    }

    private static Protector outbound(IkeSa sa) {
        return sa.initiator() ? protector(sa, sa.keys().ei(), sa.keys().ai()) : protector(sa, sa.keys().er(), sa.keys().ar());
    }

    private static Protector inbound(IkeSa sa) {
        return sa.initiator() ? protector(sa, sa.keys().er(), sa.keys().ar()) : protector(sa, sa.keys().ei(), sa.keys().ai());
    }

    private static Protector protector(IkeSa sa, Secret encryption, Secret integrity) {
        Algorithm cipher = Selection.of(sa.suite(), TransformType.ENCR)
                .orElseThrow(() -> new IllegalStateException("an IKE SA without a cipher"));
        Optional<Algorithm> mac = Selection.of(sa.suite(), TransformType.INTEG);
        return mac.isPresent()
                ? Protector.cipherAndMac(cipher, encryption, mac.get(), integrity)
                : Protector.aead(cipher, encryption);
    }
}
