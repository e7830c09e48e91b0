package org.xfrmagent.policies.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TrafficSelectorTest {
    private static final AddressRange LAN = AddressRange.parse("10.1.0.0/16");
    private static final TrafficSelector OPAQUE = new TrafficSelector(IpProtocols.TCP, 65535, 0, LAN);

    @Test
    void it_prints_as_strongswan_does() {
        assertThat(TrafficSelector.of(LAN)).hasToString("10.1.0.0/16");
        assertThat(new TrafficSelector(6, 22, 22, AddressRange.parse("10.0.0.1"))).hasToString("10.0.0.1/32[tcp/22]");
        assertThat(new TrafficSelector(17, 1024, 2047, LAN)).hasToString("10.1.0.0/16[udp/1024-2047]");
        assertThat(new TrafficSelector(6, 0, 65535, LAN)).hasToString("10.1.0.0/16[tcp]");
        assertThat(new TrafficSelector(99, 0, 65535, LAN)).hasToString("10.1.0.0/16[99]");
        assertThat(new TrafficSelector(1, 0x0800, 0x0800, LAN)).hasToString("10.1.0.0/16[icmp/8(0)]");
        assertThat(new TrafficSelector(1, 0x0800, 0x08ff, LAN)).hasToString("10.1.0.0/16[icmp/8]");
        assertThat(new TrafficSelector(58, 0x8500, 0x89ff, TrafficSelector.ANY_V6.range())).hasToString("::/0[icmpv6/133-137]");
        assertThat(OPAQUE).hasToString("10.1.0.0/16[tcp/OPAQUE]");
    }

    @Test
    void any_port_includes_opaque_and_a_range_of_ports_does_not() {
        TrafficSelector anyPort = new TrafficSelector(6, 0, 65535, LAN);
        assertThat(anyPort.intersect(OPAQUE)).contains(OPAQUE);
        assertThat(anyPort.contains(OPAQUE)).isTrue();
        assertThat(OPAQUE.contains(anyPort)).isFalse();
        assertThat(new TrafficSelector(6, 1, 65535, LAN).intersect(OPAQUE)).isEmpty();
        assertThat(OPAQUE.intersect(OPAQUE)).contains(OPAQUE);
    }

    @Test
    void different_protocols_and_families_have_nothing_in_common() {
        assertThat(new TrafficSelector(6, 0, 65535, LAN).intersect(new TrafficSelector(17, 0, 65535, LAN))).isEmpty();
        assertThat(TrafficSelector.ANY_V4.intersect(TrafficSelector.ANY_V6)).isEmpty();
    }

    @Test
    void numbers_out_of_range_are_refused() {
        assertThatThrownBy(() -> new TrafficSelector(256, 0, 65535, LAN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TrafficSelector(6, 23, 22, LAN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TrafficSelector(6, 0, 65536, LAN)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void an_intersection_is_the_same_both_ways_and_within_both(@ForAll("selectors") TrafficSelector a,
            @ForAll("selectors") TrafficSelector b) {
        Optional<TrafficSelector> both = a.intersect(b);
        assertThat(both).isEqualTo(b.intersect(a));
        both.ifPresent(common -> assertThat(a.contains(common) && b.contains(common)).isTrue());
        assertThat(a.contains(a)).isTrue();
        assertThat(a.contains(b) && b.contains(a)).isEqualTo(a.equals(b));
    }

    /** Few addresses, ports and protocols, so that they meet often. */
    @Provide
    Arbitrary<TrafficSelector> selectors() {
        Arbitrary<AddressRange> ranges = Combinators.combine(Arbitraries.integers().between(0, 7), Arbitraries.integers().between(0, 7))
                .as((a, b) -> AddressRangeTest.range(AddressRangeTest.v4(a), AddressRangeTest.v4(b)));
        Arbitrary<int[]> ports = Arbitraries.of(new int[] {0, 65535}, new int[] {65535, 0}, new int[] {22, 22}, new int[] {20, 30},
                new int[] {1, 65535});
        return Combinators.combine(Arbitraries.of(0, 6, 17), ports, ranges)
                .as((protocol, port, range) -> new TrafficSelector(protocol, port[0], port[1], range));
    }
}
