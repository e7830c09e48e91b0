package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/**
 * How a tunnel is to be: its SAs, whose keys follow from their SPIs, and its policies.
 *
 * @param algorithms by their keywords: one, or a cipher and a MAC with a hyphen between
 * @param udp whether ESP goes in UDP
 */
record TunnelKind(Protocol protocol, Mode mode, String algorithms, boolean esn, boolean udp) {
    private static final int REQID = 5;

    SaSpec sa(InetAddress from, InetAddress to, Direction direction, int spi) {
        return new SaSpec(
                new SaId(to, protocol, spi), from, direction, mode, REQID, keys(algorithms, spi),
                udp ? Optional.of(new UdpEncapsulation(Port4500.NUMBER, Port4500.NUMBER)) : Optional.empty(), 64, esn, SaLimits.NONE,
                Optional.empty(), OptionalInt.empty());
    }

    /** Those of the gateway {@code here}, for what goes out and what comes in. */
    List<Operation> policies(InetAddress here, InetAddress there, SelectorPair outwards) {
        List<Operation> operations = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            boolean out = direction == Direction.OUT;
            if (direction == Direction.FWD && mode == Mode.TRANSPORT) {
                continue;
            }
            Optional<PolicySpec.Endpoints> endpoints = mode == Mode.TRANSPORT
                    ? Optional.empty()
                    : Optional.of(new PolicySpec.Endpoints(out ? here : there, out ? there : here));
            operations.add(new Operation.AddPolicy(new PolicySpec(
                    direction, out ? outwards : outwards.reversed(), 1000,
                    new PolicySpec.Protect(endpoints, protocol, REQID, OptionalInt.empty()), OptionalInt.empty())));
        }
        return operations;
    }

    private static SaKeys keys(String words, int seed) {
        String[] names = words.split("-");
        Algorithm cipher = Algorithms.byKeyword(names[0]).orElseThrow();
        if (names.length == 1) {
            return cipher.aead()
                    ? new SaKeys.Aead(cipher, secret(cipher, seed))
                    : new SaKeys.MacOnly(cipher, secret(cipher, seed));
        }
        Algorithm mac = Algorithms.byKeyword(names[1]).orElseThrow();
        return new SaKeys.CipherAndMac(cipher, secret(cipher, seed), mac, secret(mac, seed + 1));
    }

    private static Secret secret(Algorithm algorithm, int seed) {
        byte[] key = new byte[algorithm.keyMaterialBytes()];
        new Random(seed).nextBytes(key);
        return Secret.take(key);
    }
}
