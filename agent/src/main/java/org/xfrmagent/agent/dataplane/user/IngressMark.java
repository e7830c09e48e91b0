package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.linux.NetlinkPort;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;

/**
 * Marks the IPv6 packets that come out of the TUN interface. The kernel's SPD asks the interface for IPv4, and for IPv6 that is
 * forwarded, but not for IPv6 that is for this host; there only a mark can tell decrypted packets from clear text:
 *
 * <pre>
 *   table ip6 NAME {                                      owned by this socket: it vanishes with the program, and
 *       chain arrived {                                   "nft flush ruleset" passes it over (Linux 5.12)
 *           type filter hook prerouting priority -400;
 *           iifname NAME meta mark set MARK
 *       }
 *   }
 * </pre>
 */
final class IngressMark implements AutoCloseable {
    private static final int NETLINK_NETFILTER = 12;
    private static final int NFNL_BATCH_BEGIN = 0x10;
    private static final int NFNL_BATCH_END = 0x11;
    private static final int NFTABLES = 10;
    private static final int NEWTABLE = NFTABLES << 8;
    private static final int NEWCHAIN = NFTABLES << 8 | 3;
    private static final int NEWRULE = NFTABLES << 8 | 6;
    private static final int NLMSG_ERROR = 2;
    private static final int REQUEST = 1;
    private static final int ACKNOWLEDGE = 4;
    private static final int CREATE = 0x400;
    private static final int EXCLUSIVE = 0x200;
    private static final int APPEND = 0x800;
    private static final int NESTED = 0x8000;
    private static final int AF_INET6 = 10;
    private static final int TABLE_OWNER = 2;
    private static final int PREROUTING = 0;
    private static final int PRIORITY = -400;
    private static final int REGISTER = 1;
    private static final int META_MARK = 3;
    private static final int META_IIFNAME = 6;
    private static final int IFNAMSIZ = 16;
    private static final int PATIENCE_MILLIS = 5000;

    private final NetlinkPort port;
    private final StructWriter batch = new StructWriter();
    private int sequence;

    private IngressMark(NetlinkPort port) {
        this.port = port;
    }

    /**
     * In the calling thread's network namespace.
     *
     * @throws IOException if this kernel has no nftables, or none whose tables can be owned
     */
    static IngressMark open(String interfaceName, int mark) throws IOException {
        NetlinkPort port = NetlinkPort.open(NETLINK_NETFILTER, 0);
        try {
            IngressMark made = new IngressMark(port);
            made.install(interfaceName, mark);
            return made;
        } catch (IOException | RuntimeException refused) {
            port.close();
            throw refused;
        }
    }

    private void install(String name, int mark) throws IOException {
        message(NFNL_BATCH_BEGIN, 0, 0, NFTABLES, new StructWriter());
        message(NEWTABLE, CREATE | EXCLUSIVE, AF_INET6, 0, new StructWriter().attribute(1, name).attribute(2, be(TABLE_OWNER)));
        message(NEWCHAIN, CREATE, AF_INET6, 0, new StructWriter()
                .attribute(1, name)
                .attribute(3, "arrived")
                .attribute(4 | NESTED, hook -> hook.attribute(1, be(PREROUTING)).attribute(2, be(PRIORITY)))
                .attribute(7, "filter"));
        byte[] wanted = Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), IFNAMSIZ);
        StructWriter rule = new StructWriter().attribute(1, name).attribute(2, "arrived").attribute(4 | NESTED, list -> {
            expression(list, "meta", new StructWriter().attribute(1, be(REGISTER)).attribute(2, be(META_IIFNAME)));
            expression(list, "cmp", new StructWriter()
                    .attribute(1, be(REGISTER)).attribute(2, be(0)).attribute(3 | NESTED, data -> data.attribute(1, wanted)));
            expression(list, "immediate", new StructWriter()
                    .attribute(1, be(REGISTER)).attribute(2 | NESTED, data -> data.attribute(1, mark)));
            expression(list, "meta", new StructWriter().attribute(2, be(META_MARK)).attribute(3, be(REGISTER)));
        });
        message(NEWRULE, CREATE | APPEND | ACKNOWLEDGE, AF_INET6, 0, rule);
        int awaited = sequence;
        message(NFNL_BATCH_END, 0, 0, NFTABLES, new StructWriter());
        byte[] octets = batch.toArray();
        port.send(octets, octets.length);
        await(awaited);
    }

    /** {@code struct nfgenmsg { u8 family; u8 version; be16 resource; }} behind the header, then attributes. */
    private void message(int type, int flags, int family, int resource, StructWriter attributes) {
        byte[] body = attributes.toArray();
        batch.u32(16 + 4 + body.length).u16(type).u16(REQUEST | flags).u32(++sequence).u32(0);
        batch.u8(family).u8(0).be16(resource).bytes(body);
    }

    private static void expression(StructWriter list, String name, StructWriter data) {
        byte[] content = data.toArray();
        list.attribute(1 | NESTED, element -> element.attribute(1, name).attribute(2 | NESTED, content));
    }

    /** nftables speaks network order inside attributes. */
    private static byte[] be(int value) {
        return new StructWriter(4).be32(value).toArray();
    }

    private void await(int awaited) throws IOException {
        while (true) {
            byte[] datagram = port.receive(PATIENCE_MILLIS);
            if (datagram.length == 0) {
                throw new IOException("nftables does not answer");
            }
            for (NetlinkMessage message : NetlinkMessage.readAll(datagram)) {
                StructReader payload = message.payload();
                if (message.type() == NLMSG_ERROR) {
                    int error = -payload.u32();
                    if (error != 0) {
                        throw new IOException("nftables refuses a table of one's own: " + Errno.of(error));
                    }
                    if (message.sequence() == awaited) {
                        return;
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        port.close();
    }
}
