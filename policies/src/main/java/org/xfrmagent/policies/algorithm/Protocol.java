package org.xfrmagent.policies.algorithm;

/** The protocol a proposal or an SPI belongs to (RFC 7296 section 3.3.1), or a CPI (RFC 3173 section 3.3). */
public enum Protocol {
    IKE(1),
    AH(2),
    ESP(3),
    /** Compression goes along with one of the others: a notification agrees on it, and no proposal has it. */
    IPCOMP(0);

    private final int ikev2;

    Protocol(int ikev2) {
        this.ikev2 = ikev2;
    }

    /** The protocol id on the wire; 0 if there is none. */
    public int ikev2() {
        return ikev2;
    }
}
