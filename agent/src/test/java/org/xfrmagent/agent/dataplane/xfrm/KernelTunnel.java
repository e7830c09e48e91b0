package org.xfrmagent.agent.dataplane.xfrm;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaMarks;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Offload;
import org.xfrmagent.policies.model.TrafficSelector;
import org.xfrmagent.policies.model.TunnelHeader;

/**
 * A tunnel between the gateways of {@link KernelSadTest}.
 *
 * @param window of replay protection, in packets
 * @param tfc octets that packets are filled up to
 */
record KernelTunnel(
        Mode mode, Protocol protocol, boolean esn, int window, SaLimits limits, Optional<SelectorPair> selector, TunnelHeader header,
        int tfc) {
    static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();
    static final InetAddress SUN = Ip.parse("192.0.2.2").orElseThrow();
    static final InetAddress MOON_LAN = Ip.parse("10.1.0.1").orElseThrow();
    static final InetAddress SUN_LAN = Ip.parse("10.2.0.1").orElseThrow();
    static final SelectorPair LANS = new SelectorPair(
            TrafficSelector.of(AddressRange.parse("10.1.0.0/16")), TrafficSelector.of(AddressRange.parse("10.2.0.0/16")));
    static final int REQID = 7;
    private static final SecureRandom RANDOM = new SecureRandom();

    static final KernelTunnel PLAIN =
            new KernelTunnel(Mode.TUNNEL, Protocol.ESP, false, 1024, SaLimits.NONE, Optional.empty(), TunnelHeader.USUAL, 0);

    KernelTunnel with(TunnelHeader rules, int padding) {
        return new KernelTunnel(mode, protocol, esn, window, limits, selector, rules, padding);
    }

    KernelTunnel withWindow(int packets) {
        return new KernelTunnel(mode, protocol, esn, packets, limits, selector, header, tfc);
    }

    KernelTunnel withEsn() {
        return new KernelTunnel(mode, protocol, true, window, limits, selector, header, tfc);
    }

    KernelTunnel withLimits(SaLimits wanted) {
        return new KernelTunnel(mode, protocol, esn, window, wanted, selector, header, tfc);
    }

    KernelTunnel withSelector(SelectorPair wanted) {
        return new KernelTunnel(mode, protocol, esn, window, limits, Optional.of(wanted), header, tfc);
    }

    KernelTunnel ah() {
        return new KernelTunnel(mode, Protocol.AH, esn, window, limits, selector, header, tfc);
    }

    /** As the one side has it whose {@code direction} that is. */
    SaSpec sa(int spi, boolean fromMoon, Direction direction, SaKeys keys) {
        SaId id = new SaId(fromMoon ? SUN : MOON, protocol, spi);
        return new SaSpec(
                id, fromMoon ? MOON : SUN, direction, mode, REQID, keys, Optional.empty(), window, esn, limits,
                direction == Direction.OUT ? selector.map(pair -> fromMoon ? pair : pair.reversed()) : Optional.empty(),
                OptionalInt.empty(), SaMarks.NONE, header, direction == Direction.OUT ? tfc : 0, Offload.NO);
    }

    PolicySpec policy(Direction direction, boolean moonsView, OptionalInt spi) {
        SelectorPair out = moonsView ? LANS : LANS.reversed();
        Optional<PolicySpec.Endpoints> ends = Optional.of(
                moonsView == (direction == Direction.OUT) ? new PolicySpec.Endpoints(MOON, SUN) : new PolicySpec.Endpoints(SUN, MOON));
        return new PolicySpec(
                direction, direction == Direction.OUT ? out : out.reversed(), 1,
                new PolicySpec.Protect(ends, protocol, REQID, spi), OptionalInt.empty());
    }

    /** Fresh keys twice: each side's plane gets secrets of its own. */
    static List<SaKeys> keysTwice(Algorithm first, Optional<Algorithm> mac) {
        byte[] one = key(first);
        if (mac.isEmpty()) {
            return first.type() == TransformType.INTEG
                    ? List.of(new SaKeys.MacOnly(first, Secret.take(one.clone())), new SaKeys.MacOnly(first, Secret.take(one.clone())))
                    : List.of(new SaKeys.Aead(first, Secret.take(one.clone())), new SaKeys.Aead(first, Secret.take(one.clone())));
        }
        byte[] two = key(mac.get());
        return List.of(
                new SaKeys.CipherAndMac(first, Secret.take(one.clone()), mac.get(), Secret.take(two.clone())),
                new SaKeys.CipherAndMac(first, Secret.take(one.clone()), mac.get(), Secret.take(two.clone())));
    }

    private static byte[] key(Algorithm row) {
        byte[] octets = new byte[row.keyMaterialBytes()];
        RANDOM.nextBytes(octets);
        return octets;
    }
}
