package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** What a Configuration payload does (RFC 7296, section 3.15). */
public enum ConfigType {
    CFG_REQUEST(1),
    CFG_REPLY(2),
    CFG_SET(3),
    CFG_ACK(4);

    private static final Map<Integer, ConfigType> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(ConfigType::number, identity()));

    private final int number;

    ConfigType(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Optional<ConfigType> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
