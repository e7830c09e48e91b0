package org.xfrmagent.agent.control;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.IkeKeys;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Cpis;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.ProposalParser;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Endings;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;

/** The very tunnels that a real charon showed when the fixtures were captured, as sessions of ours. */
public final class Samples {
    /** The engine's clock at the listing. */
    public static final long NOW = 100_000;

    private static final InetAddress MOON = address("10.9.0.1");
    private static final InetAddress SUN = address("10.9.0.2");

    private Samples() {}

    public static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow();
    }

    public static Proposal proposal(Protocol protocol, String text) {
        return switch (ProposalParser.parse(protocol, text)) {
            case ProposalParser.Accepted(var proposal, _) -> proposal;
            case ProposalParser.Refused(var problems) -> throw new IllegalArgumentException(problems.toString());
        };
    }

    public static TrafficSelector range(String text) {
        return TrafficSelector.of(AddressRange.parse(text));
    }

    public static TrafficSelector range(String text, int protocol, int from, int to) {
        return new TrafficSelector(protocol, from, to, AddressRange.parse(text));
    }

    public static Peer peer(String name) {
        return Peer.of(name, new Side(List.of(new Host.Address(MOON)), Defaults.PORT, Identity.parse("a.lab"), Auth.PSK),
                new Side(List.of(new Host.Address(SUN)), Defaults.PORT, Identity.parse("b.lab"), Auth.PSK));
    }

    public static Policy protect(String name, Start start, TrafficSelector local, TrafficSelector remote) {
        Action.Protect usual = Action.Protect.with("ab");
        return policy(name, local, remote, new Action.Protect(usual.peer(), usual.mode(), usual.tunnelFallback(), usual.protocol(), usual.proposals(), start, Endings.of(start),
                usual.lifetimes(), usual.reqid(), usual.marks(), usual.interfaceIds(), usual.replayWindow(), usual.ownInterface(),
                usual.routes(), usual.tunnelHeader(), usual.tfcPadding(), usual.updown(), usual.spdEntry(), usual.sadEntry()));
    }

    public static Policy policy(String name, TrafficSelector local, TrafficSelector remote, Action action) {
        return new Policy(name, new Match(new Selectors.Fixed(List.of(local)), new Selectors.Fixed(List.of(remote))), action);
    }

    /** Peer "ab" with the tunnel "net", another that is down, a bypass and a discard, and a pool. */
    public static PolicySet policies() {
        return new PolicySet(List.of(peer("ab")), List.of(
                policy("ssh", range("10.9.0.0/24", IpProtocols.TCP, 22, 22), range("0.0.0.0/0", IpProtocols.TCP, 0, 65535), new Action.Bypass()),
                protect("net", Start.AT_START, range("10.1.0.0/24"), range("10.2.0.0/24")),
                protect("lab", Start.ON_TRAFFIC, range("10.1.0.0/24"), range("10.3.0.0/24")),
                protect("guest", Start.BY_PEER, range("10.1.0.0/24"), range("10.4.0.0/24")),
                policy("telnet", range("10.9.0.0/24", IpProtocols.TCP, 0, 65535), range("0.0.0.0/0", IpProtocols.TCP, 23, 23),
                        new Action.Discard())),
                List.of(), List.of(new Pool("staff", List.of(AddressRange.parse("10.3.0.0/28")), List.of())));
    }

    public static Settings settings(PolicySet policies) {
        List<Profile> profiles = policies.peers().stream()
                .map(peer -> new Profile(peer, policies.protectedBy(peer.name()).stream().map(policy -> child(policy, 1)).toList()))
                .toList();
        return new Settings(profiles, (_, _) -> Optional.empty(), Settings.Ports.STANDARD);
    }

    private static ChildProfile child(Policy policy, int reqid) {
        return new ChildProfile(policy, (Action.Protect) policy.action(), reqid, 1000);
    }

    public static FakeAgent agent() {
        PolicySet policies = policies();
        return new FakeAgent(policies, settings(policies));
    }

    /** A session that has not sent anything. */
    public static Session fresh(Settings settings) {
        return Session.fresh(1, 0, true, true, settings, settings.profile("ab"), new Path(MOON, 4500, SUN, 4500), NOW - 4_000);
    }

    public static IkeSa ikeSa(long initiatorSpi, long responderSpi, String suite) {
        Secret none = Secret.take(new byte[0]);
        return new IkeSa(initiatorSpi, responderSpi, true, proposal(Protocol.IKE, suite), new IkeKeys(none, none, none, none, none, none, none), 0,
                Window.FRESH, true);
    }

    private static Phase.Established established(IkeSa sa, int secondsAgo) {
        return new Phase.Established(sa, Identity.parse("a.lab"), Identity.parse("b.lab"), Optional.empty(), NOW - secondsAgo * 1000L, InnerAddresses.none(), List.of());
    }

    /** As in charon-list-sas-tunnel.raw. */
    public static Session tunnel(Settings settings) {
        ChildProfile net = settings.profile("ab").orElseThrow().child("net").orElseThrow();
        ChildSa child = new ChildSa(1, net, proposal(Protocol.ESP, "aes256gcm16"), Mode.TUNNEL, new SaId(MOON, Protocol.ESP, 0xc9b1f824),
                new SaId(SUN, Protocol.ESP, 0xc1cc59cb), Optional.empty(), List.of(range("10.1.0.0/24")), List.of(range("10.2.0.0/24")), List.of(),
                NOW - 5_000, new SaLimits(3_529, 3_961, 0, 0, 0, 0), ChildSa.State.INSTALLED, OptionalInt.empty());
        IkeSa sa = ikeSa(0x1790480c904cb0d2L, 0xa566357ac9b3f5a3L, "aes256gcm16-prfsha256-x25519");
        return fresh(settings).withPhase(established(sa, 4)).withChildren(List.of(child))
                .withDelayed(List.of(new Task.Delayed(new Task.RekeyIke(), NOW + 13_906_000)));
    }

    /** The same with compression. */
    public static ChildSa compressed(ChildSa plain) {
        return new ChildSa(plain.serial(), plain.profile(), plain.suite(), plain.mode(), plain.inbound(), plain.outbound(), plain.encapsulation(), plain.local(),
                plain.remote(), plain.policies(), plain.since(), plain.limits(), plain.state(), plain.replaces(), plain.tags(), Optional.of(new Cpis(0x821, 0x52b4)));
    }

    /** As in charon-list-sas-transport-in-udp.raw. */
    public static Session behindNat(Settings settings) {
        ChildProfile host = child(policy("host", range("10.9.0.1"), range("10.9.0.2"), Action.Protect.with("ab")), 2);
        ChildProfile trapped = child(policy("trapped", range("10.1.0.0/24"), range("10.2.0.0/24"), Action.Protect.with("ab")), 1);
        ChildSa first = new ChildSa(2, host, proposal(Protocol.ESP, "aes128-sha256"), Mode.TRANSPORT, new SaId(MOON, Protocol.ESP, 0xc51e7a05),
                new SaId(SUN, Protocol.ESP, 0xc7d5fbce), Optional.of(new UdpEncapsulation(4500, 4500)), List.of(range("10.9.0.1", IpProtocols.ICMP, 8 * 256, 8 * 256)),
                List.of(range("10.9.0.2")), List.of(), NOW - 2_000, SaLimits.NONE, ChildSa.State.INSTALLED, OptionalInt.empty());
        ChildSa second = new ChildSa(3, trapped, proposal(Protocol.ESP, "aes128-sha256-modp2048-esn"), Mode.TUNNEL,
                new SaId(MOON, Protocol.ESP, 0xc1edd9ad), new SaId(SUN, Protocol.ESP, 0xc8a1a525), Optional.of(new UdpEncapsulation(4500, 4500)),
                List.of(range("10.1.0.0/24", IpProtocols.TCP, 22, 22), range("10.1.0.0/24", IpProtocols.UDP, 1000, 2000)),
                List.of(range("10.2.0.0/24", IpProtocols.TCP, 0, 65535), range("10.2.0.0/24", IpProtocols.UDP, 0, 65535)), List.of(),
                NOW - 1_000, SaLimits.NONE, ChildSa.State.INSTALLED, OptionalInt.empty());
        IkeSa sa = ikeSa(0xdea793b53f59ef22L, 0xe909bcfd7afeed4bL, "aes128-sha256-modp2048");
        return fresh(settings).withNat(new Session.Nat(false, true)).withPhase(established(sa, 1)).withChildren(List.of(first, second));
    }

    static Bytes nonce() {
        return Bytes.wrap(new byte[32]);
    }
}
