package org.xfrmagent.policies.model;

/** Whether a network device encrypts and decrypts in the place of this host's processors. */
public enum Offload {
    NO("no"),
    /** Where it can. */
    AUTO("auto"),
    /** Or there is no SA. */
    REQUIRED("required"),
    /** Or there is no SA; the device sees to the whole packet and has the policies as well. */
    PACKET("packet");

    private final String word;

    Offload(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
