package org.xfrmagent.agent.engine.v1;

import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.IsakmpCipher;
import org.xfrmagent.agent.crypto.IsakmpKeySchedule;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.HashPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.TransformType;

/**
 * Encrypts and decrypts messages, and makes and verifies the HASH that authenticates those of phase 2 (RFC 2409, section 5.5 and
 * appendix B).
 */
final class Sealing {
    private Sealing() {}

    static IsakmpCipher cipher(Proposal suite) {
        return IsakmpCipher.of(Oakley.one(suite, TransformType.ENCR), Oakley.one(suite, TransformType.PRF));
    }

    static Prf prf(Proposal suite) {
        return Prf.of(Oakley.one(suite, TransformType.PRF));
    }

    /** A message ready to leave. {@code lastBlock}: the IV of the next message of the exchange. */
    record Sealed(Bytes datagram, Bytes lastBlock) {}

    static Sealed seal(IsakmpSa sa, IsakmpExchange exchange, int messageId, Bytes iv, int firstType, Bytes chain) {
        IsakmpCipher cipher = cipher(sa.suite());
        Bytes body = cipher.encrypt(sa.keys().cipher(), iv, chain);
        IsakmpHeader header = IsakmpHeader.of(sa.initiatorCookie(), sa.responderCookie(), exchange, true, messageId);
        return new Sealed(IsakmpCodec.encode(header, firstType, body), cipher.lastBlock(body));
    }

    static Bytes firstIv(IsakmpSa sa, int messageId) {
        return cipher(sa.suite()).firstIv(sa.lastBlock(), messageId);
    }

    /** HDR*, HASH(1), payloads. */
    static Sealed first(IsakmpSa sa, IsakmpExchange exchange, int messageId, List<Payload> payloads) {
        return next(sa, exchange, messageId, firstIv(sa, messageId), payloads);
    }

    /** The same with the IV of an exchange that is under way: all messages of a transaction have this HASH. */
    static Sealed next(IsakmpSa sa, IsakmpExchange exchange, int messageId, Bytes iv, List<Payload> payloads) {
        Bytes rest = IsakmpCodec.encodeChain(payloads);
        Bytes hash = IsakmpKeySchedule.hash1(prf(sa.suite()), sa.keys().a(), messageId, rest);
        return hashed(sa, exchange, messageId, iv, hash, payloads, rest);
    }

    /** HDR*, HASH(2), payloads. */
    static Sealed second(IsakmpSa sa, int messageId, Bytes iv, Bytes initiatorNonce, List<Payload> payloads) {
        Bytes rest = IsakmpCodec.encodeChain(payloads);
        Bytes hash = IsakmpKeySchedule.hash2(prf(sa.suite()), sa.keys().a(), messageId, initiatorNonce, rest);
        return hashed(sa, IsakmpExchange.QUICK, messageId, iv, hash, payloads, rest);
    }

    /** HDR*, HASH(3). */
    static Sealed third(IsakmpSa sa, int messageId, Bytes iv, Bytes initiatorNonce, Bytes responderNonce) {
        Bytes hash = hash3(sa, messageId, initiatorNonce, responderNonce);
        return hashed(sa, IsakmpExchange.QUICK, messageId, iv, hash, List.of(), Bytes.empty());
    }

    static Bytes hash3(IsakmpSa sa, int messageId, Bytes initiatorNonce, Bytes responderNonce) {
        return IsakmpKeySchedule.hash3(prf(sa.suite()), sa.keys().a(), messageId, initiatorNonce, responderNonce);
    }

    private static Sealed hashed(
            IsakmpSa sa, IsakmpExchange exchange, int messageId, Bytes iv, Bytes hash, List<Payload> payloads, Bytes rest) {
        Bytes head = IsakmpCodec.encodeChain(List.of(new HashPayload(hash)), IsakmpCodec.firstType(payloads));
        return seal(sa, exchange, messageId, iv, PayloadType.HASH.number(), Bytes.concat(head, rest));
    }

    /** A decrypted message. Nothing of it is authentic yet. */
    record Opened(Chain chain, Bytes lastBlock) {}

    /** @throws Unauthentic if it cannot be what the peer has encrypted with these keys */
    static Opened open(IsakmpSa sa, IsakmpHeader header, Bytes octets, Bytes iv) throws Unauthentic {
        IsakmpCipher cipher = cipher(sa.suite());
        if (!cipher.fits(octets)) {
            throw new Unauthentic(octets.length() + " encrypted octets are no multiple of the cipher's block");
        }
        try {
            Bytes plain = cipher.decrypt(sa.keys().cipher(), iv, octets);
            return new Opened(IsakmpCodec.decodeChain(header.nextPayload(), plain), cipher.lastBlock(octets));
        } catch (Malformed noise) {
            throw new Unauthentic("a message that cannot be read when it is decrypted: " + noise.getMessage());
        }
    }

    /** R18: the HASH comes first, and is right, before anything else of the message is believed. */
    static void verify(Chain chain, Bytes expected) throws Unauthentic {
        boolean right = !chain.links().isEmpty()
                && chain.links().getFirst().payload() instanceof HashPayload(Bytes hash)
                && Hashes.equalInConstantTime(hash, expected);
        if (!right) {
            throw new Unauthentic("the HASH of a message is wrong or is not its first payload");
        }
    }

    static void verify1(IsakmpSa sa, int messageId, Chain chain) throws Unauthentic {
        verify(chain, IsakmpKeySchedule.hash1(prf(sa.suite()), sa.keys().a(), messageId, chain.afterFirst()));
    }

    static void verify2(IsakmpSa sa, int messageId, Bytes initiatorNonce, Chain chain) throws Unauthentic {
        verify(chain, IsakmpKeySchedule.hash2(prf(sa.suite()), sa.keys().a(), messageId, initiatorNonce, chain.afterFirst()));
    }
}
