package org.xfrmagent.policies.grammar;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.policies.algorithm.NearestWord;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Selectors.Upper;
import org.xfrmagent.policies.model.TrafficSelector;

/** The words for protocols, ports and ICMP types; what does not fit is an IllegalArgumentException with a sentence. */
final class UpperLayer {
    /** {@code [tcp/22]}, {@code [icmp]}. */
    private static final Pattern SUFFIX = Pattern.compile("\\[([^/\\]]+)(?:/([^\\]]+))?]");
    /** {@code 8}, {@code 8(0)}, {@code 0-3}. */
    private static final Pattern TYPES = Pattern.compile("(\\d{1,3})(?:\\((\\d{1,3})\\))?(?:-(\\d{1,3})(?:\\((\\d{1,3})\\))?)?");
    private static final int MOST = 255;

    private UpperLayer() {}

    static int protocol(String text) {
        if (text.matches("\\d{1,3}") && Integer.parseInt(text) <= MOST) {
            return Integer.parseInt(text);
        }
        return IpProtocols.number(text).orElseThrow(() -> new IllegalArgumentException(
                "there is no protocol '" + text + "'" + NearestWord.hint(text, IpProtocols.names())));
    }

    /** A protocol in brackets, perhaps with ports or ICMP types, as {@link Upper#toString} writes them. */
    static Upper parse(String text) {
        Matcher parts = SUFFIX.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no protocol in brackets, such as [tcp/22] or [icmp]");
        }
        int protocol = protocol(parts.group(1).strip());
        Optional<String> ports = Optional.ofNullable(parts.group(2)).map(String::strip);
        if (ports.isEmpty()) {
            return new Upper(protocol, 0, TrafficSelector.MAX_PORT);
        }
        if (ports.get().equals("OPAQUE")) {
            return new Upper(protocol, TrafficSelector.MAX_PORT, 0);
        }
        if (IpProtocols.isIcmp(protocol)) {
            return types(protocol, ports.get());
        }
        if (!IpProtocols.hasPorts(protocol)) {
            throw new IllegalArgumentException("'" + text + "' names a port, and the protocol " + IpProtocols.name(protocol) + " has none");
        }
        Span span = ports(ports.get());
        return new Upper(protocol, span.first(), span.last());
    }

    /** RFC 7296 section 3.13.1: the type is the port's upper octet, the code its lower one. */
    private static Upper types(int protocol, String text) {
        Matcher parts = TYPES.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no ICMP type, such as 8, 8(0) or 0-3");
        }
        int first = octet(parts.group(1)) << 8 | Optional.ofNullable(parts.group(2)).map(UpperLayer::octet).orElse(0);
        String lastType = Optional.ofNullable(parts.group(3)).orElse(parts.group(1));
        Optional<String> lastCode = Optional.ofNullable(parts.group(3) == null ? parts.group(2) : parts.group(4));
        int last = octet(lastType) << 8 | lastCode.map(UpperLayer::octet).orElse(MOST);
        if (first > last) {
            throw new IllegalArgumentException("'" + text + "' does not run upwards");
        }
        return new Upper(protocol, first, last);
    }

    private static int octet(String text) {
        int number = Integer.parseInt(text);
        if (number > MOST) {
            throw new IllegalArgumentException("'" + text + "' is more than " + MOST);
        }
        return number;
    }

    static Span ports(String text) {
        return span(text, TrafficSelector.MAX_PORT, IpProtocols.services());
    }

    /** Types or codes. */
    static Span icmp(String text) {
        return span(text, MOST, Set.of());
    }

    private static Span span(String text, int max, Set<String> services) {
        Optional<Integer> service = IpProtocols.service(text).filter(_ -> !services.isEmpty());
        if (service.isPresent()) {
            return new Span(service.get(), service.get());
        }
        if (!text.matches("\\d{1,5}(\\s*-\\s*\\d{1,5})?")) {
            throw new IllegalArgumentException("'" + text + "' is neither number nor range" + (services.isEmpty() ? "" : " nor service")
                    + NearestWord.hint(text, services));
        }
        String[] ends = text.split("\\s*-\\s*");
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[ends.length - 1]);
        if (last > max || first > last) {
            throw new IllegalArgumentException("'" + text + "' does not run upwards within 0 to " + max);
        }
        return new Span(first, last);
    }
}
