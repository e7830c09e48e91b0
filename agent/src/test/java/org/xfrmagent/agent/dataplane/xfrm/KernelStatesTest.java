package org.xfrmagent.agent.dataplane.xfrm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.netlink.xfrm.XfrmState;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;

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
