package org.xfrmagent.policies.model;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Identities from text and from the wire. */
final class IdentityParser {
    private static final int LONGEST = 1024;
    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[\\p{L}\\p{N}_.-]+");

    /** swanctl's words for anybody: no peer is called by an address that is none. */
    private static final Set<String> ANY = Set.of("%any", "%any6", "*", "0.0.0.0", "::", "0::0");

    private IdentityParser() {}

    static Identity parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            throw new IllegalArgumentException("an identity has 1 to " + LONGEST + " characters, not " + text.length());
        }
        if (ANY.contains(text)) {
            return Identity.any();
        }
        int colon = text.indexOf(':');
        if (colon > 0) {
            String rest = text.substring(colon + 1);
            switch (text.substring(0, colon)) {
                case "ipv4", "ipv6", "ip" -> {
                    return address(rest).orElseThrow(() -> new IllegalArgumentException("'" + rest + "' is no IP address"));
                }
                case "fqdn", "dns" -> {
                    return host(rest);
                }
                case "email", "rfc822", "userfqdn" -> {
                    return new Identity.Email(rest);
                }
                case "keyid" -> {
                    return keyId(rest);
                }
                case "dn", "asn1dn" -> {
                    return rest.startsWith("#") ? encodedName(rest.substring(1)) : name(rest);
                }
                default -> { }
            }
        }
        if (text.startsWith("@#")) {
            return new Identity.KeyId(hex(text.substring(2)));
        }
        if (text.startsWith("@@")) {
            return new Identity.Email(text.substring(2));
        }
        if (text.startsWith("@")) {
            return host(text.substring(1));
        }
        Optional<Identity> address = address(text);
        if (address.isPresent()) {
            return address.get();
        }
        if (text.contains("=")) {
            return name(text);
        }
        return text.contains("@") ? new Identity.Email(text) : host(text);
    }

    private static Optional<Identity> address(String text) {
        return Ip.parse(text).map(Identity.Ip::new);
    }

    private static Identity host(String text) {
        if (!HOST.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' is no host name; write 'keyid:' before an identity that is none of address, host name, mail address or distinguished name");
        }
        return new Identity.Fqdn(text);
    }

    private static Identity keyId(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("nothing follows 'keyid:'");
        }
        return new Identity.KeyId(text.startsWith("0x") ? hex(text.substring(2)) : text.startsWith("#") ? hex(text.substring(1)) : Octets.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static Octets hex(String digits) {
        try {
            return Identity.hex(digits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + digits + "' is no row of pairs of hexadecimal digits", e);
        }
    }

    private static Identity encodedName(String digits) {
        return name(hex(digits).toArray()).orElseThrow(() -> new IllegalArgumentException("'" + digits + "' is no encoded distinguished name"));
    }

    private static Identity name(String text) {
        try {
            return DistinguishedName.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is no distinguished name such as 'C=CH, O=Example, CN=moon'", e);
        }
    }

    static Optional<Identity> decode(int type, byte[] data) {
        return switch (type) {
            case Identity.ID_IPV4_ADDR -> data.length == 4 ? Optional.of(new Identity.Ip(Ip.of(data))) : Optional.empty();
            case Identity.ID_IPV6_ADDR -> data.length == 16 ? Optional.of(new Identity.Ip(Ip.of(data))) : Optional.empty();
            case Identity.ID_FQDN -> string(data).map(Identity.Fqdn::new);
            case Identity.ID_RFC822_ADDR -> string(data).map(Identity.Email::new);
            case Identity.ID_KEY_ID -> data.length == 0 ? Optional.empty() : Optional.of(new Identity.KeyId(Octets.of(data)));
            case Identity.ID_DER_ASN1_DN -> name(data);
            default -> Optional.empty();
        };
    }

    private static Optional<Identity> name(byte[] der) {
        try {
            return Optional.of(DistinguishedName.decode(der));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Text without control characters, so that an identity can go into a log line; a wildcard is no identity. */
    private static Optional<String> string(byte[] data) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString();
            boolean plain = !text.isEmpty() && !text.contains("*") && text.codePoints().noneMatch(Character::isISOControl);
            return plain ? Optional.of(text) : Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
