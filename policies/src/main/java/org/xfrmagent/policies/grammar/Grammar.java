package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Key.optional;
import static org.xfrmagent.policies.grammar.Key.required;
import static org.xfrmagent.policies.grammar.Lists.oneOrMore;
import static org.xfrmagent.policies.grammar.Scalars.placed;

import java.util.List;

import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.SecretRef;

/** The keys at the top of a policy file, and those of secrets. */
public final class Grammar {
    public static final Key<Located<SecretRef>> PSK = optional("psk", placed(Values.secret()),
            "Where the pre-shared key is: a file that only its owner can read, a systemd credential, or a variable of the environment.");
    public static final Key<Located<SecretRef>> PPK = optional("ppk", placed(Values.secret()),
            "In the place of 'psk': where a postquantum pre-shared key is (RFC 8784), which peers refer to by 'ppk'.");
    public static final Key<List<Located<Identity>>> IDS = optional("ids", oneOrMore(placed(Values.identity())),
            "Whose key it is, usually both ends; without it, anybody's. Of a 'ppk', its name.");
    static final Fields SECRET = Fields.of("a secret", PSK, PPK, IDS);

    public static final Key<Located<SecretRef>> PASSWORD =
            required("password", placed(Values.secret()), "Where the password is, as for a pre-shared key.");
    static final Fields USER = Fields.of("a user", PASSWORD);

    public static final Key<Integer> HALF_OPEN = optional("half-open", Scalars.whole(1, 1_000_000), Defaults.HALF_OPEN.total(),
            "So many peers may have begun without being authenticated; more are not answered.");
    public static final Key<Integer> HALF_OPEN_PER_ADDRESS = optional("half-open-per-address", Scalars.whole(1, 1_000_000),
            Defaults.HALF_OPEN.perAddress(), "The same for those of one address.");
    public static final Key<Integer> COOKIES_FROM = optional("cookies-from", Scalars.whole(0, 1_000_000), Defaults.HALF_OPEN.cookiesFrom(),
            "From so many on, newcomers have to show by a cookie that they are where they say (RFC 7296); 0 = always.");
    public static final Key<Integer> COOKIES_FROM_PER_ADDRESS = optional("cookies-from-per-address", Scalars.whole(0, 1_000_000),
            Defaults.HALF_OPEN.cookiesFromPerAddress(), "The same for those of one address.");
    static final Fields LIMITS_FIELDS =
            Fields.of("'limits'", HALF_OPEN, HALF_OPEN_PER_ADDRESS, COOKIES_FROM, COOKIES_FROM_PER_ADDRESS);

    public static final Key<List<Named>> PEERS = optional("peers", Lists.byName("peer", PeerGrammar.PEER),
            "How each peer is reached and authenticated (RFC 4301's PAD).");
    public static final Key<List<Section>> SECRETS = optional("secrets", Lists.of("secret", SECRET),
            "References to secrets; a secret itself never stands in a policy file.");
    public static final Key<List<Named>> USERS = optional("users", Lists.byName("user", Values.user(), Values.USER, USER),
            "Who shows that it knows a password (EAP, XAUTH), by the name that is typed.");
    public static final Key<List<Section>> POLICIES = optional("policies", Lists.of("policy", SpdGrammar.POLICY),
            "What happens to traffic (RFC 4301's SPD): in order, the first that matches a packet decides.");
    public static final Key<List<Named>> POOLS = optional("pools", Lists.byName("pool", PoolGrammar.POOL), "Addresses for peers that ask for one.");

    public static final Key<Section> LIMITS = optional("limits", LIMITS_FIELDS, "What strangers may ask of the agent, per processor core.");

    /** A whole file. */
    public static final Fields FILE = Fields.of("a policy file", PEERS, SECRETS, USERS, CertificateGrammar.AUTHORITIES, CertificateGrammar.CERTIFICATES,
            CertificateGrammar.CRLS, CertificateGrammar.KEYS, CertificateGrammar.CONTAINERS,
            CertificateGrammar.ATTRIBUTE_CERTIFICATES, CertificateGrammar.ATTRIBUTE_AUTHORITIES, POLICIES, POOLS, RadiusGrammar.RADIUS, LIMITS);

    private Grammar() {}
}
