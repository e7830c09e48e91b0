package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Key.optional;

import org.xfrmagent.policies.model.Defaults;

/** The keys of lifetimes. */
public final class LifetimeGrammar {
    public static final Key<Long> SOFT = optional("soft", Scalars.seconds("1h"),
            "After so long the SA is replaced; 0 = never.");
    public static final Key<Long> HARD = optional("hard", Scalars.seconds("66m"),
            "After so long it is no longer used; without it, " + Defaults.HARD_PERCENT + " percent more than soft.");
    public static final Key<Long> SOFT_BYTES = optional("soft-bytes", Scalars.amount("500GB"), 0,
            "After so many octets the SA is replaced; 0 = never.");
    public static final Key<Long> HARD_BYTES = optional("hard-bytes", Scalars.amount("550GB"),
            "After so many octets it is no longer used; without it, " + Defaults.HARD_PERCENT + " percent more than soft-bytes.");
    public static final Key<Long> SOFT_PACKETS = optional("soft-packets", Scalars.amount("4000000000"), 0,
            "After so many packets the SA is replaced; 0 = never.");
    public static final Key<Long> HARD_PACKETS = optional("hard-packets", Scalars.amount("4200000000"),
            "After so many packets it is no longer used; without it, " + Defaults.HARD_PERCENT + " percent more than soft-packets.");
    public static final Key<Integer> JITTER = optional("jitter", Scalars.whole(0, 100), Defaults.JITTER_PERCENT,
            "By up to so many percent a soft limit comes earlier, at random.");

    public static final Key<Long> JITTER_TIME = optional("jitter-time", Scalars.seconds("5m"),
            "By up to so long 'soft' comes earlier, at random, instead of by 'jitter'.");
    public static final Key<Long> JITTER_BYTES = optional("jitter-bytes", Scalars.amount("50GB"),
            "By up to so many octets 'soft-bytes' comes earlier, at random, instead of by 'jitter'.");
    public static final Key<Long> JITTER_PACKETS = optional("jitter-packets", Scalars.amount("400000000"),
            "By up to so many packets 'soft-packets' comes earlier, at random, instead of by 'jitter'.");
    public static final Key<Long> IDLE = optional("idle", Scalars.seconds("30m"), Defaults.NEVER_IDLE,
            "After so long without a packet either way its SAs are deleted, until 'start' or traffic asks for them again; 0 = never.");

    public static final Key<Long> REAUTH = optional("reauth", Scalars.seconds("1d"), 0,
            "After so long both sides prove anew who they are, by a new IKE SA that is there before the old one goes; 0 = never.");
    static final Fields IKE = Fields.orJustTheFirst("the 'lifetime' of a peer", SOFT, HARD, JITTER, JITTER_TIME, REAUTH);
    static final Fields CHILD = Fields.orJustTheFirst("the 'lifetime' of a policy", SOFT, HARD, SOFT_BYTES, HARD_BYTES, SOFT_PACKETS,
            HARD_PACKETS, JITTER, JITTER_TIME, JITTER_BYTES, JITTER_PACKETS, IDLE);

    private LifetimeGrammar() {}
}
