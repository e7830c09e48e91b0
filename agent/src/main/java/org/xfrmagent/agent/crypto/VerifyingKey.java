package org.xfrmagent.agent.crypto;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** A public key. */
public interface VerifyingKey {
    SignatureScheme.Key kind();

    /** Bits of an RSA modulus, or of a curve's order. */
    int bits();

    /** Whether {@code signature} is this key's of {@code octets}: false for whatever is wrong with it. */
    boolean verifies(SignatureScheme scheme, Bytes octets, Bytes signature);
}
