package org.xfrmagent.policies.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import javax.security.auth.x500.X500Principal;

/**
 * An X.501 name as ID_DER_ASN1_DN carries it. Two names are equal when their attributes are, whatever the string types, the case
 * of letters or repeated blanks (RFC 5280 section 7.1).
 *
 * @param der the encoded Name
 * @param text the name as written, most general attribute first: {@code C=CH, O=Example, CN=moon}
 */
public record DistinguishedName(Octets der, String text) implements Identity {
    /** @throws IllegalArgumentException if {@code text} is no name */
    static DistinguishedName parse(String text) {
        // RFC 2253 writes the last attribute first; IKE's configuration files write them in the order of the encoding.
        List<String> parts = split(text.startsWith("/") ? text.substring(1) : text, text.startsWith("/") ? "/" : ",");
        X500Principal principal = new X500Principal(String.join(",", parts.reversed()));
        return new DistinguishedName(Octets.of(principal.getEncoded()), String.join(", ", parts));
    }

    /** @throws IllegalArgumentException if {@code der} is no encoded Name */
    static DistinguishedName decode(byte[] der) {
        X500Principal principal = new X500Principal(der);
        return new DistinguishedName(Octets.of(der), String.join(", ", split(principal.getName(), ",").reversed()));
    }

    private X500Principal principal() {
        return new X500Principal(der.toArray());
    }

    private List<String> canonicalParts() {
        return split(principal().getName(X500Principal.CANONICAL), ",");
    }

    /** Attribute by attribute, where {@code *} in the pattern stands for any value. */
    @Override
    public boolean matches(Identity pattern) {
        if (!(pattern instanceof DistinguishedName that)) {
            return pattern instanceof Any;
        }
        List<String> mine = canonicalParts();
        List<String> wanted = that.canonicalParts();
        if (mine.size() != wanted.size()) {
            return false;
        }
        for (int i = 0; i < mine.size(); i++) {
            String want = wanted.get(i);
            boolean wild = want.endsWith("=*") && mine.get(i).startsWith(want.substring(0, want.length() - 1));
            if (!wild && !want.equals(mine.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<String> split(String text, String separator) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                part.append(c).append(text.charAt(++i));
                continue;
            }
            quoted ^= c == '"';
            if (!quoted && separator.indexOf(c) >= 0) {
                parts.add(part.toString().strip());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString().strip());
        return parts.stream().filter(each -> !each.isEmpty()).toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DistinguishedName that && principal().equals(that.principal());
    }

    @Override
    public int hashCode() {
        return principal().getName(X500Principal.CANONICAL).toLowerCase(Locale.ROOT).hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
