package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalInt;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Mode;

/**
 * By what the packets of a child are told beside their addresses. What is to be unique comes from the serial of the first child of a line:
 * its successors keep it, since others have been told of it.
 *
 * @param reqid of a child whose peer has addresses of our pools; empty: that of its policy. It comes from the addresses, so that all SAs for
 *     them have it and nobody else's: what somebody sends under another's address is not taken (RFC 4301, section 5.2, step 4)
 */
public record Tags(Marks.Numbers marks, InterfaceIds.Numbers interfaces, OptionalInt reqid) {
    /** From here on, below 2^31: beyond what others choose. */
    private static final int REQIDS = 1 << 30;

    /** With the reqid of the policy. */
    public Tags(Marks.Numbers marks, InterfaceIds.Numbers interfaces) {
        this(marks, interfaces, OptionalInt.empty());
    }

    /** Of a child that is about to be. */
    public static Tags of(Session session, Protect protect, int serial, OptionalInt replaces) {
        return replaces.stream().boxed().flatMap(old -> session.child(old).stream()).map(ChildSa::tags).findFirst()
                .orElseGet(() -> {
                    Tags plain = of(protect, serial);
                    boolean own = protect.mode() == Mode.TUNNEL && protect.reqid().isEmpty();
                    return new Tags(plain.marks, plain.interfaces, own ? reqid(session) : OptionalInt.empty());
                });
    }

    /** Of a policy that wants nothing unique: before there is a child. */
    public static Tags of(Protect protect) {
        return of(protect, 0);
    }

    /** @param serial of a child that succeeds no other */
    static Tags of(Protect protect, int serial) {
        return new Tags(protect.marks().of(serial), protect.interfaceIds().of(serial));
    }

    /** That of SAs for the addresses that the peer has of our pools; empty if it has none. Addresses of one pool do not have the same. */
    public static OptionalInt reqid(Session session) {
        return session.phase().inner().theirs().stream().map(InetAddress::getAddress)
                .min(Comparator.<byte[]>comparingInt(octets -> octets.length).thenComparing(Arrays::compareUnsigned))
                .map(Tags::reqid)
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty());
    }

    private static int reqid(byte[] address) {
        int prefix = address.length == Integer.BYTES ? 0 : Arrays.hashCode(Arrays.copyOf(address, address.length - Integer.BYTES));
        int host = ByteBuffer.wrap(address).getInt(address.length - Integer.BYTES);
        return REQIDS | (prefix ^ host) & (REQIDS - 1);
    }

    /** Whether it is one of those that come from addresses. */
    public static boolean isReqid(int reqid) {
        return reqid >= REQIDS;
    }
}
