package org.xfrmagent.agent.wire;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.ByteWriter;

/**
 * One payload of an IKEv2 message. Behind the generic payload header (RFC 7296, section 3.2), which the codec reads and writes,
 * each record holds the fields of its own section; reserved fields are sent as zero and ignored on receipt.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Next Payload  |C|  RESERVED   |         Payload Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public sealed interface Payload
        permits SaPayload,
                KePayload,
                IdPayload,
                CertPayload,
                CertReqPayload,
                AuthPayload,
                NoncePayload,
                NotifyPayload,
                DeletePayload,
                VendorIdPayload,
                TsPayload,
                EncryptedPayload,
                EncryptedFragmentPayload,
                ConfigurationPayload,
                EapPayload,
                UnknownPayload {
    /** Octets of the generic payload header. */
    int GENERIC_HEADER_LENGTH = 4;

    /** The payload's type as the next-payload field before it says it. */
    int typeNumber();

    /** Writes what follows the generic payload header. */
    void writeBody(ByteWriter out);

    /** The first payload of a kind, if there is one. */
    static <T extends Payload> Optional<T> first(List<Payload> payloads, Class<T> kind) {
        return payloads.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    /** All payloads of a kind, in order. */
    static <T extends Payload> List<T> all(List<Payload> payloads, Class<T> kind) {
        return payloads.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The first notification of a type, if there is one. */
    static Optional<NotifyPayload> notification(List<Payload> payloads, Notify type) {
        return all(payloads, NotifyPayload.class).stream().filter(notify -> notify.is(type)).findFirst();
    }

    /**
     * The type of the first payload that we do not know although its sender says we must. A request with one is answered with
     * UNSUPPORTED_CRITICAL_PAYLOAD naming it, and nothing of it is carried out (RFC 7296, section 2.5).
     */
    static OptionalInt unsupportedCritical(List<Payload> payloads) {
        return all(payloads, UnknownPayload.class).stream()
                .filter(UnknownPayload::critical)
                .mapToInt(UnknownPayload::type)
                .findFirst();
    }
}
