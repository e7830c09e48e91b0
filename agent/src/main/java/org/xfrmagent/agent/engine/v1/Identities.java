package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.wire.v1.IdPayload;
import org.xfrmagent.agent.wire.v1.IdType;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.TrafficSelector;

/** ID payloads (RFC 2407, section 4.6.2): who somebody is in phase 1, which traffic in phase 2. */
final class Identities {
    private Identities() {}

    // ---- phase 1

    /** What we say we are. */
    static Identity local(Profile profile, Path path) {
        Identity configured = profile.peer().local().id();
        return configured.isPattern() ? new Identity.Ip(path.local()) : configured;
    }

    /** Whom we expect before it has said so: main mode's pre-shared key is chosen by the address (RFC 2409, section 5.4). */
    static Identity expected(Profile profile, Path path) {
        Identity configured = profile.peer().remote().id();
        return configured.isPattern() ? new Identity.Ip(path.remote()) : configured;
    }

    /** Protocol and port are zero: some take 17 and 500, which RFC 2407 allows as well, for another identity. */
    static IdPayload payload(Identity identity) {
        return new IdPayload(identity.wireType(), 0, 0, Bytes.of(identity.wireData()));
    }

    /** The numbers of IKEv1's identity types are those that IKEv2 took over. */
    static Identity identity(IdPayload payload) {
        boolean traffic = IdType.byNumber(payload.idType())
                .filter(type -> switch (type) {
                    case ID_IPV4_ADDR_SUBNET, ID_IPV6_ADDR_SUBNET, ID_IPV4_ADDR_RANGE, ID_IPV6_ADDR_RANGE -> true;
                    case ID_IPV4_ADDR, ID_FQDN, ID_USER_FQDN, ID_IPV6_ADDR, ID_DER_ASN1_DN, ID_DER_ASN1_GN, ID_KEY_ID -> false;
                })
                .isPresent();
        Optional<Identity> identity =
                traffic ? Optional.empty() : Identity.fromWire(payload.idType(), payload.data().toArray());
        return identity.orElseThrow(() -> new Objection(
                NotifyType.INVALID_ID_INFORMATION, "sent an identity of type " + payload.idType() + " that we cannot read"));
    }

    // ---- phase 2

    /** @throws Objection for what one ID payload cannot say: several ports that are not all */
    static IdPayload payload(TrafficSelector selector) {
        boolean single = selector.startPort() == selector.endPort();
        if (!single && !selector.anyPort()) {
            throw new Objection(NotifyType.INVALID_ID_INFORMATION, "a range of ports, as in " + selector + ", is nothing IKEv1 can say");
        }
        int port = single ? selector.startPort() : 0;
        AddressRange range = selector.range();
        boolean four = selector.family() == AddressFamily.IPV4;
        Bytes from = Bytes.of(range.from().getAddress());
        if (range.isSingle()) {
            return payload(four ? IdType.ID_IPV4_ADDR : IdType.ID_IPV6_ADDR, selector.protocol(), port, from);
        }
        int bits = commonBits(range);
        if (AddressRange.prefix(range.from(), bits).equals(range)) {
            IdType type = four ? IdType.ID_IPV4_ADDR_SUBNET : IdType.ID_IPV6_ADDR_SUBNET;
            return payload(type, selector.protocol(), port, Bytes.concat(from, mask(bits, selector.family())));
        }
        IdType type = four ? IdType.ID_IPV4_ADDR_RANGE : IdType.ID_IPV6_ADDR_RANGE;
        return payload(type, selector.protocol(), port, Bytes.concat(from, Bytes.of(range.to().getAddress())));
    }

    private static IdPayload payload(IdType type, int protocol, int port, Bytes data) {
        return new IdPayload(type.number(), protocol, port, data);
    }

    private static int commonBits(AddressRange range) {
        byte[] from = range.from().getAddress();
        byte[] to = range.to().getAddress();
        int bits = 0;
        while (bits < from.length * Byte.SIZE
                && ((from[bits / Byte.SIZE] ^ to[bits / Byte.SIZE]) & 0x80 >> bits % Byte.SIZE) == 0) {
            bits++;
        }
        return bits;
    }

    private static Bytes mask(int bits, AddressFamily family) {
        byte[] mask = new byte[family.bits() / Byte.SIZE];
        for (int bit = 0; bit < bits; bit++) {
            mask[bit / Byte.SIZE] |= (byte) (0x80 >> bit % Byte.SIZE);
        }
        return Bytes.wrap(mask);
    }

    /** @throws Objection if it is no traffic, its mask has holes, or its range runs downwards */
    static TrafficSelector selector(IdPayload payload) {
        IdType type = IdType.byNumber(payload.idType())
                .orElseThrow(() -> new Objection(
                        NotifyType.INVALID_ID_INFORMATION, "asks for traffic by an ID payload of type " + payload.idType()));
        Bytes data = payload.data();
        AddressRange range = switch (type) {
            case ID_IPV4_ADDR, ID_IPV6_ADDR -> AddressRange.of(Ip.of(data.toArray()));
            case ID_IPV4_ADDR_SUBNET, ID_IPV6_ADDR_SUBNET -> subnet(data);
            case ID_IPV4_ADDR_RANGE, ID_IPV6_ADDR_RANGE -> {
                InetAddress from = Ip.of(data.slice(0, data.length() / 2).toArray());
                InetAddress to = Ip.of(data.from(data.length() / 2).toArray());
                if (Arrays.compareUnsigned(from.getAddress(), to.getAddress()) > 0) {
                    throw new Objection(NotifyType.INVALID_ID_INFORMATION, "asks for a range of addresses that runs downwards");
                }
                yield new AddressRange(from, to);
            }
            case ID_FQDN, ID_USER_FQDN, ID_DER_ASN1_DN, ID_DER_ASN1_GN, ID_KEY_ID ->
                throw new Objection(NotifyType.INVALID_ID_INFORMATION, "asks for traffic by " + type);
        };
        int port = payload.port();
        return port == 0
                ? new TrafficSelector(payload.protocol(), 0, TrafficSelector.MAX_PORT, range)
                : new TrafficSelector(payload.protocol(), port, port, range);
    }

    private static AddressRange subnet(Bytes data) {
        byte[] mask = data.from(data.length() / 2).toArray();
        int bits = 0;
        while (bits < mask.length * Byte.SIZE && (mask[bits / Byte.SIZE] & 0x80 >> bits % Byte.SIZE) != 0) {
            bits++;
        }
        InetAddress address = Ip.of(data.slice(0, data.length() / 2).toArray());
        if (!Bytes.wrap(mask).equals(mask(bits, AddressFamily.of(address)))) {
            throw new Objection(NotifyType.INVALID_ID_INFORMATION, "asks for a subnet whose mask has holes");
        }
        return AddressRange.prefix(address, bits);
    }
}
