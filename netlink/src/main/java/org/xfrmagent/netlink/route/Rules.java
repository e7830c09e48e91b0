package org.xfrmagent.netlink.route;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.netlink.StructWriter;

/** The routing policy rules of a namespace. */
public final class Rules {
    private final NetlinkSocket socket;

    Rules(NetlinkSocket socket) {
        this.socket = socket;
    }

    public List<Rule> list(AddressFamily family) throws IOException {
        List<Rule> rules = new ArrayList<>();
        StructWriter body = new StructWriter(12).u8(family.number()).zeros(11);
        for (NetlinkMessage message : socket.dump(new NetlinkRequest(Rtnetlink.GETRULE, 0, body, "list rules"))) {
            rules.add(Rule.read(message.payload()));
        }
        return rules;
    }

    /** Adds a rule; EEXIST if there is the same already. */
    public void add(Rule rule) throws IOException {
        socket.execute(addRequest(rule));
    }

    static NetlinkRequest addRequest(Rule rule) {
        int flags = NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE;
        return new NetlinkRequest(Rtnetlink.NEWRULE, flags, rule.body(false), "add " + rule);
    }

    /** Deletes a rule; ENOENT if there is none. */
    public void delete(Rule rule) throws IOException {
        socket.execute(deleteRequest(rule));
    }

    static NetlinkRequest deleteRequest(Rule rule) {
        return new NetlinkRequest(Rtnetlink.DELRULE, 0, rule.body(true), "delete " + rule);
    }
}
