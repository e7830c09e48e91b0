package org.xfrmagent.agent.wire.v1;

/**
 * Attribute types of Mode Config (draft-ietf-ipsec-isakmp-mode-cfg, section 3.3), of XAUTH (draft-ietf-ipsec-isakmp-xauth-06, section
 * 6.2), and the private ones of Cisco's Unity clients.
 */
public final class ConfigAttribute {
    /** Types of an attributes payload. */
    public static final int REQUEST = 1;

    public static final int REPLY = 2;
    public static final int SET = 3;
    public static final int ACK = 4;

    public static final int INTERNAL_IP4_ADDRESS = 1;
    public static final int INTERNAL_IP4_NETMASK = 2;
    public static final int INTERNAL_IP4_DNS = 3;
    public static final int INTERNAL_IP4_NBNS = 4;
    public static final int INTERNAL_IP4_DHCP = 6;
    public static final int INTERNAL_IP6_ADDRESS = 8;
    public static final int INTERNAL_IP6_DNS = 10;
    public static final int INTERNAL_IP6_NBNS = 11;
    public static final int INTERNAL_IP6_DHCP = 12;
    public static final int INTERNAL_IP4_SUBNET = 13;
    public static final int INTERNAL_IP6_SUBNET = 15;

    public static final int XAUTH_USER_NAME = 16521;
    public static final int XAUTH_USER_PASSWORD = 16522;
    /** 1: success, 0: failure. */
    public static final int XAUTH_STATUS = 16527;

    public static final int UNITY_BANNER = 28672;
    public static final int UNITY_DEF_DOMAIN = 28674;
    /** Address and mask of a network, then six octets that are zero: all protocols and ports. */
    public static final int UNITY_SPLIT_INCLUDE = 28676;
    /** The same of networks that are reached without the tunnel. */
    public static final int UNITY_LOCAL_LAN = 28678;

    private ConfigAttribute() {}
}
