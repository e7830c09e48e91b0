package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.netlink.route.Link;
import org.xfrmagent.netlink.route.Links;
import org.xfrmagent.netlink.xfrm.XfrmOffload;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;

/**
 * The network interfaces that policies name, each with the index under which its policies are in the kernel; empty while there is no such
 * interface: then they are not in the kernel. Also the devices that have policies as well. Not thread-safe: it belongs to the writer.
 */
final class PolicyDevices {
    /** What a policy names whose interface is gone, in the place of a name: no interface is called so. */
    private static final String GONE = "%";

    private final Links links;
    private final Map<String, OptionalInt> indexes = new TreeMap<>();
    /** The interface that has an address of ours. */
    private final Map<InetAddress, Integer> owners = new HashMap<>();

    PolicyDevices(Links links) {
        this.links = links;
    }

    /** By their names. Asked anew each time, which is for policies that name one only. */
    private static Map<String, Integer> indexes(Links links) throws IOException {
        return links.list().stream().collect(Collectors.toMap(Link::name, Link::index));
    }

    /** What a policy of the kernel's names, where that knows an index. */
    static String name(Links links, int index) throws IOException {
        return indexes(links).entrySet().stream().filter(link -> link.getValue() == index).map(Map.Entry::getKey).findFirst().orElse(GONE + index);
    }

    /** From here on {@code device} counts as one of those that are named. */
    private void named(String device) throws DataPlaneException {
        if (!indexes.containsKey(device)) {
            try {
                indexes.put(device, index(device, indexes(links)));
            } catch (IOException unreadable) {
                throw new DataPlaneException("the network interfaces of this host cannot be listed: " + unreadable.getMessage(), unreadable);
            }
        }
    }

    /** Before {@code policy} goes: where it is in the kernel is known from here on. */
    void goes(PolicySpec policy) throws DataPlaneException {
        if (policy.device().isPresent()) {
            named(policy.device().get());
        }
    }

    /** Before {@code policy} comes: where it belongs in the kernel, and which device has it as well, is known from here on. */
    void comes(PolicySpec policy) throws DataPlaneException {
        goes(policy);
        if (policy.verdict() instanceof PolicySpec.Protect protect && protect.offload().isPresent()) {
            owners.put(protect.offload().get(), Devices.seeingToPackets(protect.offload().get()));
        }
    }

    /** The device that is to have the policy as well. */
    Optional<XfrmOffload> offload(PolicySpec policy) {
        return policy.verdict() instanceof PolicySpec.Protect protect
                ? protect.offload().flatMap(address -> Optional.ofNullable(owners.get(address))).map(link -> new XfrmOffload(link, XfrmOffload.PACKET))
                : Optional.empty();
    }

    private static OptionalInt index(String device, Map<String, Integer> links) {
        if (device.startsWith(GONE)) {
            return OptionalInt.of(Integer.parseInt(device.substring(GONE.length())));
        }
        Integer index = links.get(device);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** Where the kernel has what belongs in {@code place}; empty while its interface is not there. */
    Optional<XfrmPolicy.Id> id(Place place) {
        if (place.device().isEmpty()) {
            return Optional.of(place.id());
        }
        OptionalInt index = indexes.getOrDefault(place.device().get(), OptionalInt.empty());
        return index.isPresent() ? Optional.of(place.at(index.getAsInt())) : Optional.empty();
    }

    /** The place of what the kernel has there. */
    Place place(XfrmPolicy.Id id) {
        int index = id.selector().interfaceIndex();
        Optional<String> device = indexes.entrySet().stream()
                .filter(each -> index != 0 && each.getValue().equals(OptionalInt.of(index))).map(Map.Entry::getKey).findFirst();
        return new Place(device.isPresent() ? Place.of(id, 0) : id, device);
    }

    /** The name of the device with that index, as a sentence has it. */
    String called(int link) {
        try {
            return name(links, link);
        } catch (IOException unreadable) {
            return "number " + link;
        }
    }

    /** Those that are named and not there. */
    Set<String> absent() {
        return indexes.entrySet().stream().filter(each -> each.getValue().isEmpty()).map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    boolean isEmpty() {
        return indexes.isEmpty();
    }

    /**
     * Goes over to the links as they are now.
     *
     * @param named those that policies name still
     * @return what has changed: the indexes before
     */
    Map<String, OptionalInt> follow(Set<String> named) throws IOException {
        indexes.keySet().retainAll(named);
        Map<String, OptionalInt> changed = new HashMap<>();
        if (!indexes.isEmpty()) {
            Map<String, Integer> now = indexes(links);
            Map.copyOf(indexes).forEach((device, before) -> {
                if (!index(device, now).equals(before)) {
                    changed.put(device, before);
                    indexes.put(device, index(device, now));
                }
            });
        }
        return changed;
    }
}
