package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The payloads of IKEv2 that we read and write (RFC 7296, section 3.2): number, short notation, decoder. Numbers below 33 belong
 * to IKEv1 and are as unknown here as any other.
 */
public enum PayloadType {
    SA(33, "SA", SaPayload::decode),
    KE(34, "KE", KePayload::decode),
    ID_INITIATOR(35, "IDi", body -> IdPayload.decode(Role.INITIATOR, body)),
    ID_RESPONDER(36, "IDr", body -> IdPayload.decode(Role.RESPONDER, body)),
    CERT(37, "CERT", CertPayload::decode),
    CERTREQ(38, "CERTREQ", CertReqPayload::decode),
    AUTH(39, "AUTH", AuthPayload::decode),
    NONCE(40, "Nonce", NoncePayload::decode),
    NOTIFY(41, "N", NotifyPayload::decode),
    DELETE(42, "D", DeletePayload::decode),
    VENDOR_ID(43, "V", VendorIdPayload::decode),
    TS_INITIATOR(44, "TSi", body -> TsPayload.decode(Role.INITIATOR, body)),
    TS_RESPONDER(45, "TSr", body -> TsPayload.decode(Role.RESPONDER, body)),
    ENCRYPTED(46, "SK", EncryptedPayload::decode),
    CONFIGURATION(47, "CP", ConfigurationPayload::decode),
    EAP(48, "EAP", EapPayload::decode),
    /** RFC 7383. */
    ENCRYPTED_FRAGMENT(53, "SKF", EncryptedFragmentPayload::decode);

    /** The next-payload value after the last payload. */
    public static final int NONE = 0;

    /** Reads the octets behind a generic payload header, whose next-payload field only the encrypted payloads care about. */
    @FunctionalInterface
    interface Decoder {
        Payload decode(int nextPayload, Section body);
    }

    private static final Map<Integer, PayloadType> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(PayloadType::number, identity()));

    private final int number;
    private final String notation;

    @SuppressWarnings("ImmutableEnumChecker") // the rows above give references to static methods, which hold no state
    private final Decoder decoder;


    PayloadType(int number, String notation, Decoder decoder) {
        this.number = number;
        this.notation = notation;
        this.decoder = decoder;
    }

    PayloadType(int number, String notation, Function<Section, Payload> decoder) {
        this(number, notation, (nextPayload, body) -> decoder.apply(body));
    }

    public int number() {
        return number;
    }

    /** As the RFC's exchange diagrams write it. */
    public String notation() {
        return notation;
    }

    Payload decode(int nextPayload, Section body) {
        return decoder.decode(nextPayload, body);
    }

    public static Optional<PayloadType> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }

    /** The notation, or {@code "payload 77"}. */
    public static String notationOf(int number) {
        return byNumber(number).map(PayloadType::notation).orElseGet(() -> "payload " + number);
    }
}
