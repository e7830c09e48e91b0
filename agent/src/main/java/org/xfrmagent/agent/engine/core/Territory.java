package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Ranges of addresses, each of somebody with a number: tells whose ranges have an address in common with some others, at a cost that grows
 * with the answer. They are sorted by their first address, and lie as in a balanced tree, whose root is the middle one; each place knows the
 * last address of all in its subtree.
 */
final class Territory {
    private record Claim(AddressRange range, int who) {}

    private final AddressFamily family;
    private final List<Claim> claims;
    private final byte[][] last;

    private Territory(AddressFamily family, List<Claim> claims) {
        this.family = family;
        this.claims = claims;
        this.last = new byte[claims.size()][];
        span(0, claims.size());
    }

    /** Of each list, by its place, the selectors of {@code family}; a list that is empty claims nothing. */
    static Territory of(AddressFamily family, List<List<TrafficSelector>> selectors) {
        List<Claim> claims = new ArrayList<>();
        for (int who = 0; who < selectors.size(); who++) {
            for (TrafficSelector selector : selectors.get(who)) {
                if (selector.family() == family) {
                    claims.add(new Claim(selector.range(), who));
                }
            }
        }
        claims.sort(Comparator.comparing(claim -> claim.range.from().getAddress(), Arrays::compareUnsigned));
        return new Territory(family, List.copyOf(claims));
    }

    private byte[] span(int from, int to) {
        if (from >= to) {
            return new byte[0];
        }
        int middle = (from + to) >>> 1;
        byte[] own = octets(claims.get(middle).range.to());
        last[middle] = later(own, later(span(from, middle), span(middle + 1, to)));
        return last[middle];
    }

    private static byte[] later(byte[] one, byte[] other) {
        return Arrays.compareUnsigned(one, other) >= 0 ? one : other;
    }

    private static byte[] octets(InetAddress address) {
        return address.getAddress();
    }

    /** Who has an address in common with {@code ranges}, each perhaps more than once; empty if it is said more than {@code most} times. */
    Optional<List<Integer>> sharing(List<TrafficSelector> ranges, int most) {
        List<Integer> found = new ArrayList<>();
        for (TrafficSelector selector : ranges) {
            if (selector.family() == family
                    && !collect(0, claims.size(), octets(selector.range().from()), octets(selector.range().to()), most, found)) {
                return Optional.empty();
            }
        }
        return Optional.of(found);
    }

    private boolean collect(int from, int to, byte[] first, byte[] end, int most, List<Integer> found) {
        int middle = (from + to) >>> 1;
        if (from >= to || Arrays.compareUnsigned(last[middle], first) < 0) {
            return true;
        }
        if (!collect(from, middle, first, end, most, found)) {
            return false;
        }
        Claim claim = claims.get(middle);
        if (Arrays.compareUnsigned(octets(claim.range.from()), end) > 0) {
            return true;
        }
        if (Arrays.compareUnsigned(octets(claim.range.to()), first) >= 0) {
            found.add(claim.who);
        }
        return found.size() <= most && collect(middle + 1, to, first, end, most, found);
    }
}
