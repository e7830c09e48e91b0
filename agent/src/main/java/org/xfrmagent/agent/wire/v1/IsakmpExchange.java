package org.xfrmagent.agent.wire.v1;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The exchanges of IKEv1 that we know (RFC 2408, section 3.1; RFC 2409, section 5). */
public enum IsakmpExchange {
    /** Main mode. */
    IDENTITY_PROTECTION(2, "main mode"),
    AGGRESSIVE(4, "aggressive mode"),
    INFORMATIONAL(5, "informational"),
    /** Mode Config and XAUTH, draft-ietf-ipsec-isakmp-mode-cfg. */
    TRANSACTION(6, "transaction"),
    QUICK(32, "quick mode");

    private static final Map<Integer, IsakmpExchange> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(IsakmpExchange::number, identity()));

    private final int number;
    private final String title;

    IsakmpExchange(int number, String title) {
        this.number = number;
        this.title = title;
    }

    public int number() {
        return number;
    }

    /** What people call it. */
    public String title() {
        return title;
    }

    public static Optional<IsakmpExchange> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
