package org.xfrmagent.policies.model;

/** How one side proves its identity. */
public enum Auth {
    PSK("psk"),
    PUBKEY("pubkey"),
    /** As a user, by a method of EAP; the other side by {@link #PUBKEY} or {@link #PSK} (RFC 7296, section 2.16). */
    EAP("eap"),
    /** With the other side's means, and then, as a user, with a password (XAUTH). */
    XAUTH("xauth"),
    /** Only as a user with a password, while the other side has {@link #PUBKEY} (draft-ietf-ipsec-isakmp-hybrid-auth-05). */
    HYBRID("hybrid");

    private final String word;

    Auth(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
