package org.xfrmagent.agent.wire.v1;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The kinds of identity and, in phase 2, of traffic (RFC 2407, section 4.6.2.1): number, and octets of data, 0 if they vary. */
public enum IdType {
    ID_IPV4_ADDR(1, 4),
    ID_FQDN(2, 0),
    ID_USER_FQDN(3, 0),
    ID_IPV4_ADDR_SUBNET(4, 8),
    ID_IPV6_ADDR(5, 16),
    ID_IPV6_ADDR_SUBNET(6, 32),
    ID_IPV4_ADDR_RANGE(7, 8),
    ID_IPV6_ADDR_RANGE(8, 32),
    ID_DER_ASN1_DN(9, 0),
    ID_DER_ASN1_GN(10, 0),
    ID_KEY_ID(11, 0);

    private static final Map<Integer, IdType> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(IdType::number, identity()));

    private final int number;
    private final int length;

    IdType(int number, int length) {
        this.number = number;
        this.length = length;
    }

    public int number() {
        return number;
    }

    /** Octets of its data, 0 if they vary. */
    public int length() {
        return length;
    }

    public static Optional<IdType> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
