package org.xfrmagent.agent.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * What stands in the data of the notifications that have a structure. The readers take a payload that came out of the decoder,
 * which has checked the lengths in {@link Notify}; on anything else they throw {@link Malformed}.
 */
public final class NotifyData {
    private NotifyData() {}

    /** UNSUPPORTED_CRITICAL_PAYLOAD: the payload type in one octet (RFC 7296, section 2.5). */
    public static NotifyPayload unsupportedCriticalPayload(int payloadType) {
        return NotifyPayload.of(
                Notify.UNSUPPORTED_CRITICAL_PAYLOAD,
                new ByteWriter(1).u8(Field.u8("payload type", payloadType)).toBytes());
    }

    public static int payloadType(NotifyPayload unsupportedCritical) {
        return read(unsupportedCritical).u8();
    }

    /** INVALID_KE_PAYLOAD: the key exchange method that is wanted, in two octets (RFC 7296, section 1.3). */
    public static NotifyPayload invalidKePayload(int group) {
        return NotifyPayload.of(Notify.INVALID_KE_PAYLOAD, new ByteWriter(2).u16(Field.u16("key exchange method", group)).toBytes());
    }

    public static int group(NotifyPayload invalidKe) {
        return read(invalidKe).u16();
    }

    /** DEFLATE among the transform ids of IPCOMP_SUPPORTED. */
    public static final int IPCOMP_DEFLATE = 2;

    /** IPCOMP_SUPPORTED: a CPI in two octets, the transform in one, and no attributes (RFC 7296, section 2.22). */
    public static NotifyPayload ipcompSupported(int cpi) {
        return NotifyPayload.of(Notify.IPCOMP_SUPPORTED, new ByteWriter(3).u16(Field.u16("CPI", cpi)).u8(IPCOMP_DEFLATE).toBytes());
    }

    public static int cpi(NotifyPayload ipcompSupported) {
        return read(ipcompSupported).u16();
    }

    public static int ipcompTransform(NotifyPayload ipcompSupported) {
        Section in = read(ipcompSupported);
        in.u16();
        return in.u8();
    }

    /** INVALID_MESSAGE_ID: the offending id in four octets (RFC 7296, section 2.3). */
    public static NotifyPayload invalidMessageId(int messageId) {
        return NotifyPayload.of(Notify.INVALID_MESSAGE_ID, new ByteWriter(4).i32(messageId).toBytes());
    }

    public static int messageId(NotifyPayload invalidMessageId) {
        return read(invalidMessageId).i32();
    }

    /** SET_WINDOW_SIZE: requests in flight, 0 to 2^32 - 1 in four octets (RFC 7296, section 2.3). */
    public static long windowSize(NotifyPayload setWindowSize) {
        return read(setWindowSize).u32();
    }

    /** AUTH_LIFETIME: whole seconds until the peer wants to be authenticated anew, in four octets (RFC 4478, section 3). */
    public static NotifyPayload authLifetime(Duration left) {
        return NotifyPayload.of(Notify.AUTH_LIFETIME, new ByteWriter(4).i32((int) left.toSeconds()).toBytes());
    }

    public static Duration lifetime(NotifyPayload authLifetime) {
        return Duration.ofSeconds(read(authLifetime).u32());
    }

    /** SIGNATURE_HASH_ALGORITHMS: the hashes that the sender can verify, two octets each (RFC 7427, section 4). */
    public static NotifyPayload signatureHashAlgorithms(List<Integer> hashes) {
        ByteWriter out = new ByteWriter(2 * hashes.size());
        hashes.forEach(hash -> out.u16(Field.u16("hash algorithm", hash)));
        return NotifyPayload.of(Notify.SIGNATURE_HASH_ALGORITHMS, out.toBytes());
    }

    public static List<Integer> hashAlgorithms(NotifyPayload signatureHashAlgorithms) {
        Section in = read(signatureHashAlgorithms);
        List<Integer> hashes = new ArrayList<>();
        while (!in.atEnd()) {
            hashes.add(in.u16());
        }
        return List.copyOf(hashes);
    }

    /** ADDITIONAL_IP4_ADDRESS or ADDITIONAL_IP6_ADDRESS: 4 or 16 octets (RFC 4555, section 4.2). */
    public static NotifyPayload additionalAddress(InetAddress address) {
        Bytes octets = Bytes.of(address.getAddress());
        return NotifyPayload.of(
                octets.length() == IdType.ID_IPV4_ADDR.addressLength() ? Notify.ADDITIONAL_IP4_ADDRESS : Notify.ADDITIONAL_IP6_ADDRESS,
                octets);
    }

    public static InetAddress address(NotifyPayload additionalAddress) {
        try {
            return InetAddress.getByAddress(additionalAddress.data().toArray());
        } catch (UnknownHostException notAnAddress) {
            throw read(additionalAddress).malformed(additionalAddress.data().length() + " octets are no IP address");
        }
    }

    private static Section read(NotifyPayload notify) {
        return Section.of("N(" + Notify.nameOf(notify.type()) + ")", notify.data());
    }
}
