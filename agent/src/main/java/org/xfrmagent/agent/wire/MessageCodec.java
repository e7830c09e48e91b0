package org.xfrmagent.agent.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * IKEv2 messages from octets and to octets (RFC 7296, section 3). Decoders throw {@link Malformed} and nothing else, in time
 * linear in the length of the input. Encoders throw {@link IllegalArgumentException} for what no message can say.
 *
 * <p>How an engine protects a message; the key stays outside:
 *
 * <pre>
 * Bytes chain = encodeChain(inner);
 * Bytes aad   = associatedData(header, firstType(inner), bodyLength);   // header | SK's generic header
 * Bytes body  = protect(aad, chain);                                                         // IV .. ICV
 * Bytes wire  = Bytes.concat(aad, body);
 * </pre>
 */
public final class MessageCodec {
    private static final int CRITICAL = 0x80;

    /** Octets of fragment number and total fragments, which the associated data covers too (RFC 7383, section 2.5). */
    private static final int FRAGMENT_HEADER_LENGTH = 4;

    private MessageCodec() {}

    /**
     * Reads a whole datagram, without a non-ESP marker. An SK or SKF payload stays encrypted and is the last.
     *
     * @throws Malformed also if the major version is not 2: look with {@link Header#peek} first
     */
    public static Message decode(Bytes datagram) {
        Section in = Section.of("message", datagram);
        Header header = Header.read(in, datagram.length());
        if (header.majorVersion() != 2) {
            throw in.malformed("is of IKE version " + header.majorVersion() + ", expected 2");
        }
        return new Message(header, readChain(header.nextPayload(), in, true));
    }

    /** Reads the decrypted content of an SK payload, without IV, padding and ICV. */
    public static List<Payload> decodeChain(int firstType, Bytes chain) {
        return readChain(firstType, Section.of("decrypted payloads", chain), false);
    }

    private static List<Payload> readChain(int firstType, Section in, boolean clear) {
        List<Payload> payloads = new ArrayList<>();
        int certificates = 0;
        int type = firstType;
        while (type != PayloadType.NONE) {
            if (payloads.size() == Limits.PAYLOADS) {
                throw in.malformed("more than " + Limits.PAYLOADS + " payloads");
            }
            int next = in.u8();
            boolean critical = (in.u8() & CRITICAL) != 0;
            int length = in.u16();
            if (length < Payload.GENERIC_HEADER_LENGTH) {
                throw in.malformed(PayloadType.notationOf(type) + " says its length is " + length);
            }
            Section body = in.section(PayloadType.notationOf(type), length - Payload.GENERIC_HEADER_LENGTH);
            Payload payload = read(type, next, critical, body);
            body.end();
            payloads.add(payload);
            type = switch (payload) {
                case EncryptedPayload _, EncryptedFragmentPayload _ -> {
                    if (!clear) {
                        throw body.malformed("encrypted inside an encrypted payload");
                    }
                    yield PayloadType.NONE;
                }
                case CertPayload _ -> {
                    if (++certificates > Limits.CERTIFICATES) {
                        throw body.malformed("more than " + Limits.CERTIFICATES + " certificates");
                    }
                    yield next;
                }
                default -> next;
            };
        }
        in.end();
        return List.copyOf(payloads);
    }

    private static Payload read(int type, int next, boolean critical, Section body) {
        Optional<PayloadType> known = PayloadType.byNumber(type);
        return known.isPresent() ? known.get().decode(next, body) : new UnknownPayload(type, critical, body.rest());
    }

    /** What {@code header} and {@code payloads} are on the wire; next payload and length of the header are set anew. */
    public static Bytes encode(Header header, List<Payload> payloads) {
        Bytes chain = encodeChain(payloads);
        ByteWriter out = new ByteWriter(Header.LENGTH + chain.length());
        header.sized(firstType(payloads), messageLength(Header.LENGTH + chain.length())).write(out);
        return out.bytes(chain).toBytes();
    }

    public static Bytes encode(Message message) {
        return encode(message.header(), message.payloads());
    }

    /** Payloads with their generic headers, as they stand in a message or, encrypted, in an SK payload. */
    public static Bytes encodeChain(List<Payload> payloads) {
        ByteWriter out = new ByteWriter();
        for (int i = 0; i < payloads.size(); i++) {
            Payload payload = payloads.get(i);
            int start = out.length();
            writeGenericHeader(out, nextAfter(payloads, i), payload instanceof UnknownPayload unknown && unknown.critical(), 0);
            payload.writeBody(out);
            out.setU16(start + 2, Field.u16("payload length", out.length() - start));
        }
        return out.toBytes();
    }

    private static int nextAfter(List<Payload> payloads, int index) {
        boolean last = index == payloads.size() - 1;
        int inner = switch (payloads.get(index)) {
            case EncryptedPayload sk when last -> sk.firstInner();
            case EncryptedFragmentPayload skf when last -> skf.firstInner();
            case EncryptedPayload _, EncryptedFragmentPayload _ ->
                throw new IllegalArgumentException("an encrypted payload must be the last of its message");
            default -> PayloadType.NONE;
        };
        return last ? inner : payloads.get(index + 1).typeNumber();
    }

    private static void writeGenericHeader(ByteWriter out, int next, boolean critical, int length) {
        out.u8(next).u8(critical ? CRITICAL : 0).u16(length);
    }

    /** The next-payload value that leads to these payloads: the type of the first, 0 if there is none. */
    public static int firstType(List<Payload> payloads) {
        return payloads.isEmpty() ? PayloadType.NONE : payloads.getFirst().typeNumber();
    }

    /**
     * The beginning of a message that consists of one SK payload: the IKE header and SK's generic header, with their final
     * lengths. This is the associated data of an AEAD (RFC 5282, section 5.1) and the beginning of what a MAC covers.
     *
     * @param bodyLength octets of SK's body, from the initialization vector to the checksum
     */
    public static Bytes associatedData(Header header, int firstInner, int bodyLength) {
        int payloadLength = Field.u16("payload length", Payload.GENERIC_HEADER_LENGTH + bodyLength);
        ByteWriter out = new ByteWriter(Header.LENGTH + Payload.GENERIC_HEADER_LENGTH);
        header.sized(PayloadType.ENCRYPTED.number(), messageLength(Header.LENGTH + payloadLength)).write(out);
        writeGenericHeader(out, firstInner, false, payloadLength);
        return out.toBytes();
    }

    /**
     * The same for fragment {@code number} of {@code total}, with the two numbers behind SKF's generic header (RFC 7383,
     * section 2.5).
     *
     * @param firstInner type of the whole message's first payload; written in fragment 1 only, as the RFC wants it
     */
    public static Bytes associatedData(Header header, int firstInner, int number, int total, int bodyLength) {
        int payloadLength =
                Field.u16("payload length", Payload.GENERIC_HEADER_LENGTH + FRAGMENT_HEADER_LENGTH + bodyLength);
        ByteWriter out = new ByteWriter(Header.LENGTH + Payload.GENERIC_HEADER_LENGTH + FRAGMENT_HEADER_LENGTH);
        header.sized(PayloadType.ENCRYPTED_FRAGMENT.number(), messageLength(Header.LENGTH + payloadLength)).write(out);
        writeGenericHeader(out, number == 1 ? firstInner : PayloadType.NONE, false, payloadLength);
        return out.u16(Field.u16("fragment number", number)).u16(Field.u16("total fragments", total)).toBytes();
    }

    /** What the checksum of a received message covers besides the body, as it stood in {@code datagram}. */
    public static Bytes associatedData(Bytes datagram, EncryptedPayload received) {
        return datagram.slice(0, datagram.length() - received.body().length());
    }

    /** The same for a fragment. */
    public static Bytes associatedData(Bytes datagram, EncryptedFragmentPayload received) {
        return datagram.slice(0, datagram.length() - received.body().length());
    }

    private static int messageLength(int length) {
        if (length > Limits.MESSAGE_OCTETS) {
            throw new IllegalArgumentException("a message of " + length + " octets, at most " + Limits.MESSAGE_OCTETS + " fit");
        }
        return length;
    }
}
