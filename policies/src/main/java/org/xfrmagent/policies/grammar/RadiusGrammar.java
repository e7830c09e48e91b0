package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Key.optional;
import static org.xfrmagent.policies.grammar.Key.required;
import static org.xfrmagent.policies.grammar.Scalars.placed;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Radius;
import org.xfrmagent.policies.model.SecretRef;

/** The keys of who judges users instead of us. */
public final class RadiusGrammar {
    public static final Key<InetAddress> ADDRESS = required("address", Values.address(), "Where it is.");
    public static final Key<Integer> PORT =
            optional("port", Scalars.whole(1, 65535), Defaults.RADIUS_PORT, "The UDP port on which it is asked.");
    public static final Key<Integer> ACCOUNTING_PORT = optional("accounting-port", Scalars.whole(1, 65535), Defaults.RADIUS_ACCOUNTING_PORT,
            "The UDP port on which it is told who came and went.");
    public static final Key<Located<SecretRef>> SECRET =
            required("secret", placed(Values.secret()), "Where the secret is that it and we have, as for a pre-shared key.");
    private static final Fields SERVER = Fields.of("a RADIUS server", ADDRESS, PORT, ACCOUNTING_PORT, SECRET);

    public static final Key<List<Section>> SERVERS =
            required("servers", Lists.of("server", SERVER), "Whom to ask, in this order; one that was silent is asked last for a minute.");
    public static final Key<String> NAS_IDENTIFIER =
            optional("nas-identifier", Values.text(), Defaults.NAS_IDENTIFIER, "What the agent calls itself there.");

    public static final Key<List<Radius.GroupAttribute>> GROUPS_FROM = optional("groups-from",
            Lists.oneOrMore(Words.of(Radius.GroupAttribute.class, Radius.GroupAttribute::word)),
            Defaults.GROUPS_FROM.stream().map(Radius.GroupAttribute::word).toList(),
            "Which of its attributes name the groups that a user is a member of: class, and filter-id where Tunnel-Type is ESP.");

    public static final Key<Boolean> ACCOUNTING = optional("accounting", Words.flag(), false,
            "Whether the servers are told who of the users that they have let in came and went, and what they have sent and got (RFC 2866).");
    public static final Key<Duration> INTERIM = optional("interim", Scalars.duration("10m"), 0,
            "With accounting: how often they are told meanwhile; 0 = never.");

    public static final Key<Section> RADIUS = optional("radius", Fields.of("'radius'", SERVERS, NAS_IDENTIFIER, GROUPS_FROM, ACCOUNTING, INTERIM),
            "Servers that judge the users of peers with 'methods: radius' (RFC 2865, RFC 3579).");

    private RadiusGrammar() {}
}
