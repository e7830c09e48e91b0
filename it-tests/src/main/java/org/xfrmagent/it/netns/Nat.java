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
}
