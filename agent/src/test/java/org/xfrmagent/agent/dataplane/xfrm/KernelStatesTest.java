package org.xfrmagent.agent.dataplane.xfrm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.xfrm.XfrmAlgorithm;
import org.xfrmagent.netlink.xfrm.XfrmId;
import org.xfrmagent.netlink.xfrm.XfrmMode;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.netlink.xfrm.XfrmState;
import org.xfrmagent.netlink.xfrm.XfrmTemplate;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/** SAs in the kernel's words, as far as they can be told without a kernel. */
class KernelStatesTest {
    private static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();
    private static final InetAddress SUN = Ip.parse("192.0.2.2").orElseThrow();
    private static final InetAddress MOON6 = Ip.parse("2001:db8::1").orElseThrow();
    private static final InetAddress SUN6 = Ip.parse("2001:db8::2").orElseThrow();

    private static XfrmState state(InetAddress from, InetAddress to, Mode mode, Direction direction) throws DataPlaneException {
        Algorithm mac = Algorithms.byKeyword("sha256").orElseThrow();
        SaKeys keys = new SaKeys.MacOnly(mac, Secret.take(new byte[mac.keyMaterialBytes()]));
        return new KernelStates(false).state(new SaSpec(
                new SaId(to, Protocol.AH, 0xc0000001), from, direction, mode, 7, keys, Optional.empty(), 32, false, SaLimits.NONE,
                Optional.empty(), OptionalInt.empty()));
    }

    /** As charon has it: the tunnel is IPComp's, and what is around it is in transport mode, whatever is inside. */
    @Test
    void withCompressionTheTunnelIsItsOwn() throws DataPlaneException {
        Algorithm mac = Algorithms.byKeyword("sha256").orElseThrow();
        SelectorPair nets = new SelectorPair(TrafficSelector.of(AddressRange.parse("10.1.0.0/16")), TrafficSelector.of(AddressRange.parse("10.2.0.0/16")));
        SaSpec sa = new SaSpec(
                new SaId(SUN, Protocol.AH, 0xc0000001), MOON, Direction.OUT, Mode.TUNNEL, 7,
                new SaKeys.MacOnly(mac, Secret.take(new byte[mac.keyMaterialBytes()])), Optional.empty(), 32, false, SaLimits.NONE,
                Optional.of(nets), OptionalInt.empty()).compressed(0x52b4);
        KernelStates states = new KernelStates(false);
        XfrmState around = states.state(sa);
        assertThat(around.mode()).isEqualTo(XfrmMode.TRANSPORT);
        assertThat(around.selector()).isEqualTo(XfrmSelector.ANY);
        assertThat(around.flags()).isEqualTo(XfrmState.ALIGN4);
        XfrmState compressor = states.state(sa.compressor().orElseThrow());
        assertThat(compressor.id()).isEqualTo(new XfrmId(SUN, 0x52b4, XfrmId.COMP));
        assertThat(compressor.mode()).isEqualTo(XfrmMode.TUNNEL);
        assertThat(compressor.algorithms()).containsExactly(new XfrmAlgorithm.Compression("deflate"));
        assertThat(compressor.selector()).isEqualTo(XfrmSelector.of(Ip.parse("10.1.0.0").orElseThrow(), 16, Ip.parse("10.2.0.0").orElseThrow(), 16));
        assertThat(compressor.lifetime()).isEqualTo(states.state(sa).lifetime());
    }

    /** {@code ip xfrm policy} shows two templates for such a child, as charon 5.9.8 installs them; "level use" where packets come in. */
    @Test
    void aPolicyWithCompressionHasTwoTemplatesAndIsReadAgain() throws DataPlaneException {
        SelectorPair nets = new SelectorPair(TrafficSelector.of(AddressRange.parse("10.1.0.0/16")), TrafficSelector.of(AddressRange.parse("10.2.0.0/16")));
        for (boolean tunnel : new boolean[] {true, false}) {
            Optional<PolicySpec.Endpoints> ends = tunnel ? Optional.of(new PolicySpec.Endpoints(MOON, SUN)) : Optional.empty();
            PolicySpec out = new PolicySpec(Direction.OUT, nets, 1000, new PolicySpec.Protect(
                    ends, Protocol.ESP, 7, OptionalInt.of(0xc6e013b0)).compressed(Optional.of(new PolicySpec.Compression(OptionalInt.of(0x52b4)))), OptionalInt.empty());
            XfrmPolicy kernels = KernelPolicies.policy(KernelPolicies.places(out).getFirst().id(), out, Optional.empty());
            XfrmTemplate around = XfrmTemplate.transport(AddressFamily.INET, 0xc6e013b0, XfrmId.ESP, 7);
            XfrmTemplate first = tunnel
                    ? XfrmTemplate.tunnel(MOON, SUN, 0x52b4, XfrmId.COMP, 7)
                    : XfrmTemplate.transport(AddressFamily.INET, 0x52b4, XfrmId.COMP, 7);
            assertThat(kernels.templates()).containsExactly(first, around);
            assertThat(KernelPolicies.spec(kernels, Optional.empty())).contains(out);
            PolicySpec in = new PolicySpec(Direction.IN, nets, 1000, new PolicySpec.Protect(
                    Optional.empty(), Protocol.ESP, 7, OptionalInt.empty()).compressed(Optional.of(new PolicySpec.Compression(OptionalInt.empty()))), OptionalInt.empty());
            assertThat(KernelPolicies.policy(KernelPolicies.places(in).getFirst().id(), in, Optional.empty()).templates()).extracting(XfrmTemplate::optional).containsExactly(true, false);
        }
    }

    /** RFC 4302, section 2.2; an ICV of 128 bits makes 28 octets in IPv4, and 32 in IPv6. */
    @Test
    void theHeaderOfAhIsAMultipleOfFourOctetsInIpv4AndOfEightInIpv6() throws DataPlaneException {
        for (Direction direction : new Direction[] {Direction.IN, Direction.OUT}) {
            assertThat(state(MOON, SUN, Mode.TRANSPORT, direction).flags()).isEqualTo(XfrmState.ALIGN4);
            assertThat(state(MOON, SUN, Mode.TUNNEL, direction).flags()).isEqualTo(XfrmState.ALIGN4 | XfrmState.AF_UNSPEC);
            assertThat(state(MOON6, SUN6, Mode.TRANSPORT, direction).flags()).isZero();
            assertThat(state(MOON6, SUN6, Mode.TUNNEL, direction).flags()).isEqualTo(XfrmState.AF_UNSPEC);
        }
    }
}
