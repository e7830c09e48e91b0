package org.xfrmagent.policies.algorithm;

/**
 * How strongly an algorithm is recommended: RFC 8247 for IKE, RFC 8221 for ESP and AH, RFC 9395 for what was withdrawn since.
 * An algorithm those documents do not mention is a {@link #MAY}.
 */
public enum Advice {
    MUST("is required"),
    SHOULD("is recommended"),
    MAY("is optional"),
    SHOULD_NOT("should not be used any more"),
    MUST_NOT("must not be used any more");

    private final String sentence;

    Advice(String sentence) {
        this.sentence = sentence;
    }

    /** The predicate of a sentence about an algorithm, such as "should not be used any more". */
    public String sentence() {
        return sentence;
    }

    /** Whether a policy that names the algorithm deserves a warning. */
    public boolean discouraged() {
        return this == SHOULD_NOT || this == MUST_NOT;
    }
}
