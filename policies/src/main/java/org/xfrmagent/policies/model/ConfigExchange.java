package org.xfrmagent.policies.model;

/** Who begins about an address in IKEv1's Mode Config (draft-ietf-ipsec-isakmp-mode-cfg, section 3.1). */
public enum ConfigExchange {
    /** Whoever is to have it asks for it. */
    PULL("pull"),
    /** Whoever gives it tells the other, unasked. */
    PUSH("push");

    private final String word;

    ConfigExchange(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
