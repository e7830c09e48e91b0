package org.xfrmagent.agent.control;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.xfrmagent.policies.convert.LoadedConversion.Origin;
import org.xfrmagent.policies.convert.Settings;
import org.xfrmagent.agent.daemon.Loaded;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Octets;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * What things are called. charon's clients get its words and no others: a child has the name that it has in its connection, a port that
 * of services(5). Our own ask with {@code agent=yes} and get ours, and fields beside charon's.
 */
final class Wording {
    /** Who has not yet said who it is. */
    private static final String UNNAMED = "(unnamed)";

    /** The connection of what belongs to none. */
    private static final String NO_CONNECTION = "spd";

    static final Wording OURS = new Wording(true, Map.of(), Map.of(), new Services(Map.of()));

    private final boolean ours;
    private final Map<String, Settings> connections;
    private final Map<String, Origin> origins;
    private final Services services;

    private Wording(boolean ours, Map<String, Settings> connections, Map<String, Origin> origins, Services services) {
        this.ours = ours;
        this.connections = connections;
        this.origins = origins;
        this.services = services;
    }

    /** charon's words for what is loaded. */
    static Wording charons(Loaded loaded, Services services) {
        return new Wording(false, loaded.connections(), loaded.origins(), services);
    }

    /** The words that a request asks for. */
    static Wording of(ViciMessage request, Supplier<Wording> charons) {
        return request.flag("agent") ? OURS : charons.get();
    }

    /** Whether fields of ours go along. */
    boolean isOurs() {
        return ours;
    }

    /** Who that is: to charon's clients a key id is its text, or its octets. */
    String identity(Identity identity) {
        return !ours && identity instanceof Identity.KeyId(Octets octets) ? keyId(octets.toArray()) : identity.toString();
    }

    /** What a session is called. */
    String peer(Session session) {
        return !ours && session.profile().isEmpty() ? UNNAMED : session.peerName();
    }

    /** A number that a client has loaded with a connection, and that concerns the listing of its SAs alone; decimal or hexadecimal. */
    OptionalLong number(String connection, String key) {
        Optional<String> text = Optional.ofNullable(connections.get(connection)).flatMap(its -> its.value(key)).map(Settings.Value::text);
        try {
            return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.decode(text.get()));
        } catch (NumberFormatException word) {
            return OptionalLong.empty();
        }
    }

    private static String keyId(byte[] octets) {
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        return text.chars().allMatch(letter -> letter >= ' ' && letter <= '~') ? text : HexFormat.ofDelimiter(":").formatHex(octets);
    }

    /** Where a policy comes from, if a client has loaded it. */
    Optional<Origin> origin(String policy) {
        return Optional.ofNullable(origins.get(policy));
    }

    /** A policy as a child of its connection. */
    String child(String policy) {
        return origin(policy).map(Origin::child).orElse(policy);
    }

    /** Whether a client that says {@code name} may mean that policy. */
    boolean means(String name, String policy) {
        return child(policy).equals(name) || policy.equals(name);
    }

    /** The connection of a policy without a peer. */
    String connection(String policy) {
        return origin(policy).map(Origin::connection).orElse(NO_CONNECTION);
    }

    /** The policies of a loaded connection, in its order. */
    List<String> policies(String connection) {
        return origins.entrySet().stream().filter(entry -> entry.getValue().connection().equals(connection)).map(Map.Entry::getKey).toList();
    }

    List<String> selectors(List<TrafficSelector> selectors) {
        return selectors.size() == 1 ? List.of(selector(selectors.getFirst())) : selectors.stream().map(this::selector).toList();
    }

    List<String> selectors(Selectors selectors) {
        return switch (selectors) {
            case Selectors.Fixed(var fixed) -> selectors(fixed);
            case Selectors.Dynamic(var upper) -> upper.stream().map(each -> "dynamic" + suffix(each.at(AddressRange.ALL_IPV4))).toList();
        };
    }

    private String selector(TrafficSelector selector) {
        String suffix = suffix(selector);
        return suffix.isEmpty() ? selector.range().toString() : selector.range() + suffix;
    }

    /** To charon's clients code 0 of an ICMP type goes without saying. */
    private String suffix(TrafficSelector selector) {
        if (selector.protocol() == IpProtocols.ANY && selector.anyPort()) {
            return "";
        }
        if (!ours && IpProtocols.isIcmp(selector.protocol()) && selector.startPort() == selector.endPort() && (selector.startPort() & 0xff) == 0) {
            return "[" + IpProtocols.name(selector.protocol()) + "/" + (selector.startPort() >> 8) + "]";
        }
        if (selector.protocol() != IpProtocols.ANY && !IpProtocols.isIcmp(selector.protocol()) && selector.startPort() == selector.endPort()) {
            String protocol = IpProtocols.name(selector.protocol());
            Optional<String> service = services.name(protocol, selector.startPort());
            if (service.isPresent()) {
                return "[" + protocol + "/" + service.get() + "]";
            }
        }
        return selector.toString().substring(selector.range().toString().length());
    }
}
