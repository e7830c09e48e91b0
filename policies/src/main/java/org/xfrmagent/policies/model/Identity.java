package org.xfrmagent.policies.model;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * Who somebody is (RFC 7296 section 3.5). Identities of different kinds are never equal, whatever their text (RFC 4301 section
 * 4.4.3.1).
 */
public sealed interface Identity
        permits Identity.Ip, Identity.Fqdn, Identity.Email, Identity.KeyId, DistinguishedName, Identity.Any {
    int ID_IPV4_ADDR = 1;
    int ID_FQDN = 2;
    int ID_RFC822_ADDR = 3;
    int ID_IPV6_ADDR = 5;
    int ID_DER_ASN1_DN = 9;
    int ID_KEY_ID = 11;

    /** An address. */
    record Ip(InetAddress address) implements Identity {
        @Override
        public String toString() {
            return org.xfrmagent.policies.model.Ip.text(address);
        }
    }

    /** A host name; upper and lower case are the same. As a pattern it may start with {@code *.}. */
    record Fqdn(String name) implements Identity {
        @Override
        public boolean equals(Object other) {
            return other instanceof Fqdn that && name.equalsIgnoreCase(that.name);
        }

        @Override
        public int hashCode() {
            return name.toLowerCase(Locale.ROOT).hashCode();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** A mail address; upper and lower case are the same. As a pattern it may start with {@code *@}. */
    record Email(String address) implements Identity {
        @Override
        public boolean equals(Object other) {
            return other instanceof Email that && address.equalsIgnoreCase(that.address);
        }

        @Override
        public int hashCode() {
            return address.toLowerCase(Locale.ROOT).hashCode();
        }

        @Override
        public String toString() {
            return address;
        }
    }

    /** Octets that only the two sides understand. */
    record KeyId(Octets octets) implements Identity {
        /** The text if it can be printed, else {@code @#} and hexadecimal digits. */
        @Override
        public String toString() {
            byte[] array = octets.toArray();
            for (byte octet : array) {
                if (octet < 0x21 || octet > 0x7e) {
                    return "@#" + octets;
                }
            }
            return "keyid:" + new String(array, StandardCharsets.US_ASCII);
        }
    }

    /** Anybody. Only a pattern: it has no form on the wire. */
    record Any() implements Identity {
        @Override
        public String toString() {
            return "%any";
        }
    }

    /** The pattern that everybody matches. */
    static Identity any() {
        return new Any();
    }

    /**
     * Reads an identity by swanctl's rules: an optional prefix ({@code ipv4:}, {@code ipv6:}, {@code fqdn:} or {@code dns:},
     * {@code email:}, {@code rfc822:} or {@code userfqdn:}, {@code keyid:}, {@code dn:} or {@code asn1dn:}), {@code %any} or {@code *},
     * {@code @name} a host name, {@code @@user@host} a mail address, {@code @#hex} a key id; otherwise an address, a name with
     * {@code =} in it, a mail address with {@code @}, a host name. A value after a prefix may be hexadecimal digits after
     * {@code 0x} for {@code keyid:}, and after {@code #} for {@code dn:}, of the encoded name.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong
     */
    static Identity parse(String text) {
        return IdentityParser.parse(text.strip());
    }

    /**
     * The identity in a payload; empty for a type that is not known or octets that do not fit the type.
     *
     * @param type the ID Type
     * @param data the Identification Data
     */
    static Optional<Identity> fromWire(int type, byte[] data) {
        return IdentityParser.decode(type, data);
    }

    /** The ID Type on the wire. {@link Any} has none and answers 0. */
    default int wireType() {
        return switch (this) {
            case Ip ip -> AddressFamily.of(ip.address) == AddressFamily.IPV4 ? ID_IPV4_ADDR : ID_IPV6_ADDR;
            case Fqdn _ -> ID_FQDN;
            case Email _ -> ID_RFC822_ADDR;
            case KeyId _ -> ID_KEY_ID;
            case DistinguishedName _ -> ID_DER_ASN1_DN;
            case Any _ -> 0;
        };
    }

    /** The Identification Data on the wire, empty for {@link Any}. */
    default byte[] wireData() {
        return switch (this) {
            case Ip ip -> ip.address.getAddress();
            case Fqdn fqdn -> fqdn.name.getBytes(StandardCharsets.UTF_8);
            case Email email -> email.address.getBytes(StandardCharsets.UTF_8);
            case KeyId keyId -> keyId.octets.toArray();
            case DistinguishedName name -> name.der().toArray();
            case Any _ -> new byte[0];
        };
    }

    /** Whether this identity is one that {@code pattern} allows: itself, {@link Any}, or a wildcard of the same kind. */
    default boolean matches(Identity pattern) {
        if (pattern instanceof Any) {
            return true;
        }
        return switch (this) {
            case Fqdn mine when pattern instanceof Fqdn that && that.name.startsWith("*.") ->
                endsWith(mine.name, that.name.substring(1));
            case Email mine when pattern instanceof Email that && that.address.startsWith("*@") ->
                endsWith(mine.address, that.address.substring(1));
            default -> equals(pattern);
        };
    }

    /** Whether this is a pattern for many rather than one identity. */
    default boolean isPattern() {
        return switch (this) {
            case Any _ -> true;
            case Fqdn fqdn -> fqdn.name.startsWith("*.");
            case Email email -> email.address.startsWith("*@");
            case DistinguishedName name -> name.text().contains("=*");
            case Ip _, KeyId _ -> false;
        };
    }

    private static boolean endsWith(String text, String end) {
        return text.length() > end.length() && text.regionMatches(true, text.length() - end.length(), end, 0, end.length());
    }

    /** Hexadecimal digits as octets. */
    static Octets hex(String digits) {
        return Octets.of(HexFormat.of().parseHex(digits));
    }
}
