package org.xfrmagent.agent.crypto;

import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc7748.X448;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/**
 * X25519 and X448 (RFC 7748, in IKE RFC 8031), by BouncyCastle's arithmetic: measured at twice the JDK's speed, and the native
 * provider has neither.
 */
final class MontgomeryCurve extends KeyExchange {
    private final boolean is25519;

    MontgomeryCurve(Algorithm row) {
        super(row);
        is25519 = row.values().secretBytes() == X25519.POINT_SIZE;
    }

    @Override
    public KeyPair generate(SecureRandom entropy) {
        byte[] scalar = new byte[secretBytes()];
        entropy.nextBytes(scalar);
        return pair(Secret.take(scalar));
    }

    /** RFC 7748's clamping of the scalar happens whenever it is used. */
    KeyPair pair(Secret scalar) {
        byte[] point = new byte[secretBytes()];
        scalar.with(octets -> {
            if (is25519) {
                X25519.scalarMultBase(octets, 0, point, 0);
            } else {
                X448.scalarMultBase(octets, 0, point, 0);
            }
            return point;
        });
        return new KeyPair(Bytes.wrap(point), scalar);
    }

    @Override
    Secret agreeOnRightLength(KeyPair own, Bytes peerPublic) throws InvalidKeyExchange {
        byte[] shared = new byte[secretBytes()];
        byte[] peer = peerPublic.toArray();
        boolean contributed = own.privateValue().with(scalar -> is25519
                ? X25519.calculateAgreement(scalar, 0, peer, 0, shared, 0)
                : X448.calculateAgreement(scalar, 0, peer, 0, shared, 0));
        if (!contributed) {
            // RFC 8031 section 2: an all-zero result means a point of small order.
            throw new InvalidKeyExchange("the peer's " + this + " value is a point of small order");
        }
        return Secret.take(shared);
    }
}
