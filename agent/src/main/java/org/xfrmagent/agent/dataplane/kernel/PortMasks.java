package org.xfrmagent.agent.dataplane.kernel;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.netlink.xfrm.XfrmSelector.Ports;

/** Ranges of 16-bit numbers as the kernel has them: value and mask. */
final class PortMasks {
    private static final int ALL_BITS = 0xffff;

    private PortMasks() {}

    /** The fewest masks that cover exactly {@code first} to {@code last}, both included: at most 30. */
    static List<Ports> covering(int first, int last) {
        List<Ports> masks = new ArrayList<>();
        int next = first;
        while (next <= last) {
            // The largest block that starts at `next` (alignment) and ends no later than `last` (size).
            int block = next == 0 ? ALL_BITS + 1 : Integer.lowestOneBit(next);
            while (block > last - next + 1) {
                block >>= 1;
            }
            masks.add(new Ports(next, ALL_BITS & -block));
            next += block;
        }
        return List.copyOf(masks);
    }

    static int first(Ports ports) {
        return ports.value() & ports.mask();
    }

    /** The last port that fits; exact if the mask is a prefix, as all of ours are. */
    static int last(Ports ports) {
        return first(ports) | ~ports.mask() & ALL_BITS;
    }
}
