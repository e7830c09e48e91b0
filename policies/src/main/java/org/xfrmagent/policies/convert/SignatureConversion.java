package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** An {@code auth} of swanctl.conf or ipsec.conf that says which keys and hashes may sign: {@code pubkey}, {@code rsa/pss-sha256-sha384}, {@code ed25519}. */
final class SignatureConversion {
    private static final Map<String, List<String>> KEYS = Map.of(
            "pubkey", List.of("rsa", "rsa-pss", "ecdsa"),
            "rsa", List.of("rsa", "rsa-pss"),
            "rsa/pss", List.of("rsa-pss"),
            "ecdsa", List.of("ecdsa"),
            "ed25519", List.of("ed25519"),
            "ed448", List.of("ed448"));
    private static final Set<String> WITHOUT_HASH = Set.of("ed25519", "ed448");

    private SignatureConversion() {}

    /** Whether an {@code auth} is about a public key at all. */
    static boolean isPubkey(String auth) {
        String bare = auth.replaceFirst("^ike:", "");
        return KEYS.containsKey(bare.contains("-") ? bare.substring(0, bare.indexOf('-')) : bare);
    }

    /** The words of the schemes that it allows, the preferred one first; none if it leaves that to the key. Empty if it asks for something else. */
    static Optional<List<String>> schemes(String auth) {
        String[] parts = auth.replaceFirst("^ike:", "").split("-");
        List<String> keys = KEYS.getOrDefault(parts[0], List.of());
        if (parts.length == 1) {
            return Optional.of(parts[0].equals("pubkey") ? List.of() : all(keys));
        }
        List<String> schemes = new ArrayList<>();
        for (String hash : Arrays.asList(parts).subList(1, parts.length)) {
            List<String> words = keys.stream().map(key -> WITHOUT_HASH.contains(key) ? key : key + "-" + hash)
                    .filter(word -> SignatureScheme.byWord(word).isPresent()).toList();
            if (words.isEmpty()) {
                return Optional.empty();
            }
            schemes.addAll(words);
        }
        return Optional.of(List.copyOf(schemes));
    }

    private static List<String> all(List<String> keys) {
        return Arrays.stream(SignatureScheme.values()).filter(scheme -> scheme.identifier().isPresent() && scheme != SignatureScheme.RSA_SHA1)
                .map(SignatureScheme::word)
                .filter(word -> keys.stream().anyMatch(key -> word.equals(key) || word.matches(key + "-sha\\d+")))
                .toList();
    }
}
