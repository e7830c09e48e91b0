package org.xfrmagent.agent.radius;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;

/**
 * A packet of RFC 2865, section 3, sealed with the secret that both ends have.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Code      |  Identifier   |            Length             |
 * |                     Authenticator, 16 octets                  |
 * |  Attributes ...
 * </pre>
 *
 * <p>Every question that may be answered by "accept" carries a Message-Authenticator as its first attribute, and no answer to it without one counts (RFC 3579,
 * section 3.2; without it whoever is between the two ends can forge an answer).
 */
record RadiusPacket(RadiusCode code, int identifier, Bytes authenticator, List<RadiusAttribute> attributes) {
    static final int LONGEST = 4096;
    static final int AUTHENTICATOR_OCTETS = 16;

    private static final int HEADER_OCTETS = 20;
    private static final int AUTHENTICATOR_AT = 4;
    private static final int MOST_ATTRIBUTES = 256;

    RadiusPacket {
        attributes = List.copyOf(attributes);
    }

    /** A question with its Message-Authenticator, as octets; {@code authenticator} is 16 octets nobody can foresee. */
    static Bytes question(int identifier, Bytes authenticator, List<RadiusAttribute> attributes, Secret secret) {
        List<RadiusAttribute> all = new ArrayList<>();
        all.add(new RadiusAttribute(RadiusAttribute.MESSAGE_AUTHENTICATOR, Bytes.of(new byte[AUTHENTICATOR_OCTETS])));
        all.addAll(attributes);
        Bytes open = encode(RadiusCode.ACCESS_REQUEST, identifier, authenticator, all);
        Bytes mac = Hashes.hmacMd5(secret, open);
        return Bytes.concat(open.slice(0, HEADER_OCTETS + 2), mac, open.from(HEADER_OCTETS + 2 + AUTHENTICATOR_OCTETS));
    }

    /** A message of accounting, whose authenticator seals it (RFC 2866, section 3). */
    static Bytes accounting(int identifier, List<RadiusAttribute> attributes, Secret secret) {
        Bytes open = encode(RadiusCode.ACCOUNTING_REQUEST, identifier, Bytes.of(new byte[AUTHENTICATOR_OCTETS]), attributes);
        Bytes seal = Hashes.md5(open, secret, Bytes.empty());
        return Bytes.concat(open.slice(0, AUTHENTICATOR_AT), seal, open.from(HEADER_OCTETS));
    }

    private static Bytes encode(RadiusCode code, int identifier, Bytes authenticator, List<RadiusAttribute> attributes) {
        ByteWriter out = new ByteWriter().u8(code.number()).u8(identifier).u16(0).bytes(authenticator);
        attributes.forEach(each -> out.u8(each.type()).u8(2 + each.value().length()).bytes(each.value()));
        if (out.length() > LONGEST) {
            throw new IllegalArgumentException("a packet of RADIUS of " + out.length() + " octets, the most is " + LONGEST);
        }
        out.setU16(2, out.length());
        return out.toBytes();
    }

    /**
     * Reads what came as the answer to {@code question}.
     *
     * @throws MalformedRadius if it is no answer to it, or not from somebody who knows {@code secret}
     */
    static RadiusPacket answer(Bytes octets, Bytes question, Secret secret) {
        RadiusPacket packet = decode(octets);
        Bytes asked = question.slice(AUTHENTICATOR_AT, HEADER_OCTETS);
        boolean accounting = question.u8(0) == RadiusCode.ACCOUNTING_REQUEST.number();
        boolean fits = switch (packet.code) {
            case ACCESS_ACCEPT, ACCESS_REJECT, ACCESS_CHALLENGE -> !accounting;
            case ACCOUNTING_RESPONSE -> accounting;
            case ACCESS_REQUEST, ACCOUNTING_REQUEST -> false;
        };
        if (!fits || packet.identifier != question.u8(1)) {
            throw new MalformedRadius(packet.code + " with identifier " + packet.identifier + " is no answer to what was asked");
        }
        Bytes open = octets.slice(0, octets.u16(2));
        Bytes asIfAsked = Bytes.concat(open.slice(0, AUTHENTICATOR_AT), asked, open.from(HEADER_OCTETS));
        if (!Hashes.equalInConstantTime(Hashes.md5(asIfAsked, secret, Bytes.empty()), packet.authenticator)) {
            throw new MalformedRadius("the authenticator is wrong: the secrets of both ends differ, or somebody else answers");
        }
        if (!accounting) {
            checkMessageAuthenticator(packet, asIfAsked, secret);
        }
        return packet;
    }

    private static void checkMessageAuthenticator(RadiusPacket packet, Bytes asIfAsked, Secret secret) {
        int at = HEADER_OCTETS;
        for (RadiusAttribute each : packet.attributes) {
            int value = at + 2;
            if (each.type() == RadiusAttribute.MESSAGE_AUTHENTICATOR && each.value().length() == AUTHENTICATOR_OCTETS) {
                Bytes blank = Bytes.concat(
                        asIfAsked.slice(0, value), Bytes.of(new byte[AUTHENTICATOR_OCTETS]), asIfAsked.from(value + AUTHENTICATOR_OCTETS));
                if (Hashes.equalInConstantTime(Hashes.hmacMd5(secret, blank), each.value())) {
                    return;
                }
                throw new MalformedRadius("the Message-Authenticator is wrong");
            }
            at = value + each.value().length();
        }
        throw new MalformedRadius("there is no Message-Authenticator");
    }

    private static RadiusPacket decode(Bytes octets) {
        if (octets.length() < HEADER_OCTETS || octets.length() > LONGEST) {
            throw new MalformedRadius("a packet of " + octets.length() + " octets, expected " + HEADER_OCTETS + " to " + LONGEST);
        }
        int length = octets.u16(2);
        if (length < HEADER_OCTETS || length > octets.length()) {
            throw new MalformedRadius("a length of " + length + " in a packet of " + octets.length() + " octets");
        }
        RadiusCode code = RadiusCode.byNumber(octets.u8(0)).orElseThrow(() -> new MalformedRadius("code " + octets.u8(0)));
        List<RadiusAttribute> attributes = new ArrayList<>();
        ByteReader in = octets.slice(HEADER_OCTETS, length).reader();
        while (!in.atEnd()) {
            if (in.remaining() < 2 || attributes.size() == MOST_ATTRIBUTES) {
                throw new MalformedRadius("attributes that end in the middle of one, or more than " + MOST_ATTRIBUTES);
            }
            int type = in.u8();
            int size = in.u8() - 2;
            if (type == 0 || size < 1 || size > in.remaining()) {
                throw new MalformedRadius("attribute " + type + " of " + size + " octets, " + in.remaining() + " are left");
            }
            attributes.add(new RadiusAttribute(type, in.bytes(size)));
        }
        return new RadiusPacket(code, octets.u8(1), octets.slice(AUTHENTICATOR_AT, HEADER_OCTETS), attributes);
    }

    List<RadiusAttribute> all(int type) {
        return attributes.stream().filter(each -> each.type() == type).toList();
    }

    Optional<RadiusAttribute> first(int type) {
        return attributes.stream().filter(each -> each.type() == type).findFirst();
    }

    Optional<Bytes> microsoft(int type) {
        return attributes.stream().flatMap(each -> each.microsoft(type).stream()).findFirst();
    }

    /** The pieces of {@code type} as one. */
    Bytes joined(int type) {
        return Bytes.concat(all(type).stream().map(RadiusAttribute::value).toArray(Bytes[]::new));
    }
}
