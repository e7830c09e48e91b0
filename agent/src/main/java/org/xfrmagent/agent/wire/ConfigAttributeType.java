package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * The attributes of a Configuration payload (RFC 7296, section 3.15.1, and IANA's "IKEv2 Configuration Payload Attribute
 * Types") and the lengths of their values. The decoder accepts any length: one odd attribute is skipped, not the message.
 */
public enum ConfigAttributeType {
    INTERNAL_IP4_ADDRESS(1, Shape.FIXED, 4),
    INTERNAL_IP4_NETMASK(2, Shape.FIXED, 4),
    INTERNAL_IP4_DNS(3, Shape.FIXED, 4),
    INTERNAL_IP4_NBNS(4, Shape.FIXED, 4),
    INTERNAL_IP4_DHCP(6, Shape.FIXED, 4),
    APPLICATION_VERSION(7, Shape.MULTIPLE, 1),
    /** An address and, in one octet, the length of its prefix. */
    INTERNAL_IP6_ADDRESS(8, Shape.FIXED, 17),
    INTERNAL_IP6_DNS(10, Shape.FIXED, 16),
    INTERNAL_IP6_DHCP(12, Shape.FIXED, 16),
    /** An address and a mask. */
    INTERNAL_IP4_SUBNET(13, Shape.FIXED, 8),
    SUPPORTED_ATTRIBUTES(14, Shape.MULTIPLE, 2),
    INTERNAL_IP6_SUBNET(15, Shape.FIXED, 17),
    /** RFC 5739: the interface identifier and the link's id follow. */
    INTERNAL_IP6_LINK(17, Shape.MULTIPLE, 1),
    /** RFC 5739. */
    INTERNAL_IP6_PREFIX(18, Shape.FIXED, 17),
    /** RFC 7651, as is the next. */
    P_CSCF_IP4_ADDRESS(20, Shape.FIXED, 4),
    P_CSCF_IP6_ADDRESS(21, Shape.FIXED, 16),
    /** RFC 8598, as is the next. */
    INTERNAL_DNS_DOMAIN(25, Shape.MULTIPLE, 1),
    INTERNAL_DNSSEC_TA(26, Shape.MULTIPLE, 1),
    /** RFC 9464, as are the next two. */
    ENCDNS_IP4(27, Shape.MULTIPLE, 1),
    ENCDNS_IP6(28, Shape.MULTIPLE, 1),
    ENCDNS_DIGEST_INFO(29, Shape.MULTIPLE, 1);

    /** How a value may be long, besides not being there at all. */
    private enum Shape {
        FIXED,
        MULTIPLE
    }

    private static final Map<Integer, ConfigAttributeType> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(ConfigAttributeType::number, identity()));

    private final int number;
    private final Shape shape;
    private final int unit;

    ConfigAttributeType(int number, Shape shape, int unit) {
        this.number = number;
        this.shape = shape;
        this.unit = unit;
    }

    public int number() {
        return number;
    }

    /** Whether a value has a length that this attribute can have; an empty one always has. */
    public boolean fits(Bytes value) {
        return switch (shape) {
            case FIXED -> value.isEmpty() || value.length() == unit;
            case MULTIPLE -> value.length() % unit == 0;
        };
    }

    public ConfigAttribute with(Bytes value) {
        return new ConfigAttribute(number, value);
    }

    public static Optional<ConfigAttributeType> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
