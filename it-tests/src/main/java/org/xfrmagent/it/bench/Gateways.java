package org.xfrmagent.it.bench;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.ProposalParser;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.Endings;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Two gateways that have so many children between them: of so many peers, each with as many as the others, each of a policy of its own.
 *
 * @param start how moon's come up; sun waits for them
 */
record Gateways(int peers, int children, Start start) {
    private static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();

    Engines engines() {
        Map<String, InetAddress> addresses = new HashMap<>();
        for (int i = 0; i < peers; i++) {
            addresses.put("sun" + i, sun(i));
        }
        return new Engines(settings(true), addresses, MOON, settings(false));
    }

    /** The peer that moon has a child with. */
    String peer(int child) {
        return "sun" + child % peers;
    }

    String policy(int child) {
        return "net" + child;
    }

    int reqid(int child) {
        return child + 1;
    }

    /** The child of a reqid. */
    int number(int reqid) {
        return reqid - 1;
    }

    /** One that needs a child, as moon sends it. */
    SelectorPair packet(int child) {
        return new SelectorPair(TrafficSelector.of(net(10, child)), TrafficSelector.of(net(11, child)));
    }

    private static InetAddress sun(int number) {
        return Ip.of((byte) 198, (byte) (18 + number / 60_000), (byte) (number / 250), (byte) (1 + number % 250));
    }

    private Settings settings(boolean moons) {
        List<Profile> profiles = new ArrayList<>();
        for (int number = 0; number < peers; number++) {
            List<ChildProfile> profile = new ArrayList<>();
            String name = (moons ? "sun" : "moon") + number;
            for (int child = number; child < children; child += peers) {
                profile.add(child(name, child, moons));
            }
            profiles.add(new Profile(
                    Peer.of(name, moons ? moonSide(number) : sunSide(number), moons ? sunSide(number) : moonSide(number)), profile));
        }
        byte[] psk = "a shared secret of a benchmark".getBytes(StandardCharsets.UTF_8);
        Secret secret = Secret.take(psk);
        return new Settings(profiles, (_, _) -> Optional.of(secret), Settings.Ports.STANDARD);
    }

    private static Side moonSide(int number) {
        return new Side(List.of(new Host.Address(MOON)), 500, Identity.parse("moon" + number + ".lab"), Auth.PSK);
    }

    private static Side sunSide(int number) {
        return new Side(List.of(new Host.Address(sun(number))), 500, Identity.parse("sun" + number + ".lab"), Auth.PSK);
    }

    private ChildProfile child(String peer, int number, boolean moons) {
        AddressRange left = AddressRange.prefix(net(10, number), 24);
        AddressRange right = AddressRange.prefix(net(11, number), 24);
        Selectors local = new Selectors.Fixed(List.of(TrafficSelector.of(moons ? left : right)));
        Selectors remote = new Selectors.Fixed(List.of(TrafficSelector.of(moons ? right : left)));
        Protect usual = Protect.with(peer);
        Protect protect = new Protect(
                peer, usual.mode(), usual.tunnelFallback(), Protocol.ESP, List.of(proposal()), moons ? start : Start.BY_PEER,
                Endings.of(moons ? start : Start.BY_PEER),
                usual.lifetimes(), OptionalInt.empty(), usual.marks(), usual.interfaceIds(), 64, usual.ownInterface(), usual.routes(),
                usual.tunnelHeader(), usual.tfcPadding(), usual.updown(), usual.spdEntry(), usual.sadEntry());
        return new ChildProfile(
                new Policy(policy(number), new Match(local, remote), protect), protect, reqid(number), 100_002 + 2 * number);
    }

    private static Proposal proposal() {
        return switch (ProposalParser.parse(Protocol.ESP, "aes256gcm16")) {
            case ProposalParser.Accepted(Proposal proposal, var _) -> proposal;
            case ProposalParser.Refused refused -> throw new IllegalStateException(refused.toString());
        };
    }

    private static InetAddress net(int first, int number) {
        return Ip.of((byte) first, (byte) (number / 256), (byte) (number % 256), (byte) 0);
    }
}
