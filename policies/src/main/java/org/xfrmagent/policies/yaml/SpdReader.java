package org.xfrmagent.policies.yaml;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

import org.xfrmagent.policies.algorithm.NearestWord;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.grammar.Addresses;
import org.xfrmagent.policies.grammar.Key;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.grammar.SpdGrammar;
import org.xfrmagent.policies.grammar.SpdGrammar.ActionWord;
import org.xfrmagent.policies.grammar.Text;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Afterwards;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Endings;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Offload;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.RouteChoice;
import org.xfrmagent.policies.model.SadEntry;
import org.xfrmagent.policies.model.SpdEntry;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TunnelHeader;
import org.xfrmagent.policies.model.XfrmInterface;

/** A policy from its keys. */
final class SpdReader {
    private static final AddressRange MULTICAST_V4 = AddressRange.parse("224.0.0.0/4");
    private static final AddressRange MULTICAST_V6 = AddressRange.parse("ff00::/8");

    private final Section section;
    private final Map<String, Optional<Located<Peer>>> peers;

    /** @param peers by name; empty for one that has problems of its own */
    SpdReader(Section section, Map<String, Optional<Located<Peer>>> peers) {
        this.section = section;
        this.peers = peers;
    }

    /** Empty after a problem; the position is that of the policy's name. */
    Optional<Located<Policy>> read() {
        Optional<String> name = section.get(SpdGrammar.NAME);
        Optional<ActionWord> word = section.get(SpdGrammar.ACTION);
        Mode mode = section.get(SpdGrammar.MODE).orElse(Defaults.MODE);
        boolean protect = word.filter(ActionWord.PROTECT::equals).isPresent();
        Optional<Match> match = section.get(SpdGrammar.MATCH)
                .filter(fields -> !protect || unicast(fields))
                .flatMap(fields -> new MatchReader(fields, protect, mode).read());
        Optional<Action> action = word.flatMap(which -> switch (which) {
            case PROTECT -> protect(mode);
            case BYPASS -> Optional.of(new Action.Bypass());
            case DISCARD -> Optional.of(new Action.Discard());
        });
        return name.flatMap(good -> match.flatMap(traffic -> action
                .map(what -> new Located<>(new Policy(good, traffic, what), section.at(SpdGrammar.NAME)))));
    }

    private Optional<Action> protect(Mode mode) {
        if (section.has(SpdGrammar.ESP) && section.has(SpdGrammar.AH)) {
            section.where(SpdGrammar.AH).problem(section.at(SpdGrammar.AH), "stands beside 'esp', expected one of the two");
        }
        Protocol protocol = section.has(SpdGrammar.AH) ? Protocol.AH : Protocol.ESP;
        Optional<List<Proposal>> proposals = section.has(SpdGrammar.AH) ? section.get(SpdGrammar.AH) : section.get(SpdGrammar.ESP);
        MarkReader told = new MarkReader(section);
        Optional<XfrmInterface> own = told.ownInterface();
        Marks marks = told.marks();
        InterfaceIds interfaceIds = told.interfaceIds();
        Optional<String> name = section.get(SpdGrammar.PEER);
        Optional<Peer> peer = name.flatMap(this::peer);
        Start start = start(peer, marks.areUnique() || interfaceIds.areUnique());
        Protect protect = new Protect(
                name.orElse(""),
                mode,
                section.get(SpdGrammar.TUNNEL_FALLBACK).orElse(Defaults.TUNNEL_FALLBACK),
                protocol,
                proposals.orElse(Defaults.childProposals(protocol)),
                start,
                new Endings(afterwards(SpdGrammar.WHEN_CLOSED, start, peer), afterwards(SpdGrammar.WHEN_LOST, start, peer)),
                section.get(SpdGrammar.LIFETIME).map(lifetime -> LifetimeReader.read(lifetime, Defaults.CHILD_LIFETIMES))
                        .orElse(Defaults.CHILD_LIFETIMES),
                section.get(SpdGrammar.REQID).map(OptionalInt::of).orElse(OptionalInt.empty()),
                marks,
                interfaceIds,
                section.get(SpdGrammar.REPLAY_WINDOW).orElse(Defaults.REPLAY_WINDOW),
                own,
                section.get(SpdGrammar.ROUTES).orElse(own.isPresent() ? RouteChoice.AUTO : RouteChoice.NONE),
                new TunnelHeader(
                        section.get(SpdGrammar.COPY_DSCP).orElse(Defaults.TUNNEL_HEADER.copyDscp()),
                        section.get(SpdGrammar.COPY_ECN).orElse(Defaults.TUNNEL_HEADER.copyEcn()),
                        section.get(SpdGrammar.COPY_DF).orElse(Defaults.TUNNEL_HEADER.copyDf())),
                section.get(SpdGrammar.TFC).orElse(Defaults.TFC_PADDING),
                section.get(SpdGrammar.UPDOWN).orElse(List.of()),
                new SpdEntry(
                        section.get(SpdGrammar.SPD_ENTRY).orElse(Defaults.SPD_ENTRY.installed()),
                        section.get(SpdGrammar.FORWARD_OUT).orElse(Defaults.SPD_ENTRY.forwardsOut()),
                        section.get(SpdGrammar.HOLD).orElse(Defaults.SPD_ENTRY.held())),
                new SadEntry(
                        section.get(SpdGrammar.SHORT_SHA256).orElse(Defaults.SAD_ENTRY.shortSha256()),
                        section.get(SpdGrammar.OFFLOAD).orElse(Defaults.SAD_ENTRY.offload()),
                        section.get(SpdGrammar.COMPRESS).orElse(Defaults.SAD_ENTRY.compress())));
        fits(protect);
        peer.ifPresent(known -> suits(known, protect));
        return peer.map(_ -> protect);
    }

    /** Keys that say something of what this policy does not have. */
    private void fits(Protect protect) {
        boolean tunnel = protect.mode() == Mode.TUNNEL || protect.tunnelFallback();
        for (Key<?> key : List.of(SpdGrammar.COPY_DSCP, SpdGrammar.COPY_ECN, SpdGrammar.COPY_DF, SpdGrammar.TFC)) {
            if (!tunnel && section.has(key)) {
                only(key, "is about a tunnel", "mode: tunnel");
            }
        }
        if (section.has(SpdGrammar.TFC) && protect.protocol() == Protocol.AH) {
            only(SpdGrammar.TFC, "hides what AH does not hide", "esp");
        }
        if (protect.sadEntry().compress() && protect.sadEntry().offload() == Offload.PACKET) {
            section.where(SpdGrammar.COMPRESS).problem(section.at(SpdGrammar.COMPRESS),
                    "is true, and a device that sees to whole packets ('offload: packet') compresses none, expected false");
        }
        if (protect.tunnelFallback() && protect.mode() == Mode.TUNNEL) {
            only(SpdGrammar.TUNNEL_FALLBACK, "is about what transport mode falls back to", "mode: transport");
        }
        boolean extended = protect.proposals().stream().anyMatch(
                proposal -> proposal.of(TransformType.ESN).stream().anyMatch(row -> row.keyword().equals("esn")));
        if (extended && protect.replayWindow() == 0) {
            section.where(SpdGrammar.REPLAY_WINDOW).problem(section.at(SpdGrammar.REPLAY_WINDOW),
                    "is 0, and extended sequence numbers ('esn') need a window to be told apart, expected 1 to 4096");
        }
    }

    private void only(Key<?> key, String why, String expected) {
        section.where(key).problem(section.at(key), why + ", expected it beside '" + expected + "'");
    }

    private Optional<Peer> peer(String name) {
        if (!peers.containsKey(name)) {
            String hint = NearestWord.to(name, peers.keySet()).map(word -> "; did you mean '" + word + "'?")
                    .orElse(peers.isEmpty() ? ", there are no peers" : ", expected " + Text.or(peers.keySet().stream().limit(10).toList()));
            section.where(SpdGrammar.PEER).problem(section.at(SpdGrammar.PEER), "is '" + name + "', and there is no such peer" + hint);
        }
        return peers.getOrDefault(name, Optional.empty()).map(Located::value);
    }

    private Afterwards afterwards(Key<Afterwards> key, Start start, Optional<Peer> peer) {
        Optional<Afterwards> wanted = section.get(key);
        if (wanted.filter(Afterwards.AT_ONCE::equals).isPresent() && !isCallable(peer)) {
            section.where(key).problem(section.at(key), "is '" + wanted.get().word() + "', and the peer '" + peer.get().name()
                    + "' has no address that could be called, expected " + Afterwards.NOTHING.word());
        }
        return wanted.orElse(Endings.of(start).closed());
    }

    private static boolean isCallable(Optional<Peer> peer) {
        return peer.isEmpty() || peer.get().remote().addresses().stream().anyMatch(Host::callable);
    }

    /** @param unique whether nobody knows by what packets are told before there is a child */
    private Start start(Optional<Peer> peer, boolean unique) {
        boolean callable = isCallable(peer);
        Optional<Start> wanted = section.get(SpdGrammar.START);
        if (!callable && wanted.filter(start -> start != Start.BY_PEER).isPresent()) {
            section.where(SpdGrammar.START).problem(section.at(SpdGrammar.START), "is '" + wanted.get().word() + "', and the peer '"
                    + peer.get().name() + "' has no address that could be called, expected " + Start.BY_PEER.word());
        }
        boolean entry = section.get(SpdGrammar.SPD_ENTRY).orElse(Defaults.SPD_ENTRY.installed());
        boolean held = section.get(SpdGrammar.HOLD).orElse(Defaults.SPD_ENTRY.held());
        boolean seen = entry && held && !unique;
        if (!seen && wanted.filter(Start.ON_TRAFFIC::equals).isPresent()) {
            section.where(SpdGrammar.START).problem(section.at(SpdGrammar.START), "is '" + Start.ON_TRAFFIC.word()
                    + (entry && !held ? "', and traffic that is not held asks for no SA, expected " : entry ? "', and nobody knows a unique mark or id before the child has it, expected "
                            : "', and without an SPD entry no traffic is seen, expected ")
                     + Start.AT_START.word() + " or " + Start.BY_PEER.word());
        }
        return wanted.orElse(callable && seen ? Defaults.START : Start.BY_PEER);
    }

    private void suits(Peer peer, Protect protect) {
        if (protect.protocol() == Protocol.AH && peer.forceEncapsulation()) {
            section.where(SpdGrammar.AH).problem(section.at(SpdGrammar.AH), "cannot go in UDP, and the peer '" + peer.name()
                    + "' has 'force-encapsulation: true', expected 'esp'");
        }
        if (peer.ike().hasV2()) {
            Key<?> key = protect.protocol() == Protocol.AH ? SpdGrammar.AH : SpdGrammar.ESP;
            PeerReader.forIkev1(protect.proposals()).ifPresent(words -> section.where(key).problem(section.at(key), words));
        }
        if (!peer.ike().hasV2()) {
            section.get(SpdGrammar.MATCH).filter(match -> match.has(SpdGrammar.LABEL)).ifPresent(match -> match.where(SpdGrammar.LABEL).problem(
                    match.at(SpdGrammar.LABEL), "is agreed on by IKEv2 only, and the peer '" + peer.name() + "' has 'ike: " + peer.ike().word()
                            + "', expected a peer with 'ike: v2'"));
        }
        if (protect.mode() == Mode.TRANSPORT) {
            section.get(SpdGrammar.MATCH).ifPresent(match -> {
                onlyItself(match, SpdGrammar.LOCAL, peer, peer.local().addresses());
                onlyItself(match, SpdGrammar.REMOTE, peer, peer.remote().addresses());
            });
        }
    }

    /** RFC 4301 section 4.1: transport mode is for the hosts themselves, so a selector with other addresses would never work. */
    private static void onlyItself(Section match, Key<Addresses> key, Peer peer, List<Host> hosts) {
        match.get(key).map(Addresses::ranges).orElse(List.of()).stream()
                .filter(range -> hosts.stream().noneMatch(host -> holds(host, range.value())))
                .forEach(range -> match.where(key).problem(range.at(), "is " + range.value()
                        + ", and transport mode protects the two hosts themselves, expected an address of the " + key.name()
                        + " side of peer '" + peer.name() + "': " + Text.or(hosts.stream().map(Host::toString).toList())));
    }

    private static boolean holds(Host host, AddressRange range) {
        return switch (host) {
            case Host.Address one -> range.equals(AddressRange.of(one.address()));
            case Host.Range many -> many.range().contains(range);
            case Host.DnsName _, Host.Any _ -> true;
        };
    }

    private static boolean unicast(Section match) {
        boolean local = unicast(match, SpdGrammar.LOCAL);
        return unicast(match, SpdGrammar.REMOTE) && local;
    }

    private static boolean unicast(Section match, Key<Addresses> key) {
        List<Located<AddressRange>> bad = match.get(key).map(Addresses::ranges).orElse(List.of()).stream().filter(range -> namesGroups(range.value())).toList();
        bad.forEach(range -> match.where(key).problem(range.at(), "is " + range.value() + ", which is "
                + (range.value().isBroadcast() ? "broadcast" : "multicast")
                + ": IKE agrees on keys between one pair of hosts and cannot key a group, expected unicast addresses or 'action: bypass'"));
        return bad.isEmpty();
    }

    /** Whether a range means groups in particular; one that has all of them, such as 0.0.0.0/0, only has them among others. */
    private static boolean namesGroups(AddressRange range) {
        AddressRange groups = range.family() == AddressFamily.IPV4 ? MULTICAST_V4 : MULTICAST_V6;
        boolean wider = range.contains(groups) && !range.equals(groups);
        return range.isBroadcast() || range.intersect(groups).isPresent() && !wider;
    }
}
