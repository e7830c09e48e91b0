package org.xfrmagent.policies.algorithm;

/** The protocol a proposal or an SPI belongs to (RFC 7296 section 3.3.1). */
public enum Protocol {
    IKE(1),
    AH(2),
    ESP(3);

    private final int ikev2;

    Protocol(int ikev2) {
        this.ikev2 = ikev2;
    }

    /** The protocol id on the wire. */
    public int ikev2() {
        return ikev2;
    }
}
