package org.xfrmagent.policies.model;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;

/** What holds when a policy file does not say: every default, and nowhere else. */
public final class Defaults {
    public static final IkeVersion IKE = IkeVersion.V2;
    public static final int PORT = 500;
    public static final List<Proposal> IKE_PROPOSALS = Proposal.defaults(Protocol.IKE);
    public static final int JITTER_PERCENT = 10;
    private static final Jitter JITTER = new Jitter.Percent(JITTER_PERCENT);
    /** A child that carries nothing stays. */
    public static final long NEVER_IDLE = 0;
    /** An SA without its own hard limit ends so many percent after its soft limit. */
    public static final int HARD_PERCENT = 10;
    public static final Lifetimes IKE_LIFETIMES = lifetimes(4 * 3600);
    public static final Lifetimes CHILD_LIFETIMES = lifetimes(3600);
    public static final Duration REAUTHENTICATION = Duration.ZERO;
    public static final LivenessPolicy LIVENESS = new LivenessPolicy(Duration.ofSeconds(30));
    /** 4 + 7.2 + 13 + 23.3 + 42 + 75.6 s: a dead peer is given up after 165 s. */
    public static final Retransmission RETRANSMISSION = new Retransmission(Duration.ofSeconds(4), 1.8, 5, 0, Duration.ZERO);
    public static final Unique UNIQUE = Unique.INITIAL_CONTACT;
    public static final Childless CHILDLESS = Childless.ALLOW;
    public static final boolean FORCE_ENCAPSULATION = false;
    public static final boolean MOBIKE = true;
    public static final int DSCP = 0;
    /** What is to be up is tried until it is. */
    public static final int ATTEMPTS = 0;
    public static final boolean FOLLOW_REDIRECTS = true;
    public static final ConfigExchange CONFIG = ConfigExchange.PULL;
    /** The least MTU of IPv6: a packet of it passes everywhere. */
    public static final Fragmentation FRAGMENTATION = new Fragmentation(true, 1280);

    public static final Mode MODE = Mode.TUNNEL;
    public static final Start START = Start.ON_TRAFFIC;
    public static final int REPLAY_WINDOW = 1024;
    public static final boolean TUNNEL_FALLBACK = false;
    public static final TunnelHeader TUNNEL_HEADER = TunnelHeader.USUAL;
    public static final int TFC_PADDING = 0;
    public static final SpdEntry SPD_ENTRY = SpdEntry.USUAL;
    public static final SadEntry SAD_ENTRY = SadEntry.USUAL;
    /** A flood of spoofed addresses gets cookies long before it can hurt; an office behind a NAT that starts in the morning does not. */
    public static final HalfOpenLimits HALF_OPEN = new HalfOpenLimits(100, 10, 64, 4096);

    /** One with a key, and the one that everybody has. */
    public static final List<EapKind> EAP_METHODS = List.of(EapKind.MSCHAPV2);

    /** What we call ourselves at a RADIUS server. */
    public static final String NAS_IDENTIFIER = "xfrm-agent";
    public static final Set<Radius.GroupAttribute> GROUPS_FROM = Set.of(Radius.GroupAttribute.CLASS);
    public static final int RADIUS_PORT = 1812;
    public static final int RADIUS_ACCOUNTING_PORT = 1813;

    /** As charon's. */
    public static final Revocation REVOCATION = Revocation.RELAXED;

    private Defaults() {}

    public static List<Proposal> childProposals(Protocol protocol) {
        return Proposal.defaults(protocol);
    }

    /** The hard limit that goes with {@code soft} when none is given; 0 stays 0. */
    public static long hardLimit(long soft) {
        return soft + Math.ceilDiv(soft, 100) * HARD_PERCENT;
    }

    private static Lifetimes lifetimes(long softSeconds) {
        return new Lifetimes(new Limit(softSeconds, hardLimit(softSeconds), JITTER), new Limit(0, 0, JITTER), new Limit(0, 0, JITTER), NEVER_IDLE);
    }
}
