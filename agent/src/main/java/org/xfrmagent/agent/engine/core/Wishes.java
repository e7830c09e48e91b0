package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.VirtualAddress;

/**
 * What one end asks for of addresses inside the tunnel, perhaps several of a family (RFC 7296, section 3.15.1), beside addresses that there
 * are. An address fulfils one wish: that which names it, or else the first of its family that has none yet.
 */
public final class Wishes {
    /** That one peer gets of what it asks for; strongSwan has no limit, and whoever asks for more empties a pool. */
    public static final int MOST = 16;

    private Wishes() {}

    /** Those of {@code addresses} that fulfil a wish, in the order of the wishes. */
    public static List<InetAddress> fulfilled(List<VirtualAddress> wanted, List<InetAddress> addresses) {
        return each(wanted, addresses).stream().flatMap(Optional::stream).toList();
    }

    /** The wishes that none of {@code addresses} fulfils. */
    public static List<VirtualAddress> open(List<VirtualAddress> wanted, List<InetAddress> addresses) {
        List<Optional<InetAddress>> each = each(wanted, addresses);
        return IntStream.range(0, wanted.size()).filter(i -> each.get(i).isEmpty()).mapToObj(wanted::get).toList();
    }

    /** The same wishes, those that {@code addresses} fulfil by their names. */
    public static List<VirtualAddress> naming(List<VirtualAddress> wanted, List<InetAddress> addresses) {
        List<Optional<InetAddress>> each = each(wanted, addresses);
        return IntStream.range(0, wanted.size()).mapToObj(i -> each.get(i).map(VirtualAddress::of).orElse(wanted.get(i))).toList();
    }

    /** As {@link #naming}, but who names an address means that. */
    public static List<VirtualAddress> namingOpen(List<VirtualAddress> wanted, List<InetAddress> addresses) {
        List<InetAddress> named = wanted.stream().flatMap(wish -> wish.address().stream()).toList();
        List<VirtualAddress> open = new ArrayList<>(naming(
                wanted.stream().filter(wish -> wish.address().isEmpty()).toList(), addresses.stream().filter(address -> !named.contains(address)).toList()));
        return wanted.stream().map(wish -> wish.address().isPresent() ? wish : open.removeFirst()).toList();
    }

    /** For each wish the address that fulfils it. */
    private static List<Optional<InetAddress>> each(List<VirtualAddress> wanted, List<InetAddress> addresses) {
        List<InetAddress> left = new ArrayList<>(addresses.stream().distinct().toList());
        List<Optional<InetAddress>> each = new ArrayList<>();
        wanted.forEach(wish -> each.add(wish.address().filter(left::remove)));
        for (int i = 0; i < wanted.size(); i++) {
            if (each.get(i).isEmpty()) {
                AddressFamily family = wanted.get(i).family();
                Optional<InetAddress> first = left.stream().filter(address -> AddressFamily.of(address) == family).findFirst();
                first.ifPresent(left::remove);
                each.set(i, first);
            }
        }
        return each;
    }
}
