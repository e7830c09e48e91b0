package org.xfrmagent.agent.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.netlink.xfrm.XfrmSelector.Ports;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.TrafficSelector;

class KernelSelectorsTest {
    private static final AddressRange LEFT = AddressRange.parse("10.1.0.0/16");
    private static final AddressRange RIGHT = AddressRange.parse("10.2.0.0/16");

    private static SelectorPair pair(int protocol, int first, int last) {
        return new SelectorPair(
                new TrafficSelector(protocol, 0, 65535, LEFT), new TrafficSelector(protocol, first, last, RIGHT));
    }

    @Test
    void twoPrefixesAreOneSelector() throws DataPlaneException {
        assertThat(KernelSelectors.of(new SelectorPair(TrafficSelector.of(LEFT), TrafficSelector.of(RIGHT))))
                .hasToString("[10.1.0.0/16 -> 10.2.0.0/16]");
    }

    @Test
    void aRangeThatIsNoPrefixIsCut() throws DataPlaneException {
        TrafficSelector range = TrafficSelector.of(AddressRange.parse("10.2.0.1-10.2.0.6"));
        assertThat(KernelSelectors.of(new SelectorPair(TrafficSelector.of(LEFT), range)))
                .extracting(XfrmSelector::toString)
                .containsExactly(
                        "10.1.0.0/16 -> 10.2.0.1/32",
                        "10.1.0.0/16 -> 10.2.0.2/31",
                        "10.1.0.0/16 -> 10.2.0.4/31",
                        "10.1.0.0/16 -> 10.2.0.6/32");
    }

    @Test
    void portRangesBecomeMasks() throws DataPlaneException {
        assertThat(KernelSelectors.of(pair(IpProtocols.TCP, 1000, 1003)))
                .singleElement()
                .satisfies(only -> {
                    assertThat(only.protocol()).isEqualTo(6);
                    assertThat(only.sourcePort()).isEqualTo(Ports.ANY);
                    assertThat(only.destinationPort()).isEqualTo(new Ports(1000, 0xfffc));
                });
        assertThat(KernelSelectors.of(pair(IpProtocols.TCP, 22, 22)).getFirst().destinationPort()).isEqualTo(Ports.one(22));
    }

    @Property(tries = 300)
    void masksCoverTheirRangeAndNothingElse(
            @ForAll @IntRange(max = 65535) int one, @ForAll @IntRange(max = 65535) int other) {
        int first = Math.min(one, other);
        int last = Math.max(one, other);
        List<Ports> masks = PortMasks.covering(first, last);
        assertThat(masks).hasSizeLessThanOrEqualTo(30);
        int next = first;
        for (Ports each : masks) {
            assertThat(PortMasks.first(each)).isEqualTo(next);
            next = PortMasks.last(each) + 1;
        }
        assertThat(next).isEqualTo(last + 1);
    }

    @Test
    void aWideRangeTakesFewMasks() throws DataPlaneException {
        assertThat(KernelSelectors.of(pair(IpProtocols.UDP, 1024, 65535)))
                .extracting(XfrmSelector::toString)
                .containsExactly(
                        "10.1.0.0/16 -> 10.2.0.0/16[0x400/0xfc00] protocol 17", "10.1.0.0/16 -> 10.2.0.0/16[0x800/0xf800] protocol 17",
                        "10.1.0.0/16 -> 10.2.0.0/16[0x1000/0xf000] protocol 17", "10.1.0.0/16 -> 10.2.0.0/16[0x2000/0xe000] protocol 17",
                        "10.1.0.0/16 -> 10.2.0.0/16[0x4000/0xc000] protocol 17", "10.1.0.0/16 -> 10.2.0.0/16[0x8000/0x8000] protocol 17");
    }

    @Test
    void aRangeOfIcmpTypesTakesMasksToo() throws DataPlaneException {
        assertThat(KernelSelectors.of(pair(IpProtocols.ICMPV6, 133 << 8, 137 << 8 | 0xff)))
                .extracting(XfrmSelector::sourcePort)
                .containsExactly(Ports.one(133), new Ports(134, 0xfffe), new Ports(136, 0xfffe));
        assertThat(KernelSelectors.of(pair(IpProtocols.ICMP, 3 << 8 | 1, 4 << 8)))
                .extracting(XfrmSelector::toString)
                .startsWith("10.1.0.0/16[3] -> 10.2.0.0/16[1] protocol 1", "10.1.0.0/16[3] -> 10.2.0.0/16[0x2/0xfffe] protocol 1")
                .endsWith("10.1.0.0/16[4] -> 10.2.0.0/16[0] protocol 1");
    }

    @Test
    void icmpTypeStandsAtTheSourceAndCodeAtTheDestinationInBothDirections() throws DataPlaneException {
        TrafficSelector echo = new TrafficSelector(IpProtocols.ICMP, 8 << 8, 8 << 8, LEFT);
        TrafficSelector peer = new TrafficSelector(IpProtocols.ICMP, 8 << 8, 8 << 8, RIGHT);
        SelectorPair out = new SelectorPair(echo, peer);
        for (SelectorPair way : List.of(out, out.reversed())) {
            assertThat(KernelSelectors.of(way)).singleElement().satisfies(only -> {
                assertThat(only.sourcePort()).isEqualTo(Ports.one(8));
                assertThat(only.destinationPort()).isEqualTo(Ports.one(0));
            });
        }
        assertThat(KernelSelectors.pair(KernelSelectors.of(out).getFirst())).isEqualTo(out);
    }

    @Test
    void allCodesOfSomeIcmpTypesNeedNoCodeMask() throws DataPlaneException {
        assertThat(KernelSelectors.of(pair(IpProtocols.ICMP, 3 << 8, 3 << 8 | 0xff))).singleElement().satisfies(only -> {
            assertThat(only.sourcePort()).isEqualTo(Ports.one(3));
            assertThat(only.destinationPort()).isEqualTo(Ports.ANY);
        });
    }

    @Test
    void aSelectorOfTheKernelSaysTheSameThing() throws DataPlaneException {
        SelectorPair https = pair(IpProtocols.TCP, 443, 443);
        assertThat(KernelSelectors.pair(KernelSelectors.of(https).getFirst())).isEqualTo(https);
        SelectorPair six = new SelectorPair(
                TrafficSelector.of(AddressRange.parse("2001:db8:1::/48")), TrafficSelector.of(AddressRange.parse("2001:db8:2::1")));
        assertThat(KernelSelectors.pair(KernelSelectors.of(six).getFirst())).isEqualTo(six);
    }

    @Test
    void aFragmentHasPortsZeroForTheKernel() {
        assertThat(KernelSelectors.fragments(pair(IpProtocols.UDP, 5000, 5003)))
                .contains(new SelectorPair(new TrafficSelector(IpProtocols.UDP, 0, 0, LEFT), new TrafficSelector(IpProtocols.UDP, 0, 0, RIGHT)));
        assertThat(KernelSelectors.fragments(pair(IpProtocols.ICMPV6, 128 << 8, 128 << 8 | 0xff))).isPresent();
    }

    @Test
    void aSelectorThatCoversPortsZeroCoversFragments() {
        assertThat(KernelSelectors.fragments(pair(IpProtocols.UDP, 0, 1023))).isEmpty();
        assertThat(KernelSelectors.fragments(pair(IpProtocols.UDP, 0, 65535))).isEmpty();
        assertThat(KernelSelectors.fragments(pair(IpProtocols.ANY, 0, 65535))).isEmpty();
    }

    @Test
    void aFragmentOfIcmpCannotBeToldFromAnEchoReply() {
        assertThat(KernelSelectors.fragments(pair(IpProtocols.ICMP, 8 << 8, 8 << 8 | 0xff))).isEmpty();
    }

    @Test
    void whatTheKernelCannotSayIsRefusedWithASentence() {
        assertThatThrownBy(() -> KernelSelectors.of(new SelectorPair(
                        new TrafficSelector(IpProtocols.TCP, 65535, 0, LEFT), TrafficSelector.of(RIGHT))))
                .isInstanceOf(DataPlaneException.class)
                .hasMessageContaining("OPAQUE");
        assertThatThrownBy(() -> KernelSelectors.of(new SelectorPair(
                        new TrafficSelector(IpProtocols.TCP, 0, 65535, LEFT), new TrafficSelector(IpProtocols.UDP, 0, 65535, RIGHT))))
                .hasMessageContaining("protocols differ");
        assertThatThrownBy(() -> KernelSelectors.of(new SelectorPair(TrafficSelector.of(LEFT), TrafficSelector.ANY_V6)))
                .hasMessageContaining("mix IPv4 and IPv6");
        TrafficSelector ragged = new TrafficSelector(
                IpProtocols.TCP, 1, 65534, AddressRange.parse("0.0.0.1-255.255.255.254"));
        assertThatThrownBy(() -> KernelSelectors.of(new SelectorPair(ragged, ragged))).hasMessageContaining("the most is 4096");
    }
}
