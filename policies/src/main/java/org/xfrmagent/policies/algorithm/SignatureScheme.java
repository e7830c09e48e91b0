package org.xfrmagent.policies.algorithm;

import java.util.Arrays;
import java.util.Optional;

/**
 * How a private key signs what AUTH or SIG covers: THE table of these, as {@link Algorithms} is of all others.
 *
 * <p>Those with an identifier are of RFC 7427; the others have an authentication method of their own in IKEv2, or in IKEv1 alone if they
 * are bare, and a signature in a form of its own.
 */
public enum SignatureScheme {
    RSA_SHA1("rsa-sha1", Key.RSA, Hash.SHA1, "300d06092a864886f70d0101050500"),
    RSA_SHA256("rsa-sha256", Key.RSA, Hash.SHA256, "300d06092a864886f70d01010b0500"),
    RSA_SHA384("rsa-sha384", Key.RSA, Hash.SHA384, "300d06092a864886f70d01010c0500"),
    RSA_SHA512("rsa-sha512", Key.RSA, Hash.SHA512, "300d06092a864886f70d01010d0500"),
    RSA_PSS_SHA256("rsa-pss-sha256", Key.RSA, Hash.SHA256,
            "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120"),
    RSA_PSS_SHA384("rsa-pss-sha384", Key.RSA, Hash.SHA384,
            "304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130"),
    RSA_PSS_SHA512("rsa-pss-sha512", Key.RSA, Hash.SHA512,
            "304106092a864886f70d01010a3034a00f300d06096086480165030402030500a11c301a06092a864886f70d010108300d06096086480165030402030500a203020140"),
    ECDSA_SHA256("ecdsa-sha256", Key.ECDSA, Hash.SHA256, "300a06082a8648ce3d040302"),
    ECDSA_SHA384("ecdsa-sha384", Key.ECDSA, Hash.SHA384, "300a06082a8648ce3d040303"),
    ECDSA_SHA512("ecdsa-sha512", Key.ECDSA, Hash.SHA512, "300a06082a8648ce3d040304"),
    ED25519("ed25519", Key.ED25519, Hash.IDENTITY, "300506032b6570"),
    ED448("ed448", Key.ED448, Hash.IDENTITY, "300506032b6571"),
    /** PKCS #1 v1.5 over the octets themselves, without a hash's name: how IKEv1 signs HASH_I and HASH_R (RFC 2409, section 5.1). */
    RSA_BARE("rsa", Key.RSA, Hash.IDENTITY, ""),
    /** RFC 4754: r and s one after the other, each as long as the curve's order; so the next two. */
    ECDSA_P256("ecdsa-p256", Key.ECDSA, Hash.SHA256, ""),
    ECDSA_P384("ecdsa-p384", Key.ECDSA, Hash.SHA384, ""),
    ECDSA_P521("ecdsa-p521", Key.ECDSA, Hash.SHA512, ""),
    /**
     * In the form of RFC 4754, over octets that are a hash already and not hashed again: how IKEv1 signs HASH_I and HASH_R, which are made
     * with the curve's hash for that (RFC 2409, section 5). As many octets count as the curve's order has.
     */
    ECDSA_BARE("ecdsa", Key.ECDSA, Hash.IDENTITY, "");

    /** Kinds of keys. */
    public enum Key {
        RSA,
        ECDSA,
        ED25519,
        ED448
    }

    /** Hashes, with their numbers in SIGNATURE_HASH_ALGORITHMS (RFC 7427, section 7; RFC 8420, section 2). */
    public enum Hash {
        SHA1(1),
        SHA256(2),
        SHA384(3),
        SHA512(4),
        /** The key's own algorithm hashes. */
        IDENTITY(5);

        private final int number;

        Hash(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    private final String word;
    private final Key key;
    private final Hash hash;
    private final String identifier;

    SignatureScheme(String word, Key key, Hash hash, String identifier) {
        this.word = word;
        this.key = key;
        this.hash = hash;
        this.identifier = identifier;
    }

    public String word() {
        return word;
    }

    public Key key() {
        return key;
    }

    public Hash hash() {
        return hash;
    }

    /** The DER of its AlgorithmIdentifier as hexadecimal digits (RFC 7427, appendix A); empty if it has an authentication method of its own. */
    public Optional<String> identifier() {
        return identifier.isEmpty() ? Optional.empty() : Optional.of(identifier);
    }

    public static Optional<SignatureScheme> byWord(String word) {
        return Arrays.stream(values()).filter(scheme -> scheme.word.equals(word)).findFirst();
    }
}
