package org.xfrmagent.agent.radius;

import java.util.Arrays;
import java.util.Optional;

/** What a packet is (RFC 2865, section 4, RFC 2866, section 4). */
enum RadiusCode {
    ACCESS_REQUEST(1),
    ACCESS_ACCEPT(2),
    ACCESS_REJECT(3),
    ACCOUNTING_REQUEST(4),
    ACCOUNTING_RESPONSE(5),
    ACCESS_CHALLENGE(11);

    private final int number;

    RadiusCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static Optional<RadiusCode> byNumber(int number) {
        return Arrays.stream(values()).filter(code -> code.number == number).findFirst();
    }
}
