package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The notifications (RFC 7296, section 3.10.1, and IANA's "IKEv2 Notify Message Types"): number, and how many octets of data
 * the decoder accepts. Rows without lengths take any, as most specifications want surplus data ignored.
 */
public enum Notify {
    UNSUPPORTED_CRITICAL_PAYLOAD(1, 1, 1),
    INVALID_IKE_SPI(4),
    INVALID_MAJOR_VERSION(5),
    INVALID_SYNTAX(7),
    INVALID_MESSAGE_ID(9, 4, 4),
    INVALID_SPI(11, 4, 4),
    NO_PROPOSAL_CHOSEN(14),
    INVALID_KE_PAYLOAD(17, 2, 2),
    AUTHENTICATION_FAILED(24),
    SINGLE_PAIR_REQUIRED(34),
    NO_ADDITIONAL_SAS(35),
    INTERNAL_ADDRESS_FAILURE(36),
    FAILED_CP_REQUIRED(37),
    TS_UNACCEPTABLE(38),
    INVALID_SELECTORS(39),
    /** RFC 4555, as is the next. */
    UNACCEPTABLE_ADDRESSES(40),
    UNEXPECTED_NAT_DETECTED(41),
    /** RFC 5026. */
    USE_ASSIGNED_HOA(42),
    TEMPORARY_FAILURE(43),
    CHILD_SA_NOT_FOUND(44),
    /** RFC 9370. */
    STATE_NOT_FOUND(47),
    /** RFC 9611. */
    TS_MAX_QUEUE(48),

    INITIAL_CONTACT(16384),
    SET_WINDOW_SIZE(16385, 4, 4),
    ADDITIONAL_TS_POSSIBLE(16386),
    IPCOMP_SUPPORTED(16387, 3, Limits.MESSAGE_OCTETS),
    NAT_DETECTION_SOURCE_IP(16388, 20, 20),
    NAT_DETECTION_DESTINATION_IP(16389, 20, 20),
    COOKIE(16390, 1, 64),
    USE_TRANSPORT_MODE(16391),
    HTTP_CERT_LOOKUP_SUPPORTED(16392),
    REKEY_SA(16393),
    ESP_TFC_PADDING_NOT_SUPPORTED(16394),
    NON_FIRST_FRAGMENTS_ALSO(16395),
    /** RFC 4555, as are the next six. */
    MOBIKE_SUPPORTED(16396),
    ADDITIONAL_IP4_ADDRESS(16397, 4, 4),
    ADDITIONAL_IP6_ADDRESS(16398, 16, 16),
    NO_ADDITIONAL_ADDRESSES(16399),
    UPDATE_SA_ADDRESSES(16400),
    COOKIE2(16401, 8, 64),
    NO_NATS_ALLOWED(16402, 12, 36),
    /** RFC 4478. */
    AUTH_LIFETIME(16403, 4, 4),
    /** RFC 4739, as is the next. */
    MULTIPLE_AUTH_SUPPORTED(16404),
    ANOTHER_AUTH_FOLLOWS(16405),
    /** RFC 5685, as are the next two. */
    REDIRECT_SUPPORTED(16406),
    REDIRECT(16407, 2, Limits.MESSAGE_OCTETS),
    REDIRECTED_FROM(16408, 2, Limits.MESSAGE_OCTETS),
    /** RFC 5723, as are the next four. */
    TICKET_LT_OPAQUE(16409, 4, Limits.MESSAGE_OCTETS),
    TICKET_REQUEST(16410),
    TICKET_ACK(16411),
    TICKET_NACK(16412),
    TICKET_OPAQUE(16413),
    /** RFC 5739. */
    LINK_ID(16414),
    /** RFC 5840. */
    USE_WESP_MODE(16415),
    /** RFC 5857. */
    ROHC_SUPPORTED(16416),
    /** RFC 5998. */
    EAP_ONLY_AUTHENTICATION(16417),
    /** RFC 6023. */
    CHILDLESS_IKEV2_SUPPORTED(16418),
    /** RFC 6290. */
    QUICK_CRASH_DETECTION(16419),
    /** RFC 6311, as are the next three. */
    IKEV2_MESSAGE_ID_SYNC_SUPPORTED(16420),
    IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED(16421),
    IKEV2_MESSAGE_ID_SYNC(16422, 12, 12),
    IPSEC_REPLAY_COUNTER_SYNC(16423, 4, 8),
    /** RFC 6467. */
    SECURE_PASSWORD_METHODS(16424),
    /** RFC 6631, as is the next. */
    PSK_PERSIST(16425),
    PSK_CONFIRM(16426),
    /** RFC 6867. */
    ERX_SUPPORTED(16427),
    /** 3GPP TS 24.303. */
    IFOM_CAPABILITY(16428),
    /** RFC 7383. */
    IKEV2_FRAGMENTATION_SUPPORTED(16430),
    /** RFC 7427. */
    SIGNATURE_HASH_ALGORITHMS(16431, 2, Limits.MESSAGE_OCTETS),
    /** RFC 7791, as is the next. */
    CLONE_IKE_SA_SUPPORTED(16432),
    CLONE_IKE_SA(16433),
    /** RFC 8019. */
    PUZZLE(16434, 3, 3),
    /** RFC 8784, as are the next two. */
    USE_PPK(16435),
    /** Of a responder that uses it: without data. */
    PPK_IDENTITY(16436, 0, Limits.MESSAGE_OCTETS),
    NO_PPK_AUTH(16437, 1, Limits.MESSAGE_OCTETS),
    /** RFC 9242. */
    INTERMEDIATE_EXCHANGE_SUPPORTED(16438),
    /** RFC 8983, as is the next. */
    IP4_ALLOWED(16439),
    IP6_ALLOWED(16440),
    /** RFC 9370. */
    ADDITIONAL_KEY_EXCHANGE(16441, 1, Limits.MESSAGE_OCTETS),
    /** RFC 9347. */
    USE_AGGFRAG(16442, 1, Limits.MESSAGE_OCTETS),
    /** RFC 9593. */
    SUPPORTED_AUTH_METHODS(16443),
    /** RFC 9611. */
    SA_RESOURCE_INFO(16444),
    /** RFC 9867, as is the next. */
    USE_PPK_INT(16445),
    PPK_IDENTITY_KEY(16446, 1, Limits.MESSAGE_OCTETS);

    private static final int FIRST_STATUS = 16384;

    private static final Map<Integer, Notify> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(Notify::number, identity()));

    private final int number;
    private final int minLength;
    private final int maxLength;

    Notify(int number, int minLength, int maxLength) {
        this.number = number;
        this.minLength = minLength;
        this.maxLength = maxLength;
    }

    Notify(int number) {
        this(number, 0, Limits.MESSAGE_OCTETS);
    }

    public int number() {
        return number;
    }

    /** Octets of data at least. */
    public int minLength() {
        return minLength;
    }

    /** Octets of data at most. */
    public int maxLength() {
        return maxLength;
    }

    public boolean isError() {
        return isError(number);
    }

    /** Whether a number, known or not, is an error's. */
    public static boolean isError(int number) {
        return number < FIRST_STATUS;
    }

    public static Optional<Notify> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }

    /** The RFC's name, or {@code "error 8192"} and {@code "status 40960"}. */
    public static String nameOf(int number) {
        return byNumber(number).map(Notify::name).orElseGet(() -> (isError(number) ? "error " : "status ") + number);
    }
}
