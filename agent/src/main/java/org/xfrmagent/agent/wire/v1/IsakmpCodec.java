package org.xfrmagent.agent.wire.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/**
 * IKEv1 messages from octets and to octets (RFC 2408, section 3). Decoders throw {@link org.xfrmagent.agent.wire.Malformed} and
 * nothing else, in time linear in the length of the input. Encoders throw {@link IllegalArgumentException} for what no message can
 * say.
 */
public final class IsakmpCodec {
    private IsakmpCodec() {}

    /** Reads a whole datagram, without a non-ESP marker. What is encrypted stays so. libreswan fills up what is not to a word. */
    public static IsakmpMessage decode(Bytes datagram) {
        Section in = Section.of("message", datagram);
        IsakmpHeader header = IsakmpHeader.read(in, datagram.length());
        if (header.encrypted()) {
            Bytes octets = in.rest();
            if (octets.isEmpty()) {
                throw in.malformed("nothing is encrypted in an encrypted message");
            }
            return new IsakmpMessage(header, new IsakmpMessage.Encrypted(octets));
        }
        Chain chain = readChain(header.nextPayload(), in, datagram);
        padded(in, V1Limits.CLEAR_PADDING);
        return new IsakmpMessage(header, new IsakmpMessage.Clear(chain));
    }

    /** Reads decrypted payloads. Behind the last one there may be padding to the cipher's block (RFC 2409, appendix B). */
    public static Chain decodeChain(int firstType, Bytes plain) {
        Section in = Section.of("decrypted payloads", plain);
        Chain chain = readChain(firstType, in, plain);
        padded(in, V1Limits.PADDING);
        return chain;
    }

    private static void padded(Section in, int most) {
        if (in.remaining() > most) {
            throw in.malformed(in.remaining() + " octets behind the last payload, of padding at most " + most);
        }
    }

    private static Chain readChain(int firstType, Section in, Bytes all) {
        List<Chain.Link> links = new ArrayList<>();
        int certificates = 0;
        int type = firstType;
        while (type != PayloadType.NONE) {
            if (links.size() == Limits.PAYLOADS) {
                throw in.malformed("more than " + Limits.PAYLOADS + " payloads");
            }
            int start = all.length() - in.remaining();
            int next = in.u8();
            in.skip(1);
            int length = in.u16();
            if (length < Payload.GENERIC_HEADER_LENGTH) {
                throw in.malformed(PayloadType.notationOf(type) + " says its length is " + length);
            }
            Section body = in.section(PayloadType.notationOf(type), length - Payload.GENERIC_HEADER_LENGTH);
            Payload payload = read(type, body);
            body.end();
            if (payload instanceof CertPayload && ++certificates > Limits.CERTIFICATES) {
                throw in.malformed("more than " + Limits.CERTIFICATES + " certificates and requests");
            }
            links.add(new Chain.Link(payload, all.slice(start, start + length)));
            type = next;
        }
        return new Chain(links);
    }

    private static Payload read(int type, Section body) {
        Optional<PayloadType> known = PayloadType.byNumber(type);
        return known.isPresent() ? known.get().decode(body) : new UnknownPayload(type, body.rest());
    }

    /** What {@code header} and {@code payloads} are on the wire, in the clear. */
    public static Bytes encode(IsakmpHeader header, List<Payload> payloads) {
        return encode(header, firstType(payloads), encodeChain(payloads));
    }

    /**
     * The same for a body that is written already.
     *
     * @param body a chain of payloads, or one encrypted
     */
    public static Bytes encode(IsakmpHeader header, int firstType, Bytes body) {
        int length = IsakmpHeader.LENGTH + body.length();
        if (length > Limits.MESSAGE_OCTETS) {
            throw new IllegalArgumentException("a message of " + length + " octets, at most " + Limits.MESSAGE_OCTETS + " fit");
        }
        ByteWriter out = new ByteWriter(length);
        header.sized(firstType, length).write(out);
        return out.bytes(body).toBytes();
    }

    /** Payloads with their generic headers, as they stand in a message or, before encryption, in the encrypted part. */
    public static Bytes encodeChain(List<Payload> payloads) {
        return encodeChain(payloads, PayloadType.NONE);
    }

    /** The same when a payload of type {@code next} follows: what stands behind a HASH is hashed before that is known. */
    public static Bytes encodeChain(List<Payload> payloads, int next) {
        ByteWriter out = new ByteWriter();
        for (int i = 0; i < payloads.size(); i++) {
            int start = out.length();
            out.u8(i + 1 < payloads.size() ? payloads.get(i + 1).typeNumber() : next).u8(0).u16(0);
            payloads.get(i).writeBody(out);
            int length = out.length() - start;
            if (length > Limits.MESSAGE_OCTETS) {
                throw new IllegalArgumentException("a payload of " + length + " octets");
            }
            out.setU16(start + 2, length);
        }
        return out.toBytes();
    }

    /** The next-payload value that leads to these payloads: the type of the first, 0 if there is none. */
    public static int firstType(List<Payload> payloads) {
        return payloads.isEmpty() ? PayloadType.NONE : payloads.getFirst().typeNumber();
    }
}
