package org.xfrmagent.agent.wire.v1;

/** Protocol ids of the IPsec DOI (RFC 2407, section 4.4.1). */
public final class ProtocolId {
    public static final int ISAKMP = 1;
    public static final int AH = 2;
    public static final int ESP = 3;
    /** Compression (RFC 3173): its SPI is a CPI, in two octets or in four. */
    public static final int IPCOMP = 4;

    static final int IPSEC_SPI_OCTETS = 4;

    private ProtocolId() {}

    static boolean isIpsec(int protocolId) {
        return protocolId == AH || protocolId == ESP;
    }
}
