package org.xfrmagent.policies.model;

/** Whether a network device encrypts and decrypts in the place of this host's processors. */
public enum Offload {
    NO("no"),
    /** Where it can. */
    AUTO("auto"),
    /** Or there is no SA. */
    REQUIRED("required");

    private final String word;

    Offload(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
