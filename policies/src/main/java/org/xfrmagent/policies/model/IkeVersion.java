package org.xfrmagent.policies.model;

/** Which IKE a peer speaks. IKEv1 only ever when a policy names it (RFC 9395). */
public enum IkeVersion {
    V2("v2"),
    /** IKEv2 when we call; a peer that calls may also speak IKEv1's main mode. */
    ANY("any"),
    V1_MAIN("v1-main"),
    V1_AGGRESSIVE("v1-aggressive");

    private final String word;

    IkeVersion(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** Whether IKEv2 is spoken, by us whenever we begin. */
    public boolean hasV2() {
        return this == V2 || this == ANY;
    }
}
