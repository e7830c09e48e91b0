package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The kinds of identity in IDi and IDr (RFC 7296, section 3.5). */
public enum IdType {
    ID_IPV4_ADDR(1, 4),
    ID_FQDN(2, 0),
    ID_RFC822_ADDR(3, 0),
    ID_IPV6_ADDR(5, 16),
    ID_DER_ASN1_DN(9, 0),
    ID_DER_ASN1_GN(10, 0),
    ID_KEY_ID(11, 0),
    /** RFC 4595. */
    ID_FC_NAME(12, 0),
    /** RFC 7619: no identity at all. */
    ID_NULL(13, 0);

    private static final Map<Integer, IdType> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(IdType::number, identity()));

    private final int number;
    private final int addressLength;

    IdType(int number, int addressLength) {
        this.number = number;
        this.addressLength = addressLength;
    }

    public int number() {
        return number;
    }

    /** Octets of the address that this is, 0 if it is something else. */
    public int addressLength() {
        return addressLength;
    }

    public static Optional<IdType> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
