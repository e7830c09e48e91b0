package org.xfrmagent.agent.radius;

import java.util.Arrays;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;

/**
 * User-Password of RFC 2865, section 5.2: in blocks of 16 octets, each under a hash of the secret that both ends have and of what went before.
 *
 * <pre>
 *   c1 = p1 xor MD5(S + RA)     c2 = p2 xor MD5(S + c1)     ...
 * </pre>
 */
final class HiddenPassword {
    /** In octets. */
    static final int LONGEST = 128;

    private static final int BLOCK = 16;

    private HiddenPassword() {}

    /** @param authenticator of the question that it is in */
    static Bytes of(Secret password, Secret secret, Bytes authenticator) {
        byte[] clear = password.copy();
        byte[] octets = Arrays.copyOf(clear, Math.max(1, (clear.length + BLOCK - 1) / BLOCK) * BLOCK);
        Arrays.fill(clear, (byte) 0);
        Bytes before = authenticator;
        for (int at = 0; at < octets.length; at += BLOCK) {
            Bytes pad = Hashes.md5(Bytes.empty(), secret, before);
            for (int i = 0; i < BLOCK; i++) {
                octets[at + i] ^= (byte) pad.u8(i);
            }
            before = Bytes.of(octets, at, BLOCK);
        }
        return Bytes.wrap(octets);
    }
}
