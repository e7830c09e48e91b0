package org.xfrmagent.policies.model;

/** Which IKE a peer speaks. IKEv1 only ever when a policy names it (RFC 9395). */
public enum IkeVersion {
    V2("v2", true),
    V1_MAIN("v1-main", true),
    V1_AGGRESSIVE("v1-aggressive", false);

    private final String word;
    private final boolean supported;

    IkeVersion(String word, boolean supported) {
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
