package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The kinds of traffic selector (RFC 7296, section 3.13.1) and the length of their addresses. */
public enum TsType {
    TS_IPV4_ADDR_RANGE(7, 4),
    TS_IPV6_ADDR_RANGE(8, 16);

    private static final Map<Integer, TsType> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(TsType::number, identity()));

    private final int number;
    private final int addressLength;

    TsType(int number, int addressLength) {
        this.number = number;
        this.addressLength = addressLength;
    }

    public int number() {
        return number;
    }

    /** Octets. */
    public int addressLength() {
        return addressLength;
    }

    public static Optional<TsType> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
