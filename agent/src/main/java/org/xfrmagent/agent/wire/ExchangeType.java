package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The exchanges of IKEv2 (RFC 7296, section 3.1, and IANA's "IKEv2 Exchange Types"). */
public enum ExchangeType {
    IKE_SA_INIT(34),
    IKE_AUTH(35),
    CREATE_CHILD_SA(36),
    INFORMATIONAL(37),
    /** RFC 5723. */
    IKE_SESSION_RESUME(38),
    /** RFC 9242. */
    IKE_INTERMEDIATE(43),
    /** RFC 9370. */
    IKE_FOLLOWUP_KE(44);

    private static final Map<Integer, ExchangeType> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(ExchangeType::number, identity()));

    private final int number;

    ExchangeType(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Optional<ExchangeType> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
