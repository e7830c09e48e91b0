package org.xfrmagent.it.peers;

import java.util.List;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Lab;

/** Who encrypts: the kernel's XFRM, or the daemon itself. */
public enum Plane {
    KERNEL,
    USERSPACE;

    /** The planes that work on this kernel: the kernel's own only where it accepts an ESP SA, which is asked and not guessed. */
    public static List<Plane> here() {
        return Asked.KERNEL_HAS_ESP ? List.of(KERNEL, USERSPACE) : List.of(USERSPACE);
    }

    /** The first of {@link #here()}. */
    public static Plane best() {
        return here().getFirst();
    }

    private static final class Asked {
        static final boolean KERNEL_HAS_ESP = ask();

        private static boolean ask() {
            try (Lab lab = Lab.open()) {
                Host host = lab.host("probe");
                String key = "0x" + "00".repeat(16);
                return host.run("ip", "xfrm", "state", "add", "src", "127.0.0.1", "dst", "127.0.0.2", "proto", "esp", "spi", "0x1000",
                        "mode", "tunnel", "enc", "cbc(aes)", key, "auth", "hmac(sha1)", key + "00000000").ok();
            }
        }
    }
}
