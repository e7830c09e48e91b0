package org.xfrmagent.it.netns;

/** Address translation on a router: what leaves through one of its links takes that link's address and a new port. */
public final class Nat {
    private Nat() {}

    /** Masquerades IPv4 on {@code router} towards {@code outside}: nftables where the kernel has it, iptables' older interface else. */
    public static void masquerade(Host router, Host outside) {
        String link = outside.name();
        Result nft = router.run("nft", """
                table ip nat { chain post { type nat hook postrouting priority srcnat; oifname "%s" masquerade; }; }""".formatted(link));
        if (!nft.ok()) {
            router.run("iptables-legacy", "-t", "nat", "-A", "POSTROUTING", "-o", link, "-j", "MASQUERADE").orFail();
        }
    }

    /** Forgets every mapping towards {@code outside}; packets of UDP leave from other ports than before. */
    public static void remap(Host router, Host outside) {
        String link = outside.name();
        Result nft = router.run("nft", """
                flush chain ip nat post; add rule ip nat post oifname "%s" meta l4proto udp masquerade to :40000-41000""".formatted(link));
        if (!nft.ok()) {
            router.run("iptables-legacy", "-t", "nat", "-R", "POSTROUTING", "1", "-o", link, "-p", "udp", "-j", "MASQUERADE",
                    "--to-ports", "40000-41000").orFail();
        }
        // Mappings of a masquerade go when its link does.
        router.shell("ip link set dev %1$s down; ip link set dev %1$s up".formatted(link));
    }
}
