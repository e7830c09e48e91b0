package org.xfrmagent.agent.crypto;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** A private key in memory, or in a token ({@link TokenKey}). Never shown. */
public interface SigningKey {
    SignatureScheme.Key kind();

    /** Bits of an RSA modulus, or of a curve's order. */
    int bits();

    /**
     * The signature of {@code octets}.
     *
     * @throws IllegalArgumentException if {@code scheme} is for another kind of key
     */
    Bytes sign(SignatureScheme scheme, Bytes octets);
}
