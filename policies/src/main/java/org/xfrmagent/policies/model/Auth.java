package org.xfrmagent.policies.model;

/** How one side proves its identity. */
public enum Auth {
    PSK("psk", true),
    PUBKEY("pubkey", true),
    EAP("eap", false),
    /** With the other side's means, and then, as a user, with a password (XAUTH). */
    XAUTH("xauth", true),
    /** Only as a user with a password, while the other side has {@link #PUBKEY} (draft-ietf-ipsec-isakmp-hybrid-auth-05). */
    HYBRID("hybrid", true);

    private final String word;
    private final boolean supported;

    Auth(String word, boolean supported) {
        this.word = word;
        this.supported = supported;
    }

    public String word() {
        return word;
    }

    /** Whether the engine can do it yet. */
    public boolean supported() {
        return supported;
    }
}
