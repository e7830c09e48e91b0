package org.xfrmagent.agent.wire.v1;

/** Attribute classes of phase 2, and those values that are no algorithm's (RFC 2407, section 4.5). */
public final class IpsecAttribute {
    public static final int LIFE_TYPE = 1;
    public static final int LIFE_DURATION = 2;
    public static final int GROUP = 3;
    public static final int ENCAPSULATION_MODE = 4;
    public static final int AUTHENTICATION = 5;
    public static final int KEY_LENGTH = 6;

    /** RFC 4304. */
    public static final int EXTENDED_SEQUENCE = 11;

    /** Values of {@link #LIFE_TYPE}. */
    public static final int SECONDS = 1;

    public static final int KILOBYTES = 2;

    /** Values of {@link #ENCAPSULATION_MODE}. */
    public static final int TUNNEL = 1;

    public static final int TRANSPORT = 2;

    /** RFC 3947, section 5.1, as is the next. */
    public static final int UDP_TUNNEL = 3;

    public static final int UDP_TRANSPORT = 4;

    /** draft-ietf-ipsec-nat-t-ike-02 and -03, as is the next. */
    public static final int UDP_TUNNEL_DRAFT = 61_443;

    public static final int UDP_TRANSPORT_DRAFT = 61_444;

    private IpsecAttribute() {}
}
