package org.xfrmagent.policies.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Policies by the smallest pair of prefixes around all their packets. What contains all packets of another has prefixes around those of
 * the other's, and of these there are few: so it is found without a look at every policy.
 *
 * @param <T> what stands for a policy
 */
final class Blocks<T> {
    /** Numbers of {@link Hull}. */
    private record Block(long local, int localBits, long remote, int remoteBits) {
        static Block of(Hull hull) {
            int localBits = Long.numberOfLeadingZeros(hull.localFrom() ^ hull.localTo());
            int remoteBits = Long.numberOfLeadingZeros(hull.remoteFrom() ^ hull.remoteTo());
            return new Block(cut(hull.localFrom(), localBits), localBits, cut(hull.remoteFrom(), remoteBits), remoteBits);
        }

        boolean isWithin(Width width) {
            return localBits >= width.localBits && remoteBits >= width.remoteBits;
        }

        Block around(Width width) {
            return new Block(cut(local, width.localBits), width.localBits, cut(remote, width.remoteBits), width.remoteBits);
        }

        private static long cut(long address, int bits) {
            return bits == 0 ? 0 : address & -1L << Long.SIZE - bits;
        }
    }

    private record Width(int localBits, int remoteBits) {}

    private final Map<Block, List<T>> blocks = new HashMap<>();
    private final Set<Width> widths = new HashSet<>();
    private final List<T> all = new ArrayList<>();

    void add(Hull hull, T policy) {
        Block block = Block.of(hull);
        widths.add(new Width(block.localBits, block.remoteBits));
        blocks.computeIfAbsent(block, _ -> new ArrayList<>(1)).add(policy);
        all.add(policy);
    }

    /** All that may have packets all around those of {@code hull}, and others. */
    List<T> around(Hull hull) {
        if (hull.isEmpty()) {
            return all;
        }
        Block block = Block.of(hull);
        List<T> found = new ArrayList<>();
        widths.stream().filter(block::isWithin).forEach(width -> found.addAll(blocks.getOrDefault(block.around(width), List.of())));
        return found;
    }
}
