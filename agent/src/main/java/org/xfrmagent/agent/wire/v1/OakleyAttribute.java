package org.xfrmagent.agent.wire.v1;

/** Attribute classes of phase 1, and those values that are no algorithm's (RFC 2409, appendix A). */
public final class OakleyAttribute {
    public static final int ENCRYPTION = 1;
    public static final int HASH = 2;
    /** Its values are {@link AuthenticationMethod}. */
    public static final int AUTHENTICATION = 3;

    public static final int GROUP = 4;
    public static final int LIFE_TYPE = 11;
    public static final int LIFE_DURATION = 12;
    public static final int KEY_LENGTH = 14;

    /** Values of {@link #LIFE_TYPE}. */
    public static final int SECONDS = 1;

    public static final int KILOBYTES = 2;

    private OakleyAttribute() {}
}
