package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** What a proposal, a Notify or a Delete payload speaks of (RFC 7296, section 3.3.1), and how long its SPIs are. */
public enum ProtocolId {
    IKE(1, 8),
    AH(2, 4),
    ESP(3, 4);

    /** In a Notify payload: no SPI is meant, so neither is a protocol (section 3.10). */
    public static final int NONE = 0;

    private static final Map<Integer, ProtocolId> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(ProtocolId::number, identity()));

    private final int number;
    private final int spiLength;

    ProtocolId(int number, int spiLength) {
        this.number = number;
        this.spiLength = spiLength;
    }

    public int number() {
        return number;
    }

    /** Octets. */
    public int spiLength() {
        return spiLength;
    }

    public static Optional<ProtocolId> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
