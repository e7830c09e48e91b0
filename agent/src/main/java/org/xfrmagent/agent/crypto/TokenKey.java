package org.xfrmagent.agent.crypto;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/**
 * A private key that never leaves a token: a smartcard, an HSM, a TPM (PKCS #11). Its signature is waited for, perhaps for seconds, so only a job may
 * ask for one.
 */
public interface TokenKey extends SigningKey {
    /** The DER of its public half, as SubjectPublicKeyInfo. */
    Bytes publicKey();

    /** Whether the token has a mechanism for it: many cards have none for RSASSA-PSS. */
    boolean signsBy(SignatureScheme scheme);

    /** @throws CannotSign if the token is not there, does not answer in time, or refuses */
    @Override
    Bytes sign(SignatureScheme scheme, Bytes octets);
}
