package org.xfrmagent.netlink.netlink;

import java.io.IOException;
import org.xfrmagent.netlink.linux.Errno;

/** The kernel refused a request. The message names what was asked, the error, and the kernel's own explanation if it gave one. */
public final class NetlinkException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Errno errno;
    private final String explanation;

    public NetlinkException(Errno errno, String explanation, Object subject) {
        super(subject + ": " + errno + (explanation.isEmpty() ? "" : ": " + explanation));
        this.errno = errno;
        this.explanation = explanation;
    }

    public Errno errno() {
        return errno;
    }

    public boolean is(Errno other) {
        return errno.equals(other);
    }

    /** The text of the extended acknowledgement (NETLINK_EXT_ACK), or empty. */
    public String explanation() {
        return explanation;
    }

    /**
     * Reads an NLMSG_ERROR or a failed NLMSG_DONE.
     *
     * <pre>
     * struct nlmsgerr { int error; struct nlmsghdr msg; }   then the request's payload unless NLM_F_CAPPED, then, with
     *                                                      NLM_F_ACK_TLVS, attributes: MSG 1, OFFS 2, MISS_TYPE 5
     * </pre>
     */
    static NetlinkException read(NetlinkMessage message, Object subject) throws MalformedMessage {
        StructReader from = message.payload();
        int error = -from.u32();
        if (message.type() == NetlinkMessage.NLMSG_ERROR) {
            int length = from.u32();
            from.skip(NetlinkMessage.HEADER - 4);
            if ((message.flags() & NetlinkMessage.NLM_F_CAPPED) == 0) {
                from.skip((length - NetlinkMessage.HEADER + 3) & ~3);
            }
        }
        String text = "";
        if ((message.flags() & NetlinkMessage.NLM_F_ACK_TLVS) != 0) {
            Attributes attributes = Attributes.read(from);
            text = attributes.text(1);
            int missing = attributes.u32(5, 0);
            if (missing != 0) {
                text += (text.isEmpty() ? "" : ", ") + "attribute " + missing + " is missing";
            }
            int offset = attributes.u32(2, 0);
            if (offset != 0) {
                text += (text.isEmpty() ? "" : ", ") + "at octet " + offset + " of the request";
            }
        }
        return new NetlinkException(Errno.of(error), text, subject);
    }
}
