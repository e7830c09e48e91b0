package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Key.optional;
import static org.xfrmagent.policies.grammar.Key.required;

import java.time.Duration;
import java.util.List;

import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Childless;
import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.EapKind;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Unique;
import org.xfrmagent.policies.model.VirtualAddress;

/** The keys of a peer. */
public final class PeerGrammar {
    // Each side
    public static final Key<List<Host>> ADDRESS = optional("address", Lists.oneOrMore(Values.host()), "%any",
            "Where this side is; %any for a local side lets the routes choose, for a remote side it waits for any caller.");
    public static final Key<Integer> PORT = optional("port", Scalars.whole(1, 65535), Defaults.PORT, "The UDP port of its IKE.");
    public static final Key<Identity> ID = optional("id", Values.identity(),
            "Who this side is. Without it, its address; a remote side that has no single address needs one.");
    public static final Key<Auth> AUTH = required("auth", Words.of(Auth.class, Auth::word),
            "How this side proves its identity: with a pre-shared key (psk), or a certificate or public key (pubkey). One side may be a user with a password: in IKEv2 "
                    + "by EAP (eap), in IKEv1 on top of what the other side has (xauth), or with nothing else while the other side has pubkey (hybrid).");
    public static final Key<Boolean> THEN = optional("then", Words.second(),
            "eap where this side proves itself twice: by 'auth', and then as a user by EAP (RFC 4739).");
    public static final Key<String> USER = optional("user", Values.user(),
            "Which of the 'users' we are, where our side has eap, xauth or hybrid; the only one that the peer may be, where the remote side has eap.");
    public static final Key<List<EapKind>> METHODS = optional("methods", Lists.oneOrMore(Words.of(EapKind.class, EapKind::word)),
            Defaults.EAP_METHODS.stream().map(EapKind::word).toList(),
            "By which methods of EAP, the preferred ones first. md5 and gtc leave no key: who the gateway is rests on its certificate alone.");
    public static final Key<Boolean> ASK_USER = optional("ask-user", Words.flag(), true,
            "Whether a peer with 'auth: eap' is asked for its user's name; if not, the user is who the peer says it is in IKE.");
    public static final Key<Identity> AAA_ID = optional("aaa-id", Values.identity(),
            "Who the certificate of the gateway in EAP-TLS is of, if not of the remote 'id'.");
    public static final Key<List<String>> GROUPS = optional("groups", Lists.oneOrMore(Values.text()),
            "Of one of these groups the peer has to be a member: with methods radius the server says so, with a certificate one of attributes. "
                    + "Peers that fit the same identity are told apart by it.");
    public static final Key<List<VirtualAddress>> VIRTUAL_ADDRESS = optional("virtual-address", Lists.oneOrMore(Values.virtualAddress()),
            "The addresses inside the tunnel that our side asks the peer for, 'any' for whichever IPv4 address it gives, 'any6' for an IPv6 "
                    + "one, as many as it is to have; policies that cover them speak for them alone.");
    static final Fields SIDE = Fields.of("a side", ADDRESS, PORT, ID, AUTH, THEN, USER, METHODS, ASK_USER, AAA_ID, GROUPS, VIRTUAL_ADDRESS, CertificateGrammar.CERTIFICATE,
            CertificateGrammar.PUBLIC_KEY, CertificateGrammar.KEY,
            CertificateGrammar.VOUCHING, CertificateGrammar.REVOCATION, CertificateGrammar.CHAIN, CertificateGrammar.SIGNATURES, CertificateGrammar.SHOW_CERTIFICATE,
            CertificateGrammar.REQUEST_CERTIFICATE);

    // Retransmission
    public static final Key<Duration> BASE = optional("base", Scalars.duration("4s"), seconds(Defaults.RETRANSMISSION.base()),
            "The wait before a request is repeated for the first time.");
    public static final Key<Double> FACTOR = optional("factor", Scalars.decimal(1, 10), Defaults.RETRANSMISSION.factor(),
            "By which each further wait grows.");
    public static final Key<Integer> TRIES = optional("tries", Scalars.whole(0, 100), Defaults.RETRANSMISSION.tries(),
            "Repetitions before the peer is taken for dead.");
    public static final Key<Integer> WAIT_JITTER = optional("jitter", Scalars.whole(0, 100), Defaults.RETRANSMISSION.jitterPercent(),
            "By up to so many percent each wait is shortened, at random.");
    public static final Key<Duration> LONGEST = optional("limit", Scalars.duration("60s"), seconds(Defaults.RETRANSMISSION.limit()),
            "The longest single wait; 0 = none.");
    static final Fields RETRANSMISSION_FIELDS = Fields.of("'retransmission'", BASE, FACTOR, TRIES, WAIT_JITTER, LONGEST);

    // A peer
    public static final Key<Section> LOCAL = required("local", SIDE, "Our side.");
    public static final Key<Section> REMOTE = required("remote", SIDE, "The peer's side.");
    public static final Key<IkeVersion> IKE = optional("ike", Words.of(IkeVersion.class, IkeVersion::word), Defaults.IKE.word(),
            "The version of IKE; v1-main only for a peer that has nothing newer (RFC 9395), v1-aggressive only for one that has not even that; "
                    + "any is v2 when we call, and lets a peer that calls choose v1-main, if both sides prove themselves alike.");
    public static final Key<Boolean> ACCEPT_CRACKABLE_PSK = optional("accept-crackable-psk", Words.flag(), false,
            "Whether v1-aggressive may use a pre-shared key, although everybody who asks or listens gets a hash to try keys against.");
    public static final Key<List<Proposal>> PROPOSALS = optional("proposals",
            Lists.oneOrMore(Values.proposal(Protocol.IKE, "aes256gcm16-prfsha384-x25519")), words(Defaults.IKE_PROPOSALS),
            "Algorithms for IKE itself, the preferred ones first.");
    public static final Key<Section> LIFETIME = optional("lifetime", LifetimeGrammar.IKE, seconds(Defaults.IKE_LIFETIMES.seconds().soft()),
            "How long the IKE SA lives: a duration, or a mapping.");
    public static final Key<Duration> LIVENESS = optional("liveness", Scalars.duration("30s"), seconds(Defaults.LIVENESS.delay()),
            "After so long without a sign of life the peer is asked for one; 0 = never.");
    public static final Key<Section> RETRANSMISSION =
            optional("retransmission", RETRANSMISSION_FIELDS, "How often a request is repeated.");
    public static final Key<Unique> UNIQUE = optional("unique", Words.of(Unique.class, Unique::word), Defaults.UNIQUE.word(),
            "What a second IKE SA with the same identities does: nothing, unless the peer says INITIAL_CONTACT (no), or even then (never); "
                    + "it replaces the first (replace), or is refused while the first lives (keep).");
    public static final Key<Childless> CHILDLESS = optional("childless", Words.of(Childless.class, Childless::word), Defaults.CHILDLESS.word(),
            "Whether an IKE SA may begin without a child (RFC 6023): if the peer wants it (allow), where the peer can (prefer), "
                    + "always (force), or not at all (never).");
    public static final Key<Boolean> FORCE_ENCAPSULATION = optional("force-encapsulation", Words.flag(), Defaults.FORCE_ENCAPSULATION,
            "Whether ESP goes in UDP even where no NAT is found.");
    public static final Key<Boolean> MOBIKE = optional("mobike", Words.flag(), Defaults.MOBIKE,
            "Whether the peer may change its address (RFC 4555).");
    public static final Key<Boolean> FRAGMENTATION = optional("fragmentation", Words.flag(), Defaults.FRAGMENTATION.enabled(),
            "Whether large IKE messages are sent in fragments (RFC 7383).");
    public static final Key<Integer> FRAGMENT_SIZE = optional("fragment-size", Scalars.whole(512, 65535), Defaults.FRAGMENTATION.size(),
            "Octets of an IP packet above which an IKE message is fragmented.");

    public static final Key<List<String>> POOL = optional("pool", Lists.oneOrMore(Scalars.name()),
            "From which of the 'pools' it gets addresses: as many as it asks for, each from the first that has any of its family left.");
    public static final Key<ConfigExchange> CONFIG = optional("config", Words.of(ConfigExchange.class, ConfigExchange::word), Defaults.CONFIG.word(),
            "Who begins about an address, where there is 'pool' or 'virtual-address': who is to have it asks (pull), or who gives it tells (push). Only with IKEv1.");

    public static final Key<Duration> LIVENESS_TIMEOUT = optional("liveness-timeout", Scalars.duration("150s"), 0,
            "With IKEv1: after so long without a sign of life a peer that is asked for one is taken for dead; 0 = after the retransmissions.");
    public static final Key<Integer> DSCP = optional("dscp", Scalars.whole(0, 63), Defaults.DSCP,
            "The DSCP of our IKE messages.");
    public static final Key<Integer> ATTEMPTS = optional("attempts", Scalars.whole(0, 1_000_000), Defaults.ATTEMPTS,
            "After so many sequences of retransmissions that nobody answers, a call is given up until traffic, a user or another configuration wants it; "
                    + "0 = never while a policy wants it up.");

    public static final Key<Identity> PPK_ID = required("id", Values.identity(), "The name of the key, among the 'ids' of a 'ppk' of the secrets.");
    public static final Key<Boolean> PPK_REQUIRED = optional("required", Words.flag(), false,
            "Whether there is no IKE SA without it; if not, a peer that does not have it gets one.");
    static final Fields PPK_FIELDS = Fields.of("'ppk'", PPK_ID, PPK_REQUIRED);
    public static final Key<Section> PPK = optional("ppk", PPK_FIELDS,
            "A postquantum pre-shared key that goes into the keys, so that who records the traffic and breaks the key exchange some day reads nothing (RFC 8784).");

    public static final Key<Boolean> FOLLOW_REDIRECTS = optional("follow-redirects", Words.flag(), Defaults.FOLLOW_REDIRECTS,
            "Whether we go to the gateway that the peer sends us to, which has to prove the same identity (RFC 5685).");

    static final Fields PEER = Fields.of("a peer", LOCAL, REMOTE, IKE, ACCEPT_CRACKABLE_PSK, PROPOSALS, LIFETIME, LIVENESS, RETRANSMISSION, UNIQUE, CHILDLESS,
            FORCE_ENCAPSULATION, MOBIKE, FRAGMENTATION, FRAGMENT_SIZE, POOL, CONFIG, LIVENESS_TIMEOUT, DSCP, ATTEMPTS, PPK, FOLLOW_REDIRECTS);

    private PeerGrammar() {}

    static Object seconds(Duration duration) {
        return duration.toSeconds();
    }

    static Object seconds(long seconds) {
        return seconds;
    }

    static Object words(List<Proposal> proposals) {
        return proposals.stream().map(Proposal::toString).toList();
    }
}
