package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Key.optional;
import static org.xfrmagent.policies.grammar.Key.required;
import static org.xfrmagent.policies.grammar.Lists.oneOrMore;

import java.net.InetAddress;
import java.util.List;

import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Octets;

/** The keys of a pool. */
public final class PoolGrammar {
    /** The largest number that an attribute of a configuration payload can have. */
    private static final int MAX_TYPE = 0x7fff;

    public static final Key<Integer> TYPE = required("type", Scalars.whole(1, MAX_TYPE), "Its number, among IANA's of IKEv2 or those that vendors use.");
    public static final Key<Octets> VALUE = required("value", Values.attribute(),
            "What it has: an address, a network (with a mask if it is IPv4, with the length of its prefix if it is IPv6), '0x' and hexadecimal digits, or a text.");
    static final Fields ATTRIBUTE = Fields.of("an attribute", TYPE, VALUE);

    public static final Key<List<AddressRange>> ADDRESSES = required("addresses", oneOrMore(Values.range()),
            "The addresses to give to peers that ask for one; of a prefix neither the first nor the last.");
    public static final Key<List<InetAddress>> DNS = optional("dns", oneOrMore(Values.address()), "Name servers to tell them.");
    public static final Key<List<InetAddress>> NBNS = optional("nbns", oneOrMore(Values.address()), "Servers of NetBIOS names to tell them.");
    public static final Key<List<InetAddress>> DHCP =
            optional("dhcp", oneOrMore(Values.address()), "Servers of DHCP that they may ask for more settings.");
    public static final Key<String> DOMAIN = optional("domain", Values.text(), "The domain of names without one.");
    public static final Key<String> BANNER = optional("banner", Values.text(), "A text for the user to read; only with IKEv1.");
    public static final Key<List<AddressRange>> SPLIT = optional("split", oneOrMore(Values.range()),
            "The networks, as prefixes, that they are to reach through the tunnel; without it, all.");
    public static final Key<List<AddressRange>> SPLIT_EXCLUDE = optional("split-exclude", oneOrMore(Values.range()),
            "The networks, as prefixes, that they are not to reach through the tunnel; only with IKEv1.");
    public static final Key<List<Section>> ATTRIBUTES = optional("attributes", Lists.of("attribute", ATTRIBUTE),
            "What else to tell them, by number, whether or not they ask for it.");
    static final Fields POOL = Fields.of("a pool", ADDRESSES, DNS, NBNS, DHCP, DOMAIN, BANNER, SPLIT, SPLIT_EXCLUDE, ATTRIBUTES);

    private PoolGrammar() {}
}
