package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.netlink.xfrm.XfrmSelector.Ports;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.TrafficSelector;

class KernelSelectorsTest {
    private static List<String> of(int protocol, int first, int last) {
        TrafficSelector from = new TrafficSelector(protocol, 0, 65535, AddressRange.parse("10.1.0.0/16"));
        TrafficSelector to = new TrafficSelector(protocol, first, last, AddressRange.parse("10.2.0.0/16"));
        return KernelSelectors.of(new SelectorPair(from, to)).stream().map(XfrmSelector::toString).toList();
    }

    @Test
    void port_ranges_become_values_under_masks() {
        assertThat(of(6, 22, 22)).containsExactly("10.1.0.0/16 -> 10.2.0.0/16[22] protocol 6");
        assertThat(of(17, 1024, 65535)).containsExactly(
                "10.1.0.0/16 -> 10.2.0.0/16[0x400/0xfc00] protocol 17", "10.1.0.0/16 -> 10.2.0.0/16[0x800/0xf800] protocol 17",
                "10.1.0.0/16 -> 10.2.0.0/16[0x1000/0xf000] protocol 17", "10.1.0.0/16 -> 10.2.0.0/16[0x2000/0xe000] protocol 17",
                "10.1.0.0/16 -> 10.2.0.0/16[0x4000/0xc000] protocol 17", "10.1.0.0/16 -> 10.2.0.0/16[0x8000/0x8000] protocol 17");
    }

    @Test
    void icmp_types_are_source_ports_and_codes_destination_ports() {
        assertThat(of(1, 8 << 8, 8 << 8 | 255)).containsExactly("10.1.0.0/16[8] -> 10.2.0.0/16 protocol 1");
        assertThat(of(1, 3 << 8 | 4, 3 << 8 | 4)).containsExactly("10.1.0.0/16[3] -> 10.2.0.0/16[4] protocol 1");
        assertThat(of(1, 0, 65535)).containsExactly("10.1.0.0/16 -> 10.2.0.0/16 protocol 1");
    }

    @Property
    void masks_cover_exactly_the_range(@ForAll @IntRange(max = 65535) int one, @ForAll @IntRange(max = 65535) int other) {
        int first = Math.min(one, other);
        int last = Math.max(one, other);
        List<Ports> masks = KernelSelectors.masks(first, last);
        assertThat(masks).hasSizeLessThanOrEqualTo(30);
        for (int port = Math.max(0, first - 3); port <= Math.min(65535, last + 3); port += port > first + 8 && port < last - 8 ? 7 : 1) {
            int asked = port;
            long matching = masks.stream().filter(ports -> (asked & ports.mask()) == ports.value()).count();
            assertThat(matching).as("port %d of %d-%d", port, first, last).isEqualTo(port >= first && port <= last ? 1 : 0);
        }
    }
}
