package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.net.InetAddress;
import java.util.OptionalInt;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.netlink.route.InterfaceAddress;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.policies.model.Ip;

/** Which network device has an address of this host: the one that may encrypt for it. */
final class Devices {
    private Devices() {}

    /** The index of the one that is to see to whole packets of {@code address}. */
    static int seeingToPackets(InetAddress address) throws DataPlaneException {
        return having(address).orElseThrow(() -> new DataPlaneException(
                "no network device has the address " + Ip.text(address) + ", and the policy wants one that sees to whole packets ('offload: packet')"));
    }

    /** Its index. Asked anew each time, which is for policies that want a device only. */
    static OptionalInt having(InetAddress address) throws DataPlaneException {
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            return rtnetlink.addresses().list().stream()
                    .filter(each -> each.address().equals(address))
                    .mapToInt(InterfaceAddress::link)
                    .findFirst();
        } catch (IOException unreadable) {
            throw new DataPlaneException("the addresses of this host cannot be listed: " + unreadable.getMessage(), unreadable);
        }
    }
}
