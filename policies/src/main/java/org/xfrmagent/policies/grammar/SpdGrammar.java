package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Key.optional;
import static org.xfrmagent.policies.grammar.Key.required;
import static org.xfrmagent.policies.grammar.Lists.oneOrMore;

import java.util.List;

import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Afterwards;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.InterfaceIds.InterfaceId;
import org.xfrmagent.policies.model.MarkChoice;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Offload;
import org.xfrmagent.policies.model.RouteChoice;
import org.xfrmagent.policies.model.SecurityLabel;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TunnelHeader.CopyDscp;

/** The keys of a policy. */
public final class SpdGrammar {
    /** The three words of RFC 4301 section 4.4.1. */
    public enum ActionWord {
        PROTECT("protect"),
        BYPASS("bypass"),
        DISCARD("discard");

        private final String word;

        ActionWord(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    // Which traffic
    public static final Key<Addresses> LOCAL = optional("local", Addresses.shape(),
            "Addresses on our side, each perhaps with a protocol and ports of its own, as in 10.0.0.1[tcp/22]; 'dynamic' is the one that we talk "
                    + "to the peer from; without it, all, or in transport mode 'dynamic'.");
    public static final Key<Addresses> REMOTE = optional("remote", Addresses.shape(),
            "Addresses on the other side, likewise; 'dynamic' is the one that the peer talks to us from; without it, all, or in transport mode "
                    + "'dynamic'.");
    public static final Key<Integer> PROTOCOL = optional("protocol", Values.protocol(), "any",
            "The upper-layer protocol, by name or number.");
    public static final Key<List<Span>> LOCAL_PORT = optional("local-port", oneOrMore(Values.ports()), "Ports on our side.");
    public static final Key<List<Span>> REMOTE_PORT = optional("remote-port", oneOrMore(Values.ports()), "Ports on the other side.");
    public static final Key<Span> ICMP_TYPE = optional("icmp-type", Values.icmp(), "The ICMP or ICMPv6 type.");
    public static final Key<Span> ICMP_CODE = optional("icmp-code", Values.icmp(), "The code within a single icmp-type.");
    public static final Key<String> DEVICE = optional("device", Values.linkName(),
            "The network interface by which packets leave, as routes have it before they are protected; any without it. While there is none of "
                    + "this name the policy stands by for them. What arrives is judged by its addresses, whatever interface it comes by.");
    public static final Key<SecurityLabel> LABEL = optional("label", Values.securityLabel(),
            "What the peer has to call these SAs, too, in the same words (RFC 9478): by it several policies for the same addresses are told "
                    + "apart. Only with IKEv2 and 'action: protect'; the kernel is not told it.");
    static final Fields MATCH_FIELDS =
            Fields.of("'match'", LOCAL, REMOTE, PROTOCOL, LOCAL_PORT, REMOTE_PORT, ICMP_TYPE, ICMP_CODE, DEVICE, LABEL);

    // A policy
    public static final Key<String> NAME = required("name", Scalars.name(), "What commands and log lines call it.");
    public static final Key<Section> MATCH = required("match", MATCH_FIELDS, "Which traffic it is about; {} for all.");
    public static final Key<ActionWord> ACTION = required("action", Words.of(ActionWord.class, ActionWord::word),
            "What happens to that traffic: it goes through a tunnel or not at all, passes in the clear, or is dropped.");
    public static final Key<String> PEER =
            protect(required("peer", Scalars.name(), "The peer, by its name under 'peers'."));
    public static final Key<Mode> MODE = protect(optional("mode", Words.of(Mode.class, Mode::word), Defaults.MODE.word(),
            "tunnel between networks, transport between the two hosts themselves."));
    public static final Key<Boolean> TUNNEL_FALLBACK = protect(optional("tunnel-fallback", Words.flag(), Defaults.TUNNEL_FALLBACK,
            "In transport mode, whether a tunnel will do where the peer declines transport mode; without it there is no SA then."));
    public static final Key<List<Proposal>> ESP = protect(optional("esp",
            oneOrMore(Values.proposal(Protocol.ESP, "aes256gcm16-x25519")), PeerGrammar.words(Defaults.childProposals(Protocol.ESP)),
            "Algorithms for ESP, the preferred ones first; a key exchange among them gives perfect forward secrecy."));
    public static final Key<List<Proposal>> AH = protect(optional("ah", oneOrMore(Values.proposal(Protocol.AH, "sha256")),
            "Algorithms for AH, which authenticates and does not encrypt; instead of 'esp'."));
    public static final Key<Start> START = protect(optional("start", Words.of(Start.class, Start::word), Defaults.START.word(),
            "When the tunnel is built: at once and for good, with the first packet, or only by the peer "
                    + "(the default where the peer has no address to call)."));
    public static final Key<Afterwards> WHEN_CLOSED = protect(optional("when-closed", Words.of(Afterwards.class, Afterwards::word),
            "What follows when the peer deletes its SAs: nothing, the next packet brings them up again, or they are brought up at once "
                    + "(the default where 'start' is at-start; nothing elsewhere)."));
    public static final Key<Afterwards> WHEN_LOST = protect(optional("when-lost", Words.of(Afterwards.class, Afterwards::word),
            "The same when the peer does not answer any more; see 'liveness'."));
    public static final Key<Section> LIFETIME = protect(optional("lifetime", LifetimeGrammar.CHILD,
            PeerGrammar.seconds(Defaults.CHILD_LIFETIMES.seconds().soft()), "How long its SAs live: a duration, or a mapping."));
    public static final Key<Integer> REPLAY_WINDOW = protect(optional("replay-window", Scalars.whole(0, 4096), Defaults.REPLAY_WINDOW,
            "Packets that may arrive out of order; 0 turns replay protection off."));
    public static final Key<Integer> REQID = protect(optional("reqid", Scalars.whole(1, 0x3fff),
            "The id that ties kernel policies to SAs; chosen by the agent unless other tools need to know it, and then each part of a policy "
                    + "that peers narrow has its own."));
    public static final Key<MarkChoice> MARK_BOTH = optional("both", Marking.matched(),
            "The mark of packets in both directions, as VALUE or VALUE/MASK; decrypted packets get it. 'unique' is one that each child has "
                    + "alone, 'unique-dir' another in each direction: 'updown' is told it, and nothing holds such packets while there is no child.");
    public static final Key<MarkChoice> MARK_IN = optional("in", Marking.matched(), "The mark of packets from the peer; they get it when decrypted.");
    public static final Key<MarkChoice> MARK_OUT = optional("out", Marking.matched(), "The mark of packets to the peer.");
    public static final Key<MarkChoice> MARK_SET_IN = optional("set-in", Marking.set(),
            "The mark that packets from the peer get when they are decrypted; without it, the one they are told by. 'same' is the value of that.");
    public static final Key<MarkChoice> MARK_SET_OUT = optional("set-out", Marking.set(),
            "The mark that packets to the peer get when they are encrypted; 'same' is the value of the one they are told by.");
    public static final Key<Boolean> MARK_IN_ON_SA = optional("in-before", Words.flag(), false,
            "Whether packets from the peer need the mark 'in' before they are decrypted, too.");
    static final Fields MARK_FIELDS = Fields.orJustTheFirst("'mark'", MARK_BOTH, MARK_IN, MARK_OUT, MARK_SET_IN, MARK_SET_OUT, MARK_IN_ON_SA);
    public static final Key<Section> MARK = protect(optional("mark", MARK_FIELDS,
            "Only packets with this mark: a mark, or a mapping where directions differ. Needs the kernel's data plane."));
    public static final Key<InterfaceId> INTERFACE_ID_BOTH = optional("both", Marking.interfaceId(), "The id in both directions.");
    public static final Key<InterfaceId> INTERFACE_ID_IN = optional("in", Marking.interfaceId(), "Of the interface that packets from the peer come out of.");
    public static final Key<InterfaceId> INTERFACE_ID_OUT = optional("out", Marking.interfaceId(), "Of the interface that packets to the peer go into.");
    static final Fields INTERFACE_ID_FIELDS = Fields.orJustTheFirst("'interface-id'", INTERFACE_ID_BOTH, INTERFACE_ID_IN, INTERFACE_ID_OUT);
    public static final Key<Section> INTERFACE_ID = protect(optional("interface-id", INTERFACE_ID_FIELDS,
            "Only packets of the XFRM interface with this id, which somebody else makes; see 'interface'. 'unique' is one that each child has "
                    + "alone, 'unique-dir' another in each direction: 'updown' is told it."));
    public static final Key<Integer> OWN_ID = required("id", Values.interfaceId(), "Its id, which ties it to policies and SAs.");
    public static final Key<String> OWN_NAME = optional("name", Values.linkName(), "Its name; without it, 'ipsec' and the id.");
    public static final Key<Integer> OWN_MTU = optional("mtu", Scalars.whole(1280, 65535), "Its MTU in octets; the kernel's without it.");
    public static final Key<String> OWN_DEVICE = optional("device", Values.linkName(),
            "The interface that protected packets leave by; any without it.");
    static final Fields OWN_FIELDS = Fields.orJustTheFirst("'interface'", OWN_ID, OWN_NAME, OWN_MTU, OWN_DEVICE);
    public static final Key<Section> INTERFACE = protect(optional("interface", OWN_FIELDS,
            "An XFRM interface that the agent makes and removes, by its id or a mapping: only packets routed into it match the policy."));
    public static final Key<RouteChoice> ROUTES = protect(optional("routes", Words.of(RouteChoice.class, RouteChoice::word),
            "auto has the agent route the traffic (table 220): into 'interface', where auto is the default, or else the way the peer is "
                    + "reached, from an address of ours within 'local'; none leaves routes alone."));

    public static final Key<CopyDscp> COPY_DSCP = protect(optional("copy-dscp", Words.of(CopyDscp.class, CopyDscp::word),
            Defaults.TUNNEL_HEADER.copyDscp().word(),
            "Whether the DSCP of packets is copied to the tunnel's header (out), from it (in), both (yes) or neither (no)."));
    public static final Key<Boolean> COPY_ECN = protect(optional("copy-ecn", Words.flag(), Defaults.TUNNEL_HEADER.copyEcn(),
            "Whether congestion marks pass from the packet to the tunnel's header and back (RFC 6040)."));
    public static final Key<Boolean> COPY_DF = protect(optional("copy-df", Words.flag(), Defaults.TUNNEL_HEADER.copyDf(),
            "Whether the tunnel's header forbids fragments where the packet does; false lets routers on the way fragment it."));
    public static final Key<Integer> TFC = protect(optional("tfc", Values.tfc(), Defaults.TFC_PADDING,
            "Octets to which packets in an ESP tunnel are filled up, so that their sizes tell nothing; 'mtu' = as large as fits."));
    public static final Key<List<String>> UPDOWN = protect(optional("updown", Values.command(),
            "A program, by its whole path, and its arguments, run when SAs come up and when they are gone. It is told which in "
                    + "strongSwan's variables PLUTO_VERB, PLUTO_PEER_CLIENT and so on; no shell comes between. As a list, arguments may have blanks."));
    public static final Key<Boolean> SPD_ENTRY = protect(optional("spd-entry", Words.flag(), Defaults.SPD_ENTRY.installed(),
            "false installs the SAs and no policies: nothing is held or dropped, and traffic goes through them where others lead it, by 'reqid'."));
    public static final Key<Boolean> FORWARD_OUT = protect(optional("forward-out", Words.flag(), Defaults.SPD_ENTRY.forwardsOut(),
            "Whether there is an entry also for packets that are forwarded on their way out: where others' policies drop what none allows."));
    public static final Key<Boolean> HOLD = protect(optional("hold", Words.flag(), Defaults.SPD_ENTRY.held(),
            "Whether what the policy covers is held or dropped while there is no SA for it. false is as if the policy were not there until its "
                    + "SAs are: for a peer that gives us an address, traffic of all others goes as it would without it."));
    public static final Key<Boolean> SHORT_SHA256 = protect(optional("short-sha256", Words.flag(), Defaults.SAD_ENTRY.shortSha256(),
            "Cuts HMAC-SHA-256, where it is agreed on, to 96 bits instead of 128, as some old peers do."));
    public static final Key<Offload> OFFLOAD = protect(optional("offload", Words.of(Offload.class, Offload::word), Defaults.SAD_ENTRY.offload().word(),
            "Whether the network device that has our address encrypts: where it can (auto), or else there is no SA (required); with 'packet' it "
                    + "has the policies as well and sees to the whole packet, or there is no SA (Linux 6.2)."));
    public static final Key<Boolean> COMPRESS = protect(optional("compress", Words.flag(), Defaults.SAD_ENTRY.compress(),
            "Whether packets are compressed (IPComp with DEFLATE) before they are encrypted, where the peer agrees and no NAT is between; "
                    + "those that would not become shorter go as they are, and none is filled up by 'tfc'. "
                    + "Lengths then tell something of what is inside."));
    static final Fields POLICY = Fields.of("a policy", NAME, MATCH, ACTION, PEER, MODE, TUNNEL_FALLBACK, ESP, AH, START, WHEN_CLOSED, WHEN_LOST, LIFETIME, REPLAY_WINDOW, REQID,
            MARK, INTERFACE_ID, INTERFACE, ROUTES, COPY_DSCP, COPY_ECN, COPY_DF, TFC, UPDOWN, SPD_ENTRY, FORWARD_OUT, HOLD, SHORT_SHA256, OFFLOAD, COMPRESS);

    private SpdGrammar() {}

    private static <T> Key<T> protect(Key<T> key) {
        return key.onlyWith("action", ActionWord.PROTECT.word());
    }
}
