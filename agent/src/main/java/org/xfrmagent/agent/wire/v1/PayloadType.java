package org.xfrmagent.agent.wire.v1;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.xfrmagent.agent.wire.Section;

/**
 * The payloads of IKEv1 that we read and write (RFC 2408, section 3.1, and IANA's "Next Payload Types"): number, short notation,
 * decoder. Proposals and transforms are not in it: they occur inside an SA payload only.
 */
public enum PayloadType {
    SA(1, "SA", SaPayload::decode),
    KE(4, "KE", KePayload::decode),
    ID(5, "ID", IdPayload::decode),
    CERT(6, "CERT", body -> CertPayload.decode(6, body)),
    CERTREQ(7, "CR", body -> CertPayload.decode(7, body)),
    HASH(8, "HASH", HashPayload::decode),
    SIGNATURE(9, "SIG", SignaturePayload::decode),
    NONCE(10, "Nonce", NoncePayload::decode),
    NOTIFICATION(11, "N", NotificationPayload::decode),
    DELETE(12, "D", DeletePayload::decode),
    VENDOR_ID(13, "VID", VendorIdPayload::decode),
    /** draft-ietf-ipsec-isakmp-mode-cfg. */
    ATTRIBUTES(14, "ATTR", AttributesPayload::decode),
    /** RFC 3947, as is the next. */
    NAT_DISCOVERY(20, "NAT-D", body -> NatDiscoveryPayload.decode(20, body)),
    NAT_ORIGINAL_ADDRESS(21, "NAT-OA", body -> NatOriginalAddressPayload.decode(21, body)),
    /** The same two in draft-ietf-ipsec-nat-t-ike-02 and -03. */
    NAT_DISCOVERY_DRAFT(130, "NAT-D", body -> NatDiscoveryPayload.decode(130, body)),
    NAT_ORIGINAL_ADDRESS_DRAFT(131, "NAT-OA", body -> NatOriginalAddressPayload.decode(131, body)),
    /** The vendors' scheme, which {@link VendorId#FRAGMENTATION} announces. */
    FRAGMENT(132, "FRAG", FragmentPayload::decode);

    /** The next-payload value after the last payload. */
    public static final int NONE = 0;

    private static final Map<Integer, PayloadType> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(PayloadType::number, identity()));

    private final int number;
    private final String notation;

    @SuppressWarnings("ImmutableEnumChecker") // the rows above give references to static methods, which hold no state
    private final Function<Section, Payload> decoder;

    PayloadType(int number, String notation, Function<Section, Payload> decoder) {
        this.number = number;
        this.notation = notation;
        this.decoder = decoder;
    }

    public int number() {
        return number;
    }

    /** As RFC 2409's exchange diagrams write it. */
    public String notation() {
        return notation;
    }

    Payload decode(Section body) {
        return decoder.apply(body);
    }

    public static Optional<PayloadType> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }

    /** The notation, or {@code "payload 77"}. */
    public static String notationOf(int number) {
        return byNumber(number).map(PayloadType::notation).orElseGet(() -> "payload " + number);
    }
}
