package org.xfrmagent.agent.radius;

import java.util.Arrays;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.eap.EapProof;

/**
 * The MSK as a server gives it: halves in MS-MPPE-Recv-Key and MS-MPPE-Send-Key (RFC 2548, sections 2.4.2 and 2.4.3).
 *
 * <pre>
 *   b(1) = MD5(secret | request authenticator | salt)     c(1) = p(1) xor b(1)
 *   b(i) = MD5(secret | c(i-1))                           c(i) = p(i) xor b(i)       p = length, key, zeros
 * </pre>
 */
final class MppeKeys {
    private static final int SALT_OCTETS = 2;
    private static final int BLOCK_OCTETS = 16;

    private MppeKeys() {}

    /** Empty unless both halves are there and can be read. */
    static Optional<Secret> msk(RadiusPacket accept, Bytes requestAuthenticator, Secret secret) {
        Optional<Secret> received = key(accept, RadiusAttribute.MS_MPPE_RECV_KEY, requestAuthenticator, secret);
        Optional<Secret> sent = key(accept, RadiusAttribute.MS_MPPE_SEND_KEY, requestAuthenticator, secret);
        try {
            return received.flatMap(first -> sent.flatMap(second -> joined(first, second)));
        } finally {
            received.ifPresent(Secret::wipe);
            sent.ifPresent(Secret::wipe);
        }
    }

    private static Optional<Secret> joined(Secret first, Secret second) {
        if (first.length() + second.length() > EapProof.MSK_OCTETS || first.length() == 0 || second.length() == 0) {
            return Optional.empty();
        }
        // MSCHAPv2's halves have 16 octets: zeros follow.
        byte[] msk = new byte[EapProof.MSK_OCTETS];
        int length = first.with(octets -> put(octets, msk, 0));
        second.with(octets -> put(octets, msk, length));
        return Optional.of(Secret.take(msk));
    }

    private static int put(byte[] octets, byte[] into, int at) {
        System.arraycopy(octets, 0, into, at, octets.length);
        return octets.length;
    }

    private static Optional<Secret> key(RadiusPacket accept, int type, Bytes requestAuthenticator, Secret secret) {
        return accept.microsoft(type).flatMap(value -> open(value, requestAuthenticator, secret));
    }

    private static Optional<Secret> open(Bytes value, Bytes requestAuthenticator, Secret secret) {
        int length = value.length() - SALT_OCTETS;
        if (length < BLOCK_OCTETS || length % BLOCK_OCTETS != 0) {
            return Optional.empty();
        }
        byte[] plain = value.from(SALT_OCTETS).toArray();
        Bytes before = Bytes.concat(requestAuthenticator, value.slice(0, SALT_OCTETS));
        for (int at = 0; at < length; at += BLOCK_OCTETS) {
            Bytes pad = Hashes.md5(Bytes.empty(), secret, before);
            before = value.slice(SALT_OCTETS + at, SALT_OCTETS + at + BLOCK_OCTETS);
            for (int i = 0; i < BLOCK_OCTETS; i++) {
                plain[at + i] ^= (byte) pad.u8(i);
            }
        }
        int size = plain[0] & 0xff;
        Optional<Secret> key = size < length ? Optional.of(Secret.take(Arrays.copyOfRange(plain, 1, 1 + size))) : Optional.empty();
        Arrays.fill(plain, (byte) 0);
        return key;
    }
}
