package org.xfrmagent.agent.sim;

import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Protector;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.wire.EncryptedFragmentPayload;
import org.xfrmagent.agent.wire.EncryptedPayload;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.TransformType;

/** Somebody who holds a peer's keys: opens what the peer sent to a host, and seals whatever they like in its place. */
final class Forger {
    /**
     * What a protected message says, without its protection.
     *
     * @param number of a fragment, 0 for a whole message
     */
    record Content(Header header, int firstInner, Bytes chain, int number, int total) {
        Content saying(int first, Bytes other) {
            return new Content(header, first, other, number, total);
        }

        Content under(Header other) {
            return new Content(other, firstInner, chain, number, total);
        }

        Content asFragment(int which, int of) {
            return new Content(header, firstInner, chain, which, of);
        }
    }

    private final SimulatedHost victim;
    /** Far from what the peer itself counts: an AEAD's IV must not come twice. */
    private long iv = 1L << 40;

    Forger(SimulatedHost victim) {
        this.victim = victim;
    }

    /** The IKE SA of the victim's that a datagram is for. */
    Optional<IkeSa> ikeSa(Bytes datagram) {
        if (datagram.length() < Header.LENGTH) {
            return Optional.empty();
        }
        Header header = Header.peek(datagram);
        return victim.sessions().stream()
                .map(Session::phase)
                .flatMap(Forger::ikeSas)
                .filter(sa -> sa.initiatorSpi() == header.initiatorSpi() && sa.responderSpi() == header.responderSpi()
                        && sa.initiator() != header.initiator())
                .findFirst();
    }

    private static Stream<IkeSa> ikeSas(Phase phase) {
        return Stream.concat(phase.ikeSa().stream(), phase.retired().stream().map(Phase.Retired::sa));
    }

    Optional<Content> open(IkeSa sa, Bytes datagram) {
        Message message = MessageCodec.decode(datagram);
        Optional<EncryptedPayload> whole = message.encrypted();
        Optional<EncryptedFragmentPayload> part = message.fragment();
        try {
            if (whole.isPresent()) {
                Bytes chain = peers(sa).open(MessageCodec.associatedData(datagram, whole.get()), whole.get().body());
                return Optional.of(new Content(message.header(), whole.get().firstInner(), chain, 0, 0));
            }
            if (part.isPresent()) {
                Bytes chain = peers(sa).open(MessageCodec.associatedData(datagram, part.get()), part.get().body());
                return Optional.of(new Content(
                        message.header(), part.get().firstInner(), chain, part.get().number(), part.get().total()));
            }
            return Optional.empty();
        } catch (Unauthentic otherKeys) {
            return Optional.empty();
        }
    }

    Bytes seal(IkeSa sa, Content content) {
        Protector protector = peers(sa);
        int length = protector.overhead(content.chain.length());
        Bytes head = content.number == 0
                ? MessageCodec.associatedData(content.header, content.firstInner, length)
                : MessageCodec.associatedData(content.header, content.firstInner, content.number, content.total, length);
        return Bytes.concat(head, protector.seal(head, content.chain, iv++));
    }

    private static Protector peers(IkeSa sa) {
        Secret encryption = sa.initiator() ? sa.keys().er() : sa.keys().ei();
        Secret integrity = sa.initiator() ? sa.keys().ar() : sa.keys().ai();
        Algorithm cipher = sa.suite().of(TransformType.ENCR).getFirst();
        Optional<Algorithm> mac = sa.suite().of(TransformType.INTEG).stream().findFirst();
        return Protector.of(cipher, mac, encryption, integrity);
    }
}
