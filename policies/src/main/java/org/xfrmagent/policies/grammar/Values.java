package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Scalars.anyOf;
import static org.xfrmagent.policies.grammar.Scalars.explained;
import static org.xfrmagent.policies.grammar.Scalars.schema;
import static org.xfrmagent.policies.grammar.Scalars.simple;
import static org.xfrmagent.policies.grammar.Scalars.string;

import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.ProposalParser;
import org.xfrmagent.policies.algorithm.ProposalParser.Accepted;
import org.xfrmagent.policies.algorithm.ProposalParser.Refused;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Octets;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.SecurityLabel;
import org.xfrmagent.policies.model.TrafficSelector;
import org.xfrmagent.policies.model.VirtualAddress;

/** Shapes of the field's own values: addresses, identities, proposals, ports. */
final class Values {
    private static final Map<String, Object> TEXT = schema("type", "string", "minLength", 1);
    private static final String HOST_NAME = "([A-Za-z0-9_]([A-Za-z0-9_-]{0,62})\\.)*[A-Za-z_]([A-Za-z0-9_-]{0,62})\\.?";

    /** What {@link #user} takes, as JSON Schema has it. */
    static final String USER = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]{1,253}$";

    private static final String LABEL = "[ -~]{1," + SecurityLabel.LONGEST + "}";

    private Values() {}

    static Shape<InetAddress> address() {
        return simple("an IP address", Ip::parse, TEXT);
    }

    static Shape<SecurityLabel> securityLabel() {
        return simple("printable ASCII, at most " + SecurityLabel.LONGEST + " characters", text -> text.matches(LABEL)
                ? Optional.of(new SecurityLabel(text)) : Optional.empty(), string("^" + LABEL + "$"));
    }

    static Shape<AddressRange> range() {
        return explained("a prefix such as 10.1.0.0/16, a range such as 10.0.0.1-10.0.0.9 or an address", AddressRange::parse, TEXT);
    }

    /** As {@link #range}, or the word for what is not known yet; perhaps with a protocol and ports. */
    static Shape<Addresses.Part> endOfTraffic() {
        return explained(range().expected(), Values::parseEnd, TEXT);
    }

    private static Addresses.Part parseEnd(String text) {
        int bracket = text.indexOf('[');
        String address = (bracket < 0 ? text : text.substring(0, bracket)).strip();
        Optional<AddressRange> range = address.equals(Addresses.DYNAMIC) ? Optional.empty() : Optional.of(AddressRange.parse(address));
        return new Addresses.Part(range, bracket < 0 ? Optional.empty() : Optional.of(UpperLayer.parse(text.substring(bracket))));
    }

    static Shape<Host> host() {
        return explained("an address, a prefix, a range, a host name or '%any'", Values::parseHost, TEXT);
    }

    private static Host parseHost(String text) {
        if (text.equals("%any")) {
            return Host.any();
        }
        if (text.matches(HOST_NAME)) {
            return new Host.DnsName(text);
        }
        AddressRange range = AddressRange.parse(text);
        if (range.isEverything()) {
            throw new IllegalArgumentException("'" + text + "' is every address; write '%any'");
        }
        return range.isSingle() ? new Host.Address(range.from()) : new Host.Range(range);
    }

    static Shape<VirtualAddress> virtualAddress() {
        return simple("an IP address, 'any' for whichever IPv4 address or 'any6' for whichever IPv6 address", Values::parseVirtualAddress, TEXT);
    }

    private static Optional<VirtualAddress> parseVirtualAddress(String text) {
        return switch (text) {
            case "any", "%any" -> Optional.of(VirtualAddress.ANY_IPV4);
            case "any6", "%any6" -> Optional.of(VirtualAddress.ANY_IPV6);
            default -> Ip.parse(text).map(VirtualAddress::of);
        };
    }

    /** What an attribute with a number has: an address or a network as IPv4 and IPv6 attributes have them, or a text. */
    static Shape<Octets> attribute() {
        return simple("an IP address, a prefix such as 10.1.0.0/16, '0x' and hexadecimal digits, or a text of at most 255 printable characters of ASCII",
                Values::parseAttribute, Scalars.string("^[ -~]{1,2048}$"));
    }

    private static Optional<Octets> parseAttribute(String text) {
        if (text.matches("0x([0-9A-Fa-f]{2}){1,1023}")) {
            return Optional.of(Octets.of(HexFormat.of().parseHex(text.substring(2))));
        }
        Optional<Octets> address = Ip.parse(text).map(InetAddress::getAddress).map(Octets::of);
        if (address.isPresent()) {
            return address;
        }
        if (text.matches("[0-9A-Fa-f.:]+/\\d{1,3}")) {
            try {
                return Optional.of(network(AddressRange.parse(text)));
            } catch (IllegalArgumentException hostBits) {
                return Optional.empty();
            }
        }
        return text.matches("[\\x20-\\x7e]{1,255}") ? Optional.of(Octets.of(text.getBytes(StandardCharsets.US_ASCII))) : Optional.empty();
    }

    /** RFC 7296, section 3.15.1: an IPv4 network has a mask, an IPv6 one the length of its prefix. */
    private static Octets network(AddressRange prefix) {
        int bits = prefix.prefixLength().orElseThrow();
        byte[] address = prefix.from().getAddress();
        byte[] all = Arrays.copyOf(address, prefix.family() == AddressFamily.IPV4 ? 8 : 17);
        if (prefix.family() == AddressFamily.IPV4) {
            ByteBuffer.wrap(all).putInt(4, bits == 0 ? 0 : -1 << Integer.SIZE - bits);
        } else {
            all[16] = (byte) bits;
        }
        return Octets.of(all);
    }

    static Shape<Identity> identity() {
        return explained("an identity such as moon.example.org, moon@example.org, 192.0.2.1, keyid:moon or 'C=CH, O=Example, CN=moon'",
                Identity::parse, anyOf(TEXT, Map.of("type", "number")));
    }

    /** A few words for people or their computers: printable, of no more octets than an attribute of any client's holds. */
    static Shape<String> text() {
        return Scalars.simple("a text of at most 255 printable characters of ASCII",
                text -> text.matches("[\\x20-\\x7e]{1,255}") ? Optional.of(text) : Optional.empty(), Scalars.string("^[ -~]{1,255}$"));
    }

    /** The name of a user, as it is typed: with a domain perhaps, or as a certificate has it. */
    static Shape<String> user() {
        return Scalars.simple("the name of a user, of at most 253 characters", text -> text.matches(USER) ? Optional.of(text) : Optional.empty(),
                string(USER));
    }

    static Shape<SecretRef> secret() {
        return explained("file:PATH, credential:NAME or env:NAME", Values::parseSecret, string("^(file|credential|env):.+$"));
    }

    static SecretRef parseSecret(String text) {
        int colon = text.indexOf(':');
        String rest = text.substring(colon + 1);
        // Whoever writes the key itself here must not find it in a log: the text is never repeated.
        switch (colon < 0 ? "" : text.substring(0, colon)) {
            case "file" -> {
                try {
                    if (!rest.isEmpty()) {
                        return new SecretRef.FromFile(Path.of(rest));
                    }
                } catch (InvalidPathException e) {
                    throw new IllegalArgumentException("what follows 'file:' is no path", e);
                }
            }
            case "credential" -> {
                if (rest.matches("[A-Za-z0-9_.-]+") && !rest.matches("\\.\\.?")) {
                    return new SecretRef.FromCredential(rest);
                }
            }
            // Not among what is expected: only the text that the agent makes of what its clients load has a use for it.
            case "loaded" -> {
                if (!rest.isEmpty()) {
                    return new SecretRef.Loaded(rest);
                }
            }
            case "env" -> {
                if (rest.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                    return new SecretRef.FromEnvironment(rest);
                }
            }
            default -> throw new IllegalArgumentException("a secret itself cannot stand in a policy file");
        }
        throw new IllegalArgumentException("nothing usable follows '" + text.substring(0, colon + 1) + "'");
    }

    /** The number of a protocol, by name or number. */
    static Shape<Integer> protocol() {
        String expected = "a protocol such as tcp, udp, icmp or a number from 0 to 255";
        return explained(expected, UpperLayer::protocol, anyOf(schema("type", "integer", "minimum", 0, "maximum", 255), schema("enum", List.copyOf(IpProtocols.names()))));
    }

    /** Numbers from the first to the last. */
    static Shape<Span> ports() {
        return explained("a port, a range such as 1024-2047 or a service such as https",
                UpperLayer::ports,
                anyOf(schema("type", "integer", "minimum", 0, "maximum", TrafficSelector.MAX_PORT), TEXT));
    }

    static Shape<Span> icmp() {
        return explained("0 to 255, or a range such as 0-3", UpperLayer::icmp,
                anyOf(schema("type", "integer", "minimum", 0, "maximum", 255), string("^\\d{1,3}-\\d{1,3}$")));
    }

    /** Octets, or more than any packet has. */
    static Shape<Integer> tfc() {
        return simple("0 to 65535 octets, or 'mtu'",
                text -> text.equals("mtu") ? Optional.of(Action.Protect.TFC_MTU) : Scalars.number(text, BigInteger.ZERO,
                        BigInteger.valueOf(0xffff)).map(BigInteger::intValue),
                anyOf(schema("type", "integer", "minimum", 0, "maximum", 0xffff), schema("const", "mtu")));
    }

    /** An XFRM interface id: not 0, which the kernel takes for none. */
    static Shape<Integer> interfaceId() {
        return explained("a number from 1 to 4294967295", Values::interfaceNumber, anyOf(schema("type", "integer", "minimum", 1, "maximum", 4294967295L), string("^0x[0-9a-fA-F]{1,8}$")));
    }

    static int interfaceNumber(String text) {
        int id = word32(text);
        if (id == 0) {
            throw new IllegalArgumentException("interface id 0 means none");
        }
        return id;
    }

    /** A program and its arguments, separated by blanks, or as a list where some have blanks themselves. */
    static Shape<List<String>> command() {
        return new CommandShape();
    }

    /** A network interface's name, as the kernel takes it. */
    static Shape<String> linkName() {
        return explained("an interface name of at most 15 letters, digits, '.', '_' and '-'", text -> {
            if (!text.matches("[A-Za-z0-9_.-]{1,15}") || text.matches("\\.{1,2}|all|default")) {
                throw new IllegalArgumentException("'" + text + "' cannot be one");
            }
            return text;
        }, string("^[A-Za-z0-9_.-]{1,15}$"));
    }

    /** A number of 32 bits, decimal or with 0x. */
    static int word32(String text) {
        boolean hex = text.matches("0[xX][0-9a-fA-F]{1,8}");
        if (!hex && !text.matches("\\d{1,10}")) {
            throw new IllegalArgumentException("'" + text + "' is no number of 32 bits");
        }
        long number = hex ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
        if (number > 0xffffffffL) {
            throw new IllegalArgumentException("'" + text + "' is no number of 32 bits");
        }
        return (int) number;
    }

    static Shape<Proposal> proposal(Protocol protocol, String example) {
        return new ProposalShape(protocol, example);
    }

    private record ProposalShape(Protocol protocol, String example) implements Shape<Proposal> {
        @Override
        public Optional<Proposal> read(Tree tree, Where where) {
            if (!(tree instanceof Tree.Scalar scalar)) {
                return unfit(tree, where);
            }
            return switch (ProposalParser.parse(protocol, scalar.text())) {
                case Accepted accepted -> {
                    accepted.warnings().forEach(sentence -> where.warns(tree.at(), sentence));
                    yield Optional.of(accepted.proposal());
                }
                case Refused refused -> {
                    refused.problems().forEach(sentence -> where.says(tree.at(), sentence));
                    yield Optional.empty();
                }
            };
        }

        @Override
        public String expected() {
            return "algorithms joined by '-' such as " + example;
        }

        @Override
        public Map<String, Object> schema() {
            return string("^[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*$");
        }
    }
}
