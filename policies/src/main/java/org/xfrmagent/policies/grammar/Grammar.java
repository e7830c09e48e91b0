package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Key.optional;
import static org.xfrmagent.policies.grammar.Key.required;
import static org.xfrmagent.policies.grammar.Lists.oneOrMore;
import static org.xfrmagent.policies.grammar.Scalars.placed;

import java.net.InetAddress;
import java.util.List;

import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.SecretRef;

/** The keys at the top of a policy file, and those of secrets and pools. */
public final class Grammar {
    public static final Key<Located<SecretRef>> PSK = required("psk", placed(Values.secret()),
            "Where the pre-shared key is: a file that only its owner can read, a systemd credential, or a variable of the environment.");
    public static final Key<List<Located<Identity>>> IDS = optional("ids", oneOrMore(placed(Values.identity())),
            "Whose key it is, usually both ends; without it, anybody's.");
    static final Fields SECRET = Fields.of("a secret", PSK, IDS);

    public static final Key<List<AddressRange>> ADDRESSES = required("addresses", oneOrMore(Values.range()),
            "The addresses to give to peers that ask for one.");
    public static final Key<List<InetAddress>> DNS = optional("dns", oneOrMore(Values.address()), "Name servers to tell them.");
    static final Fields POOL = Fields.of("a pool", ADDRESSES, DNS);

    public static final Key<List<Named>> PEERS = optional("peers", Lists.byName("peer", PeerGrammar.PEER),
            "How each peer is reached and authenticated (RFC 4301's PAD).");
    public static final Key<List<Section>> SECRETS = optional("secrets", Lists.of("secret", SECRET),
            "References to secrets; a secret itself never stands in a policy file.");
    public static final Key<List<Section>> POLICIES = optional("policies", Lists.of("policy", SpdGrammar.POLICY),
            "What happens to traffic (RFC 4301's SPD): in order, the first that matches a packet decides.");
    public static final Key<List<Named>> POOLS = optional("pools", Lists.byName("pool", POOL), "Addresses for peers that ask for one.");

    /** A whole file. */
    public static final Fields FILE = Fields.of("a policy file", PEERS, SECRETS, POLICIES, POOLS);

    private Grammar() {}
}
