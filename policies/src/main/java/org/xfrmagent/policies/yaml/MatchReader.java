package org.xfrmagent.policies.yaml;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.xfrmagent.policies.grammar.Addresses;
import org.xfrmagent.policies.grammar.Addresses.Part;
import org.xfrmagent.policies.grammar.Key;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.grammar.Span;
import org.xfrmagent.policies.grammar.SpdGrammar;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.SecurityLabel;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Selectors.Upper;
import org.xfrmagent.policies.model.TrafficSelector;

/** The traffic of a policy from its keys. */
final class MatchReader {
    /** What one TS payload can hold (RFC 7296 section 3.13). */
    private static final int MOST_SELECTORS = 255;

    private final Section section;
    private final boolean protect;
    private final Mode mode;

    /**
     * @param protect whether there is a peer whose IKE has addresses
     * @param mode an end without addresses means that end's own in transport mode, all in tunnel mode
     */
    MatchReader(Section section, boolean protect, Mode mode) {
        this.section = section;
        this.protect = protect;
        this.mode = mode;
    }

    Optional<Match> read() {
        Optional<List<Part>> local = addresses(SpdGrammar.LOCAL);
        Optional<List<Part>> remote = addresses(SpdGrammar.REMOTE);
        Optional<Integer> protocol = section.has(SpdGrammar.PROTOCOL) ? section.get(SpdGrammar.PROTOCOL) : Optional.of(IpProtocols.ANY);
        Optional<List<Upper>> localUpper = protocol.flatMap(number -> upper(number, SpdGrammar.LOCAL_PORT));
        Optional<List<Upper>> remoteUpper = protocol.flatMap(number -> upper(number, SpdGrammar.REMOTE_PORT));
        Optional<SecurityLabel> label = label();
        if (local.isEmpty() || remote.isEmpty() || localUpper.isEmpty() || remoteUpper.isEmpty()
                || !familiesAgree(ranges(local.get()), ranges(remote.get())) || !saidOnce(local.get(), remote.get())) {
            return Optional.empty();
        }
        Set<AddressFamily> families = families(protocol.orElse(IpProtocols.ANY), ranges(local.get()), ranges(remote.get()));
        return selectors(SpdGrammar.LOCAL, local.get(), localUpper.get(), families)
                .flatMap(ours -> selectors(SpdGrammar.REMOTE, remote.get(), remoteUpper.get(), families)
                        .map(theirs -> new Match(ours, theirs, section.get(SpdGrammar.DEVICE), label)))
                .filter(this::isPossible);
    }

    private Optional<SecurityLabel> label() {
        Optional<SecurityLabel> label = section.get(SpdGrammar.LABEL);
        if (label.isPresent() && !protect) {
            section.where(SpdGrammar.LABEL).problem(section.at(SpdGrammar.LABEL),
                    "is agreed on with a peer, expected it beside 'action: protect'");
        }
        return label;
    }

    /** The addresses of one end; an empty list when its key is not there. */
    private Optional<List<Part>> addresses(Key<Addresses> key) {
        if (!section.has(key)) {
            return Optional.of(List.of());
        }
        Optional<Addresses> addresses = section.get(key);
        if (!protect && addresses.filter(Addresses::isDynamic).isPresent()) {
            section.where(key).problem(section.at(key), "is 'dynamic', the address of one end of a tunnel, expected it beside 'action: protect'");
            return Optional.empty();
        }
        return addresses.map(end -> end.parts().stream().map(Located::value).toList());
    }

    private static List<AddressRange> ranges(List<Part> parts) {
        return parts.stream().flatMap(part -> part.range().stream()).toList();
    }

    /** A protocol stands with the addresses or in a key of its own. */
    private boolean saidOnce(List<Part> local, List<Part> remote) {
        boolean own = Stream.concat(local.stream(), remote.stream()).anyMatch(part -> part.upper().isPresent());
        Optional<Key<?>> beside = Stream.<Key<?>>of(SpdGrammar.PROTOCOL, SpdGrammar.LOCAL_PORT, SpdGrammar.REMOTE_PORT, SpdGrammar.ICMP_TYPE,
                SpdGrammar.ICMP_CODE).filter(key -> own && section.has(key)).findFirst();
        beside.ifPresent(key -> section.where(key).problem(section.at(key),
                "stands beside addresses with a protocol in brackets, expected one or the other"));
        return beside.isEmpty();
    }

    /** What is known from the start on both sides has to have a packet. */
    private boolean isPossible(Match match) {
        boolean possible = !(match.local() instanceof Selectors.Fixed(var ours) && match.remote() instanceof Selectors.Fixed(var theirs))
                || ours.stream().anyMatch(one -> theirs.stream().anyMatch(one::meets));
        if (!possible) {
            section.where().says(section.at(SpdGrammar.LOCAL), "no packet goes between " + match.local() + " and " + match.remote()
                    + ": the protocols differ, expected one that is on both sides, or on one side only");
        }
        return possible;
    }

    /** Whether an end is the address that its IKE has. */
    private boolean isDynamic(Key<Addresses> key) {
        return protect && (section.has(key) ? section.get(key).filter(Addresses::isDynamic).isPresent() : mode == Mode.TRANSPORT);
    }

    private boolean familiesAgree(List<AddressRange> local, List<AddressRange> remote) {
        Set<AddressFamily> ours = families(local);
        Set<AddressFamily> theirs = families(remote);
        if (local.isEmpty() || remote.isEmpty() || ours.equals(theirs)) {
            return true;
        }
        AddressFamily alone = theirs.containsAll(ours) ? missing(ours) : missing(theirs);
        String has = theirs.contains(alone) ? "remote" : "local";
        String lacks = theirs.contains(alone) ? "local" : "remote";
        section.where().says(section.at(SpdGrammar.REMOTE), "'" + has + "' has " + alone + " and '" + lacks
                + "' has none, expected the same families on both sides: a packet has two addresses of one family");
        return false;
    }

    private static AddressFamily missing(Set<AddressFamily> families) {
        return families.contains(AddressFamily.IPV4) ? AddressFamily.IPV6 : AddressFamily.IPV4;
    }

    private static Set<AddressFamily> families(List<AddressRange> ranges) {
        Set<AddressFamily> families = EnumSet.noneOf(AddressFamily.class);
        ranges.forEach(range -> families.add(range.family()));
        return families;
    }

    /** The families that an end without addresses has: those of the other end, or those that the protocol exists in. */
    private static Set<AddressFamily> families(int protocol, List<AddressRange> local, List<AddressRange> remote) {
        Set<AddressFamily> named = families(local);
        named.addAll(families(remote));
        if (!named.isEmpty()) {
            return named;
        }
        return switch (protocol) {
            case IpProtocols.ICMP -> EnumSet.of(AddressFamily.IPV4);
            case IpProtocols.ICMPV6 -> EnumSet.of(AddressFamily.IPV6);
            default -> EnumSet.allOf(AddressFamily.class);
        };
    }

    private Optional<List<Upper>> upper(int protocol, Key<List<Span>> portKey) {
        if (section.has(portKey) && !IpProtocols.hasPorts(protocol)) {
            section.where(portKey).problem(section.at(portKey), "goes with a protocol that has ports, such as tcp or udp, and the protocol is "
                    + IpProtocols.name(protocol));
            return Optional.empty();
        }
        if (section.has(portKey)) {
            return section.get(portKey).map(spans -> spans.stream().map(span -> new Upper(protocol, span.first(), span.last())).toList());
        }
        return section.has(SpdGrammar.ICMP_TYPE) || section.has(SpdGrammar.ICMP_CODE)
                ? icmp(protocol).map(List::of)
                : Optional.of(List.of(new Upper(protocol, 0, TrafficSelector.MAX_PORT)));
    }

    /** RFC 7296 section 3.13.1: the type is the port's upper octet, the code its lower one. */
    private Optional<Upper> icmp(int protocol) {
        Key<Span> present = section.has(SpdGrammar.ICMP_TYPE) ? SpdGrammar.ICMP_TYPE : SpdGrammar.ICMP_CODE;
        if (!IpProtocols.isIcmp(protocol)) {
            section.where(present).problem(section.at(present),
                    "goes with the protocol icmp or icmpv6, and the protocol is " + IpProtocols.name(protocol));
            return Optional.empty();
        }
        Optional<Span> type = section.get(SpdGrammar.ICMP_TYPE);
        if (!section.has(SpdGrammar.ICMP_CODE)) {
            return type.map(types -> new Upper(protocol, types.first() << 8, types.last() << 8 | 0xff));
        }
        if (!section.has(SpdGrammar.ICMP_TYPE) || type.filter(types -> types.first() != types.last()).isPresent()) {
            section.where(SpdGrammar.ICMP_CODE).problem(section.at(SpdGrammar.ICMP_CODE), "goes with a single icmp-type");
            return Optional.empty();
        }
        return type.flatMap(types -> section.get(SpdGrammar.ICMP_CODE)
                .map(codes -> new Upper(protocol, types.first() << 8 | codes.first(), types.last() << 8 | codes.last())));
    }

    private Optional<Selectors> selectors(Key<Addresses> key, List<Part> parts, List<Upper> uppers, Set<AddressFamily> families) {
        if (isDynamic(key)) {
            return Optional.of(new Selectors.Dynamic(
                    parts.isEmpty() ? uppers : parts.stream().flatMap(part -> own(part, uppers)).distinct().toList()));
        }
        List<TrafficSelector> selectors = parts.isEmpty()
                ? uppers.stream().flatMap(upper -> families.stream().map(family -> upper.at(AddressRange.all(family)))).toList()
                : selectors(parts, uppers);
        if (selectors.size() > MOST_SELECTORS) {
            section.where(key).problem(section.at(key), "makes " + selectors.size()
                    + " traffic selectors with its ports, expected at most " + MOST_SELECTORS);
            return Optional.empty();
        }
        return Optional.of(new Selectors.Fixed(selectors));
    }

    private static List<TrafficSelector> selectors(List<Part> parts, List<Upper> uppers) {
        List<TrafficSelector> selectors = new ArrayList<>();
        // With a protocol for all, port by port; else in the order of the file.
        boolean alike = parts.stream().allMatch(part -> part.upper().isEmpty());
        if (alike) {
            uppers.forEach(upper -> ranges(parts).forEach(range -> selectors.add(upper.at(range))));
        } else {
            parts.forEach(part -> own(part, uppers).forEach(upper -> part.range().ifPresent(range -> selectors.add(upper.at(range)))));
        }
        return selectors;
    }

    private static Stream<Upper> own(Part part, List<Upper> uppers) {
        return part.upper().map(Stream::of).orElseGet(uppers::stream);
    }
}
