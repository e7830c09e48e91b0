package org.xfrmagent.policies.algorithm;

/** What a transform decides (RFC 7296 section 3.3.2; type 4 by its newer name, RFC 9370). */
public enum TransformType {
    ENCR(1, "encryption"),
    PRF(2, "PRF"),
    INTEG(3, "integrity"),
    KE(4, "key exchange"),
    ESN(5, "sequence number");

    private final int ikev2;
    private final String word;

    TransformType(int ikev2, String word) {
        this.ikev2 = ikev2;
        this.word = word;
    }

    /** The transform type on the wire. */
    public int ikev2() {
        return ikev2;
    }

    /** How a sentence names this kind of algorithm. */
    public String word() {
        return word;
    }
}
