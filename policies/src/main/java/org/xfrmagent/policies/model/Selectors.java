package org.xfrmagent.policies.model;

import static java.util.stream.Collectors.joining;

import java.net.InetAddress;
import java.util.List;

/** One end of a policy's traffic. */
public sealed interface Selectors {
    /** Known from the start. */
    record Fixed(List<TrafficSelector> selectors) implements Selectors {
        public Fixed {
            selectors = List.copyOf(selectors);
        }

        @Override
        public String toString() {
            return selectors.stream().map(TrafficSelector::toString).collect(joining(" "));
        }
    }

    /**
     * The address that end's IKE has, whatever that turns out to be: what transport mode means when a policy names no address,
     * and the word {@code dynamic} in either mode.
     *
     * @param upper protocol and ports, pairs of (protocol, ports), as selectors for every address
     */
    record Dynamic(List<Upper> upper) implements Selectors {
        public Dynamic {
            upper = List.copyOf(upper);
        }

        @Override
        public String toString() {
            return upper.stream().map(each -> "dynamic" + each).collect(joining(" "));
        }
    }

    /**
     * What a selector says beside the addresses; the numbers are those of {@link TrafficSelector}.
     *
     * @param protocol 0 = any
     * @param startPort the first port, or ICMP type × 256 + code
     * @param endPort the last
     */
    record Upper(int protocol, int startPort, int endPort) {
        public static final Upper ANY = new Upper(IpProtocols.ANY, 0, TrafficSelector.MAX_PORT);

        public TrafficSelector at(AddressRange range) {
            return new TrafficSelector(protocol, startPort, endPort, range);
        }

        /** Empty for any; else as in a traffic selector, such as {@code [tcp/22]}. */
        @Override
        public String toString() {
            String text = at(AddressRange.ALL_IPV4).toString();
            return text.substring(AddressRange.ALL_IPV4.toString().length());
        }
    }

    /** The selectors when that end has these addresses inside the tunnel. */
    default List<TrafficSelector> at(List<InetAddress> addresses) {
        return addresses.stream().flatMap(address -> at(address).stream()).distinct().toList();
    }

    /** The selectors when that end's IKE is at {@code address}. */
    default List<TrafficSelector> at(InetAddress address) {
        return switch (this) {
            case Fixed fixed -> fixed.selectors;
            case Dynamic dynamic -> dynamic.upper.stream().map(upper -> upper.at(AddressRange.of(address))).toList();
        };
    }
}
