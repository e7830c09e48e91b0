package org.xfrmagent.netlink.xfrm;

import java.util.Collections;
import java.util.List;

/**
 * Sequence numbers and the window against replay (RFC 4303 section 3.4.3 and appendix A).
 *
 * @param extended 64-bit sequence numbers (ESN)
 * @param window packets; 0 switches the check off. Linux before 6.10 refuses ESN with window 0; since then an outbound SA with a
 *     direction must have 0
 * @param outbound the last number sent, of 64 bits with ESN
 * @param inbound the highest number received
 * @param bitmap the window, 32 packets a word, as the kernel keeps it; empty for a fresh SA
 */
public record XfrmReplay(boolean extended, int window, long outbound, long inbound, List<Integer> bitmap) {
    public static final XfrmReplay NONE = window(0);

    /** The most the kernel takes: XFRMA_REPLAY_ESN_MAX octets of bitmap. */
    public static final int LARGEST_WINDOW = 4096 * 8;

    public XfrmReplay {
        bitmap = List.copyOf(bitmap);
        if (window < 0 || window > LARGEST_WINDOW) {
            throw new IllegalArgumentException("a replay window of " + window + " packets, the most is " + LARGEST_WINDOW);
        }
    }

    public static XfrmReplay window(int packets) {
        return new XfrmReplay(false, packets, 0, 0, List.of());
    }

    public static XfrmReplay extended(int packets) {
        return new XfrmReplay(true, packets, 0, 0, List.of());
    }

    /** The same, but of its window every number counts as seen: only higher ones are taken. */
    public XfrmReplay closed() {
        int words = extended || window > 32 ? (window + 31) / 32 : 1;
        return new XfrmReplay(extended, window, outbound, inbound, Collections.nCopies(words, -1));
    }

    /** The old struct has one word of bitmap and 32-bit numbers. */
    boolean needsEsnAttribute() {
        return extended || window > 32;
    }
}
