package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.xfrmagent.netlink.route.Links;

/** The settings of the TUN interface that the plane depends on. */
final class TunInterface {
    private TunInterface() {}

    /**
     * Brings the interface up. {@code disable_policy} exempts what comes out of it, and only that, from the block policies of
     * {@link Fence}: the kernel asks the interface a packet arrived on (IPv4: forwarded and local, ip_route_input; IPv6: only forwarded,
     * ip6_forward). Tried on Linux 6.18. IPv6 for this host is {@link IngressMark}'s.
     */
    static int configure(Links links, String name, int mtu) throws IOException {
        int index = links.find(name).orElseThrow(() -> new IOException("the interface " + name + " has vanished")).index();
        set("ipv4", name, "disable_policy", "1");
        set("ipv4", name, "rp_filter", "0");
        set("ipv4", name, "send_redirects", "0");
        // No link-local address, no router solicitation: there is nobody on this link.
        set("ipv6", name, "addr_gen_mode", "1");
        set("ipv6", name, "accept_ra", "0");
        set("ipv6", name, "disable_policy", "1");
        links.setMtu(index, mtu);
        links.setUp(index, true);
        return index;
    }

    /** A setting that this kernel does not have is one that it does not need. */
    private static void set(String family, String name, String setting, String value) throws IOException {
        Path path = Path.of("/proc/sys/net", family, "conf", name, setting);
        try {
            Files.write(path, value.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchFileException none) {
            if (family.equals("ipv4")) {
                throw new IOException("the kernel has no setting " + path, none);
            }
        }
    }
}
