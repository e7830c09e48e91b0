package org.xfrmagent.policies.model;

import java.util.Optional;

/**
 * Where a private key is, or a container with some.
 *
 * @param from the file, or what is in its place
 * @param passphrase what it is encrypted with, if it is; of a key in a token, its PIN
 */
public record PrivateKeyRef(SecretRef from, Optional<SecretRef> passphrase) {
    /** One that is not encrypted. */
    public static PrivateKeyRef of(SecretRef from) {
        return new PrivateKeyRef(from, Optional.empty());
    }

    /** As sentences name it. */
    @Override
    public String toString() {
        return from.toString();
    }
}
