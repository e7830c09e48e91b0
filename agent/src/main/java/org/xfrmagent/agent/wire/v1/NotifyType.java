package org.xfrmagent.agent.wire.v1;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The notifications of IKEv1 (RFC 2408, section 3.14.1; RFC 2407, section 4.6.3; RFC 3706, section 5.4). */
public enum NotifyType {
    INVALID_PAYLOAD_TYPE(1),
    DOI_NOT_SUPPORTED(2),
    SITUATION_NOT_SUPPORTED(3),
    INVALID_COOKIE(4),
    INVALID_MAJOR_VERSION(5),
    INVALID_MINOR_VERSION(6),
    INVALID_EXCHANGE_TYPE(7),
    INVALID_FLAGS(8),
    INVALID_MESSAGE_ID(9),
    INVALID_PROTOCOL_ID(10),
    INVALID_SPI(11),
    INVALID_TRANSFORM_ID(12),
    ATTRIBUTES_NOT_SUPPORTED(13),
    NO_PROPOSAL_CHOSEN(14),
    BAD_PROPOSAL_SYNTAX(15),
    PAYLOAD_MALFORMED(16),
    INVALID_KEY_INFORMATION(17),
    INVALID_ID_INFORMATION(18),
    INVALID_CERT_ENCODING(19),
    INVALID_CERTIFICATE(20),
    CERT_TYPE_UNSUPPORTED(21),
    INVALID_CERT_AUTHORITY(22),
    INVALID_HASH_INFORMATION(23),
    AUTHENTICATION_FAILED(24),
    INVALID_SIGNATURE(25),
    ADDRESS_NOTIFICATION(26),
    NOTIFY_SA_LIFETIME(27),
    CERTIFICATE_UNAVAILABLE(28),
    UNSUPPORTED_EXCHANGE_TYPE(29),
    UNEQUAL_PAYLOAD_LENGTHS(30),
    CONNECTED(16384),
    RESPONDER_LIFETIME(24576),
    REPLAY_STATUS(24577),
    INITIAL_CONTACT(24578),
    R_U_THERE(36136),
    R_U_THERE_ACK(36137);

    private static final int FIRST_STATUS = 16384;

    private static final Map<Integer, NotifyType> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(NotifyType::number, identity()));

    private final int number;

    NotifyType(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** Whether a number, known or not, is an error's. */
    public static boolean isError(int number) {
        return number < FIRST_STATUS;
    }

    public static Optional<NotifyType> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }

    /** The RFC's name, or {@code "error 8192"} and {@code "status 40960"}. */
    public static String nameOf(int number) {
        return byNumber(number).map(NotifyType::name).orElseGet(() -> (isError(number) ? "error " : "status ") + number);
    }
}
