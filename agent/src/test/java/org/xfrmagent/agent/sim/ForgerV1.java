package org.xfrmagent.agent.sim;

import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.IsakmpCipher;
import org.xfrmagent.agent.crypto.IsakmpKeySchedule;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.HashPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.policies.algorithm.TransformType;

/** Somebody who holds the keys of an ISAKMP SA: reads what begins an exchange under it, and says there whatever they like. */
record ForgerV1(IsakmpSa sa) {
    private IsakmpCipher cipher() {
        return IsakmpCipher.of(sa.suite().of(TransformType.ENCR).getFirst(), sa.suite().of(TransformType.PRF).getFirst());
    }

    /** HDR*, HASH(1), payloads (RFC 2409, section 5.7). */
    Bytes first(IsakmpExchange exchange, int messageId, Payload... payloads) {
        return next(exchange, messageId, cipher().firstIv(sa.lastBlock(), messageId), payloads);
    }

    /** The same as a later message of an exchange. */
    Bytes next(IsakmpExchange exchange, int messageId, Bytes iv, Payload... payloads) {
        List<Payload> said = List.of(payloads);
        Bytes rest = IsakmpCodec.encodeChain(said);
        Prf prf = Prf.of(sa.suite().of(TransformType.PRF).getFirst());
        Bytes hash = IsakmpKeySchedule.hash1(prf, sa.keys().a(), messageId, rest);
        Bytes head = IsakmpCodec.encodeChain(List.of(new HashPayload(hash)), IsakmpCodec.firstType(said));
        return IsakmpCodec.encode(
                IsakmpHeader.of(sa.initiatorCookie(), sa.responderCookie(), exchange, true, messageId), PayloadType.HASH.number(),
                cipher().encrypt(sa.keys().cipher(), iv, Bytes.concat(head, rest)));
    }

    /** What the first message of an exchange of phase 2 says. */
    Chain open(Bytes datagram) {
        IsakmpHeader header = IsakmpHeader.peek(datagram);
        Bytes iv = cipher().firstIv(sa.lastBlock(), header.messageId());
        try {
            return IsakmpCodec.decodeChain(header.nextPayload(), cipher().decrypt(sa.keys().cipher(), iv, datagram.from(IsakmpHeader.LENGTH)));
        } catch (Malformed malformed) {
            throw new AssertionError(malformed);
        }
    }
}
