package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.netlink.route.Link;
import org.xfrmagent.netlink.route.Links;

/**
 * The settings of the TUN interface that the plane depends on.
 *
 * <p>{@code disable_policy} exempts what comes out of it, and only that, from the block policies of {@link Fence}: the kernel asks the
 * interface a packet arrived on (IPv4: forwarded and local, ip_route_input; IPv6: only forwarded, ip6_forward). Tried on Linux 6.18.
 * IPv6 for this host is {@link IngressMark}'s.
 *
 * @param mtu octets
 */
record TunInterface(Links links, String name, int mtu) {
    private static final List<Setting> SETTINGS = List.of(
            new Setting("ipv4", "disable_policy", "1"),
            new Setting("ipv4", "rp_filter", "0"),
            new Setting("ipv4", "send_redirects", "0"),
            // No link-local address, no router solicitation: there is nobody on this link.
            new Setting("ipv6", "addr_gen_mode", "1"),
            new Setting("ipv6", "accept_ra", "0"),
            new Setting("ipv6", "disable_policy", "1"));

    private record Setting(String family, String key, String value) {
        private Path of(String name) {
            return Path.of("/proc/sys/net", family, "conf", name, key);
        }
    }

    /** Sets everything and brings the interface up. */
    int configure() throws IOException {
        int index = links.find(name).orElseThrow(() -> new IOException("the interface " + name + " has vanished")).index();
        for (Setting setting : SETTINGS) {
            set(setting);
        }
        links.setMtu(index, mtu);
        links.setUp(index, true);
        return index;
    }

    boolean isGone() throws IOException {
        return links.find(name).isEmpty();
    }

    /** Whether it is up, and nobody changed what {@link #configure} has set. */
    boolean isAsConfigured() throws IOException {
        Optional<Link> link = links.find(name);
        if (link.isEmpty() || !link.get().up() || link.get().mtu() != mtu) {
            return false;
        }
        for (Setting setting : SETTINGS) {
            Path path = setting.of(name);
            if (Files.exists(path) && !Files.readString(path).strip().equals(setting.value)) {
                return false;
            }
        }
        return true;
    }

    /** A setting that this kernel does not have is one that it does not need. */
    private void set(Setting setting) throws IOException {
        Path path = setting.of(name);
        try {
            Files.write(path, setting.value.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchFileException none) {
            if (setting.family.equals("ipv4")) {
                throw new IOException("the kernel has no setting " + path, none);
            }
        }
    }
}
