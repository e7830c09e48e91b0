package org.xfrmagent.policies.yaml;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.RadiusGrammar;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Radius;

/** Who judges users instead of us, from its keys. */
final class RadiusReader {
    /** A minute is what RFC 2869, section 5.16, has as the least. */
    private static final Duration SHORTEST = Duration.ofSeconds(60);

    private final List<Located<Radius.Server>> servers = new ArrayList<>();
    private String nasIdentifier = Defaults.NAS_IDENTIFIER;
    private Radius.Accounting accounting = Radius.Accounting.NONE;
    private Set<Radius.GroupAttribute> groupsFrom = Defaults.GROUPS_FROM;

    /** @param folder from which relative paths start */
    void read(Section section, Path folder) {
        nasIdentifier = section.get(RadiusGrammar.NAS_IDENTIFIER).orElse(nasIdentifier);
        groupsFrom = section.get(RadiusGrammar.GROUPS_FROM).map(Set::copyOf).orElse(groupsFrom);
        accounting = new Radius.Accounting(section.get(RadiusGrammar.ACCOUNTING).orElse(accounting.told()), section.get(RadiusGrammar.INTERIM).orElse(accounting.interim()));
        if (accounting.interim().isPositive() && (!accounting.told() || accounting.interim().compareTo(SHORTEST) < 0)) {
            section.where(RadiusGrammar.INTERIM).problem(section.at(RadiusGrammar.INTERIM),
                    "is '" + accounting.interim().toSeconds() + "s', expected at least " + SHORTEST.toSeconds() + "s, beside 'accounting: true'");
        }
        List<Section> entries = section.get(RadiusGrammar.SERVERS).orElse(List.of());
        if (entries.isEmpty() && section.get(RadiusGrammar.SERVERS).isPresent()) {
            section.where(RadiusGrammar.SERVERS).problem(section.at(RadiusGrammar.SERVERS), "is an empty list, expected at least one server");
        }
        for (Section entry : entries) {
            entry.get(RadiusGrammar.ADDRESS)
                    .flatMap(address -> entry.get(RadiusGrammar.SECRET).map(secret -> new Located<>(
                            new Radius.Server(
                                    address, entry.get(RadiusGrammar.PORT).orElse(Defaults.RADIUS_PORT),
                                    entry.get(RadiusGrammar.ACCOUNTING_PORT).orElse(Defaults.RADIUS_ACCOUNTING_PORT),
                                    CertificationReader.absolute(secret.value(), folder)),
                            secret.at())))
                    .ifPresent(servers::add);
        }
    }

    List<Located<Radius.Server>> servers() {
        return servers;
    }

    Radius read() {
        return new Radius(servers.stream().map(Located::value).toList(), nasIdentifier, groupsFrom, accounting);
    }

    /** A peer whose users nobody judges lets nobody in: that is found here and not when somebody calls. */
    void cover(List<Located<Peer>> peers, Problems problems) {
        peers.stream()
                .filter(peer -> peer.value().remote().eap().isRelayed() && servers.isEmpty() && !Source.isLoaded(peer.at()))
                .forEach(peer -> problems.problem(peer.at(), "peer '" + peer.value().name()
                        + "': methods is 'radius', and there is no server, expected one under 'radius'"));
    }
}
