package org.xfrmagent.it.bench;

import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
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
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * What a child costs where there are many: all of one peer, and one of each of many peers. Both ends run in this thread, so each
 * figure is that of initiator and responder together; the data plane is free.
 *
 * <p>{@code java -cp … org.xfrmagent.it.bench.ChildrenCost [NUMBER…]}
 */
public final class ChildrenCost {
    private static final List<Integer> NUMBERS = List.of(10, 100, 1_000);
    private static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();
    private static final int WARM_UP = 300;
    private static final int SAMPLE = 200;
    private static final int TICKS = 10_000;

    private ChildrenCost() {}

    public static void main(String[] args) {
        List<Integer> numbers = args.length == 0 ? NUMBERS : List.of(args).stream().map(Integer::valueOf).toList();
        measure(1, WARM_UP);
        measure(WARM_UP, WARM_UP);
        System.out.println("children  peers   settings us/child   up us/child   rekey us/child   tick ns   heap bytes/child");
        for (int number : numbers) {
            System.out.println(measure(1, number));
            System.out.println(measure(number, number));
        }
    }

    private static String measure(int peers, int children) {
        long empty = heap();
        long begin = cpu();
        Engines engines = engines(peers, children);
        long settings = cpu() - begin;

        begin = cpu();
        for (int i = 0; i < children; i++) {
            engines.moon.up("sun" + i % peers, "net" + i);
            engines.settle();
        }
        long up = cpu() - begin;
        if (engines.moon.children() != children) {
            throw new IllegalStateException(engines.moon.children() + " of " + children + " children came up: "
                    + engines.moon.troubles().stream().limit(3).toList() + engines.sun.troubles().stream().limit(3).toList());
        }
        long heap = heap() - empty;

        List<Session> sessions = List.copyOf(engines.moon.endpoint.sessions().values());
        int sample = Math.min(SAMPLE, children);
        begin = cpu();
        for (int i = 0; i < sample; i++) {
            Session session = sessions.get(i % sessions.size());
            ChildSa child = session.children().get(peers == 1 ? i : 0);
            engines.moon.rekey(session.id(), child.serial());
            engines.settle();
        }
        long rekey = cpu() - begin;

        begin = cpu();
        for (int i = 0; i < TICKS; i++) {
            engines.moon.endpoint.nextDeadline();
            engines.moon.tick();
        }
        long ticks = cpu() - begin;
        return "%8d %6d %19.1f %13.0f %16.0f %9d %18d".formatted(
                children, peers, micros(settings, children), micros(up, children), micros(rekey, sample), ticks / TICKS, heap / children);
    }

    private static double micros(long nanos, int count) {
        return nanos / 1_000.0 / count;
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    static Engines engines(int peers, int children) {
        Map<String, InetAddress> addresses = new HashMap<>();
        for (int i = 0; i < peers; i++) {
            addresses.put("sun" + i, sun(i));
        }
        return new Engines(settings(peers, children, true), addresses, MOON, settings(peers, children, false));
    }

    private static InetAddress sun(int number) {
        return Ip.of((byte) 198, (byte) (18 + number / 60_000), (byte) (number / 250), (byte) (1 + number % 250));
    }

    private static Settings settings(int peers, int children, boolean moons) {
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

    private static ChildProfile child(String peer, int number, boolean moons) {
        AddressRange left = AddressRange.prefix(net(10, number), 24);
        AddressRange right = AddressRange.prefix(net(11, number), 24);
        Selectors local = new Selectors.Fixed(List.of(TrafficSelector.of(moons ? left : right)));
        Selectors remote = new Selectors.Fixed(List.of(TrafficSelector.of(moons ? right : left)));
        Protect usual = Protect.with(peer);
        Protect protect = new Protect(
                peer, usual.mode(), usual.tunnelFallback(), Protocol.ESP, List.of(proposal()), Start.BY_PEER,
                usual.lifetimes(), OptionalInt.empty(), usual.marks(), OptionalInt.empty(), 64, usual.ownInterface(), usual.routes(),
                usual.tunnelHeader(), usual.tfcPadding(), usual.updown());
        return new ChildProfile(
                new Policy("net" + number, new Match(local, remote), protect), protect, number + 1, 100_002 + 2 * number);
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
