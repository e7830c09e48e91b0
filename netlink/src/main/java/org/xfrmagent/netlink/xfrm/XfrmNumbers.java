package org.xfrmagent.netlink.xfrm;

/** The numbers of linux/xfrm.h: message types, attributes, multicast groups. */
final class XfrmNumbers {
    static final int NEWSA = 0x10;
    static final int DELSA = 0x11;
    static final int GETSA = 0x12;
    static final int NEWPOLICY = 0x13;
    static final int DELPOLICY = 0x14;
    static final int GETPOLICY = 0x15;
    static final int ALLOCSPI = 0x16;
    static final int ACQUIRE = 0x17;
    static final int EXPIRE = 0x18;
    static final int UPDPOLICY = 0x19;
    static final int UPDSA = 0x1a;
    static final int POLEXPIRE = 0x1b;
    static final int FLUSHSA = 0x1c;
    static final int FLUSHPOLICY = 0x1d;
    static final int NEWAE = 0x1e;
    static final int GETAE = 0x1f;
    static final int MIGRATE = 0x21;
    static final int GETSADINFO = 0x23;
    static final int GETSPDINFO = 0x25;
    static final int MAPPING = 0x26;
    static final int SETDEFAULT = 0x27;
    static final int GETDEFAULT = 0x28;

    static final int XFRMA_ALG_AUTH = 1;
    static final int XFRMA_ALG_CRYPT = 2;
    static final int XFRMA_ALG_COMP = 3;
    static final int XFRMA_ENCAP = 4;
    static final int XFRMA_TMPL = 5;
    static final int XFRMA_SA = 6;
    static final int XFRMA_POLICY = 7;
    static final int XFRMA_LTIME_VAL = 9;
    static final int XFRMA_REPLAY_VAL = 10;
    static final int XFRMA_SRCADDR = 13;
    static final int XFRMA_LASTUSED = 15;
    static final int XFRMA_POLICY_TYPE = 16;
    static final int XFRMA_MIGRATE = 17;
    static final int XFRMA_ALG_AEAD = 18;
    static final int XFRMA_KMADDRESS = 19;
    static final int XFRMA_ALG_AUTH_TRUNC = 20;
    static final int XFRMA_MARK = 21;
    static final int XFRMA_TFCPAD = 22;
    static final int XFRMA_REPLAY_ESN_VAL = 23;
    static final int XFRMA_SA_EXTRA_FLAGS = 24;
    static final int XFRMA_OFFLOAD_DEV = 28;
    static final int XFRMA_SET_MARK = 29;
    static final int XFRMA_SET_MARK_MASK = 30;
    static final int XFRMA_IF_ID = 31;
    static final int XFRMA_SA_DIR = 33;
    static final int XFRMA_NAT_KEEPALIVE_INTERVAL = 34;

    private XfrmNumbers() {}
}
