package org.xfrmagent.agent.dataplane;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * The tunnel that data planes are tried with, as one of its gateways has it:
 *
 * <pre>
 *   10.1.0.1, in 10.1.0.0/16 ── 192.0.2.1 ═══ tunnel ═══ 192.0.2.2 ── 10.2.0.0/16
 *                              192.0.2.11              192.0.2.12
 * </pre>
 */
public final class SiteToSite {
    public static final InetAddress HERE = address("192.0.2.1");
    public static final InetAddress THERE = address("192.0.2.2");
    /** Where a tunnel moves to. */
    public static final InetAddress HERE_LATER = address("192.0.2.11");
    public static final InetAddress THERE_LATER = address("192.0.2.12");
    public static final InetAddress LOCAL_HOST = address("10.1.0.1");
    public static final InetAddress REMOTE_HOST = address("10.2.0.1");
    public static final SelectorPair OUTWARDS = pair("10.1.0.0/16", "10.2.0.0/16");
    /** Of its SAs and policies. */
    public static final int REQID = 17;

    private SiteToSite() {}

    public static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow(() -> new IllegalArgumentException(text));
    }

    public static SelectorPair pair(String source, String destination) {
        return new SelectorPair(
                TrafficSelector.of(AddressRange.parse(source)), TrafficSelector.of(AddressRange.parse(destination)));
    }

    /** AES-128-GCM under a key made for this SA alone. */
    public static SaKeys keys(int spi) {
        Algorithm gcm = Algorithms.byKeyword("aes128gcm16").orElseThrow();
        byte[] key = new byte[gcm.keyMaterialBytes()];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (spi * 31 + i);
        }
        return new SaKeys.Aead(gcm, Secret.take(key));
    }

    public static SaSpec outbound(int spi, SaLimits limits) {
        return new SaSpec(
                new SaId(THERE, Protocol.ESP, spi), HERE, Direction.OUT, Mode.TUNNEL, REQID, keys(spi), Optional.empty(), 0, false, limits,
                Optional.empty(), OptionalInt.empty());
    }

    public static SaSpec inbound(int spi, SaLimits limits) {
        return new SaSpec(
                new SaId(HERE, Protocol.ESP, spi), THERE, Direction.IN, Mode.TUNNEL, REQID, keys(spi), Optional.empty(), 32, false, limits,
                Optional.empty(), OptionalInt.empty());
    }

    public static PolicySpec protect(Direction direction, int priority, OptionalInt spi) {
        boolean out = direction == Direction.OUT;
        PolicySpec.Endpoints endpoints = out ? new PolicySpec.Endpoints(HERE, THERE) : new PolicySpec.Endpoints(THERE, HERE);
        return new PolicySpec(
                direction, out ? OUTWARDS : OUTWARDS.reversed(), priority,
                new PolicySpec.Protect(Optional.of(endpoints), Protocol.ESP, REQID, spi), OptionalInt.empty());
    }

    public static PolicySpec trap() {
        return protect(Direction.OUT, 1001, OptionalInt.empty());
    }
}
