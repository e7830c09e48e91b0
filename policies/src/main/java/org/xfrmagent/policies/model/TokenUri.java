package org.xfrmagent.policies.model;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A key or certificate in a token, as a URI of RFC 7512: {@code pkcs11:id=%0A%0B;slot-id=0?module-path=/usr/lib/libcard.so}.
 *
 * @param id CKA_ID, as hexadecimal digits
 * @param slot CK_SLOT_ID; empty: whichever slot has it
 * @param module the library; empty: any of those in strongswan.conf
 */
public record TokenUri(String id, OptionalLong slot, Optional<Module> module) {
    private static final String SCHEME = "pkcs11:";
    private static final String EXPECTED = ", expected such as pkcs11:id=%0A%0B;slot-id=0?module-path=/usr/lib/libcard.so";
    private static final int LONGEST_ID = 255;

    /** The library that speaks with the token. */
    public sealed interface Module {
        record At(Path path) implements Module {}

        /** As {@code charon.plugins.pkcs11.modules} of strongswan.conf calls it. */
        record Named(String name) implements Module {}
    }

    /** @throws IllegalArgumentException with a sentence; it does not repeat the text, which may have a PIN in it */
    public static TokenUri parse(String text) {
        if (!text.startsWith(SCHEME)) {
            throw new IllegalArgumentException("it does not begin with " + SCHEME + EXPECTED);
        }
        String[] parts = text.substring(SCHEME.length()).split("\\?", 2);
        Map<String, String> path = attributes(parts[0], ";");
        Map<String, String> query = attributes(parts.length > 1 ? parts[1] : "", "&");
        path.keySet().stream().filter(name -> !name.equals("id") && !name.equals("slot-id")).findFirst().ifPresent(TokenUri::unknown);
        query.keySet().stream().filter(name -> !name.equals("module-path") && !name.equals("module-name")).findFirst().ifPresent(TokenUri::unknown);
        String id = Optional.ofNullable(path.get("id")).map(TokenUri::octets)
                .orElseThrow(() -> new IllegalArgumentException("it has no 'id'" + EXPECTED));
        if (query.size() > 1) {
            throw new IllegalArgumentException("it has both 'module-path' and 'module-name', expected one of them");
        }
        return new TokenUri(id, path.containsKey("slot-id") ? OptionalLong.of(slot(path.getOrDefault("slot-id", ""))) : OptionalLong.empty(),
                Optional.ofNullable(query.get("module-path")).<Module>map(each -> new Module.At(path(decoded(each))))
                        .or(() -> Optional.ofNullable(query.get("module-name")).map(each -> new Module.Named(decoded(each)))));
    }

    /**
     * From hexadecimal digits, as swanctl.conf has them.
     *
     * @throws IllegalArgumentException with a sentence
     */
    public static TokenUri of(String handle, Optional<String> slot, Optional<String> module) {
        String digits = handle.strip().replaceFirst("^0[xX]", "").replace(":", "").toLowerCase(Locale.ROOT);
        if (!digits.matches("([0-9a-f]{2}){1," + LONGEST_ID + "}")) {
            throw new IllegalArgumentException("the handle is no row of pairs of hexadecimal digits, expected the CKA_ID of the key such as 0a0b");
        }
        return new TokenUri(digits, slot.isPresent() ? OptionalLong.of(slot(slot.get())) : OptionalLong.empty(), module.map(Module.Named::new));
    }

    private static void unknown(String name) {
        throw new IllegalArgumentException(name.startsWith("pin-")
                ? "it has a '" + name + "', which does not stand there, expected the PIN by 'passphrase' beside it"
                : "it has an attribute that is not known, expected 'id' and 'slot-id', and behind '?' 'module-path' or 'module-name'");
    }

    private static Map<String, String> attributes(String text, String separator) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String each : text.isEmpty() ? new String[0] : text.split(separator, -1)) {
            int equals = each.indexOf('=');
            if (equals <= 0 || found.put(each.substring(0, equals), each.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("something in it is no attribute=value, or stands there twice" + EXPECTED);
            }
        }
        return found;
    }

    private static long slot(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("its slot is no number");
        }
        return Long.parseLong(text);
    }

    private static Path path(String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("its module-path is not an absolute path");
        }
        return path;
    }

    private static String decoded(String text) {
        String decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        if (decoded.isEmpty() || decoded.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a module in it has no name");
        }
        return decoded;
    }

    private static String octets(String text) {
        byte[] octets = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
        if (octets.length == 0 || octets.length > LONGEST_ID) {
            throw new IllegalArgumentException("its id has " + octets.length + " octets, expected 1 to " + LONGEST_ID);
        }
        return HexFormat.of().formatHex(octets);
    }

    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xff);
            encoded.append(Character.isLetterOrDigit(c) && c < 0x80 || "/._-:".indexOf(c) >= 0 ? String.valueOf(c) : "%%%02X".formatted((int) c));
        }
        return encoded.toString();
    }

    @Override
    public String toString() {
        String handle = id.replaceAll("..", "%$0").toUpperCase(Locale.ROOT);
        return SCHEME + "id=" + handle + (slot.isPresent() ? ";slot-id=" + slot.getAsLong() : "") + module.map(each -> switch (each) {
            case Module.At(Path path) -> "?module-path=" + encoded(path.toString());
            case Module.Named(String name) -> "?module-name=" + encoded(name);
        }).orElse("");
    }
}
