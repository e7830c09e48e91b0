package org.xfrmagent.netlink.netlink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One message as it was received.
 *
 * <pre>
 * struct nlmsghdr { u32 len; u16 type; u16 flags; u32 seq; u32 pid; }   16 octets, then the payload, padded to 4
 * </pre>
 */
public final class NetlinkMessage {
    static final int HEADER = 16;
    static final int NLMSG_ERROR = 2;
    static final int NLMSG_DONE = 3;
    static final int NLM_F_DUMP_INTR = 0x10;
    static final int NLM_F_CAPPED = 0x100;
    static final int NLM_F_ACK_TLVS = 0x200;

    private final int type;
    private final int flags;
    private final int sequence;
    private final byte[] datagram;
    private final int from;
    private final int to;

    private NetlinkMessage(int type, int flags, int sequence, byte[] datagram, int from, int to) {
        this.type = type;
        this.flags = flags;
        this.sequence = sequence;
        this.datagram = datagram;
        this.from = from;
        this.to = to;
    }

    /** Cuts a datagram of the kernel into its messages. */
    public static List<NetlinkMessage> readAll(byte[] datagram) throws MalformedMessage {
        List<NetlinkMessage> messages = new ArrayList<>();
        int at = 0;
        while (datagram.length - at >= HEADER) {
            StructReader header = new StructReader(datagram, at, at + HEADER);
            int length = header.u32();
            if (length < HEADER || length > datagram.length - at) {
                throw new MalformedMessage("a netlink message of " + length + " octets where " + (datagram.length - at) + " are left");
            }
            messages.add(new NetlinkMessage(header.u16(), header.u16(), header.u32(), datagram, at + HEADER, at + length));
            at += length + (-length & 3);
        }
        return messages;
    }

    public int type() {
        return type;
    }

    public int flags() {
        return flags;
    }

    public int sequence() {
        return sequence;
    }

    /** A new reader of the payload: a struct of the family's own, then attributes. */
    public StructReader payload() {
        return new StructReader(datagram, from, to);
    }

    /** Overwrites the payload: for messages that hold keys. */
    public void wipe() {
        Arrays.fill(datagram, from, to, (byte) 0);
    }

    @Override
    public String toString() {
        return "netlink message " + type + ", flags " + Integer.toHexString(flags) + ", " + (to - from) + " octets";
    }
}
