package org.xfrmagent.agent.crypto;

import java.security.SecureRandom;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.TransformType;

/**
 * One Diffie-Hellman group or curve (RFC 7296 section 1.2, transform type 4). Both sides do the same: generate, exchange public
 * values, agree. Holds no key; safe for threads.
 */
public abstract sealed class KeyExchange permits ModpGroup, EcpGroup, MontgomeryCurve {
    private final Algorithm row;

    KeyExchange(Algorithm row) {
        this.row = row;
    }

    /** The group of a row of the algorithm table. */
    public static KeyExchange of(Algorithm ke) {
        return of(ke, Providers.best());
    }

    static KeyExchange of(Algorithm ke, Providers providers) {
        return providers.exchange(ke.keyword(), () -> make(ke, providers));
    }

    private static KeyExchange make(Algorithm ke, Providers providers) {
        String name = ke.type() == TransformType.KE ? ke.jca().orElse("") : "";
        return switch (name) {
            case "DH" -> new ModpGroup(ke);
            case "X25519", "X448" -> new MontgomeryCurve(ke);
            case "secp256r1", "secp384r1", "secp521r1" -> new EcpGroup(ke, name, providers);
            default -> throw new IllegalArgumentException(ke + " is no key exchange that both sides do alike");
        };
    }

    final Algorithm row() {
        return row;
    }

    final int secretBytes() {
        return row.values().secretBytes();
    }

    /**
     * A fresh key pair, for one exchange.
     *
     * @param entropy where the private value comes from; the native provider's curves take theirs from its own generator
     */
    public abstract KeyPair generate(SecureRandom entropy);

    /**
     * The shared secret g^ir, of the length the group prescribes.
     *
     * @throws InvalidKeyExchange if the peer's value has another length than the group's or is one that RFC 6989 or RFC 8031
     *     forbids
     */
    public final Secret agree(KeyPair own, Bytes peerPublic) throws InvalidKeyExchange {
        int expected = row.values().initiatorBytes();
        if (peerPublic.length() != expected) {
            throw new InvalidKeyExchange(
                    "the peer's " + row + " value has " + peerPublic.length() + " octets, expected " + expected);
        }
        return agreeOnRightLength(own, peerPublic);
    }

    abstract Secret agreeOnRightLength(KeyPair own, Bytes peerPublic) throws InvalidKeyExchange;

    @Override
    public final String toString() {
        return row.keyword();
    }
}
