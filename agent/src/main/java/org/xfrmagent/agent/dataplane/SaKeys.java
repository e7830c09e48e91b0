package org.xfrmagent.agent.dataplane;

import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/** The algorithms and keys of one direction. Lengths are those of the algorithm's row. */
public sealed interface SaKeys {
    /**
     * Combined mode. {@code key} is the key followed by the salt (GCM: RFC 4106, section 8.1; CCM: RFC 4309, section 7.1; ChaCha20:
     * RFC 7634, section 2).
     */
    record Aead(Algorithm algorithm, Secret key) implements SaKeys {}

    /** A cipher (possibly NULL; CTR's key ends with its nonce, RFC 3686) with a separate integrity algorithm. */
    record CipherAndMac(Algorithm cipher, Secret cipherKey, Algorithm mac, Secret macKey) implements SaKeys {}

    /** AH. */
    record MacOnly(Algorithm mac, Secret key) implements SaKeys {}

    /** IPComp with DEFLATE (RFC 2394): it has no key. */
    record Deflate() implements SaKeys {}

    default void wipe() {
        switch (this) {
            case Aead aead -> aead.key.wipe();
            case CipherAndMac both -> {
                both.cipherKey.wipe();
                both.macKey.wipe();
            }
            case MacOnly mac -> mac.key.wipe();
            case Deflate _ -> {}
        }
    }
}
