package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/**
 * An {@code auth} of swanctl.conf or ipsec.conf that says which keys and hashes may sign: {@code pubkey}, {@code rsa/pss-sha256-sha384},
 * {@code rsa-3072-ecdsa-384-sha384}. Behind {@code ike:} it is about IKE's own signatures, before it about those of certificates, and about
 * IKE's too if nothing stands behind.
 *
 * @param leastBits of the keys of certificates, by kind
 * @param chain words of the schemes that certificates may be signed by; none = any
 * @param ike words of the schemes that IKE may be signed by, the preferred one first; none if that is left to the key
 */
record SignatureConversion(Map<String, Integer> leastBits, List<String> chain, List<String> ike) {
    private static final String IKE = "ike:";
    private static final String PUBKEY = "pubkey";
    private static final Map<String, List<String>> KEYS = Map.of(
            PUBKEY, List.of("rsa", "rsa-pss", "ecdsa"),
            "rsa", List.of("rsa", "rsa-pss"),
            "rsa/pss", List.of("rsa-pss"),
            "ecdsa", List.of("ecdsa"),
            "ed25519", List.of("ed25519"),
            "ed448", List.of("ed448"));
    private static final Map<String, String> KINDS = Map.of("rsa", "rsa", "rsa/pss", "rsa", "ecdsa", "ecdsa");
    private static final Set<String> WITHOUT_HASH = Set.of("ed25519", "ed448");

    /** Whether an {@code auth} is about a public key at all. */
    static boolean isPubkey(String auth) {
        return KEYS.containsKey(auth.replaceFirst("^" + IKE, "").replaceFirst("-.*$", ""));
    }

    /** Empty if it asks for something else than keys of a kind, their bits, and hashes. */
    static Optional<SignatureConversion> parse(String auth) {
        int ike = auth.indexOf(IKE);
        Optional<Part> chain = ike == 0 ? Optional.of(Part.NONE) : Part.parse(ike < 0 ? auth : auth.substring(0, ike).replaceFirst("[-,]$", ""));
        Optional<Part> own = ike < 0 ? chain : Part.parse(auth.substring(ike + IKE.length()));
        return chain.flatMap(first -> own.filter(second -> ike < 0 || second.leastBits.isEmpty())
                .map(second -> new SignatureConversion(first.leastBits, first.hashed, second.schemes())));
    }

    /**
     * One side of {@code ike:}.
     *
     * @param keys kinds of keys, as written
     * @param hashed schemes of those that have hashes behind them
     */
    private record Part(List<String> keys, Map<String, Integer> leastBits, List<String> hashed) {
        static final Part NONE = new Part(List.of(), Map.of(), List.of());

        static Optional<Part> parse(String text) {
            List<String> keys = new ArrayList<>();
            Map<String, Integer> leastBits = new LinkedHashMap<>();
            Set<String> hashed = new LinkedHashSet<>();
            for (String token : text.split("-")) {
                String key = keys.isEmpty() ? "" : keys.getLast();
                if (KEYS.containsKey(token)) {
                    keys.add(token);
                } else if (token.matches("[0-9]{3,5}") && KINDS.containsKey(key)) {
                    leastBits.put(KINDS.get(key), Integer.valueOf(token));
                } else {
                    // Hashes behind several keys are of each that can have them.
                    List<String> words = keys.stream().flatMap(each -> words(each, token)).distinct().toList();
                    if (words.isEmpty()) {
                        return Optional.empty();
                    }
                    hashed.addAll(words);
                }
            }
            return keys.isEmpty() ? Optional.empty() : Optional.of(new Part(List.copyOf(keys), Map.copyOf(leastBits), List.copyOf(hashed)));
        }

        private static Stream<String> words(String key, String hash) {
            return KEYS.getOrDefault(key, List.of()).stream().map(word -> WITHOUT_HASH.contains(word) ? word : word + "-" + hash)
                    .filter(word -> SignatureScheme.byWord(word).isPresent());
        }

        List<String> schemes() {
            return !hashed.isEmpty() ? hashed : keys.contains(PUBKEY) ? List.of() : keys.stream().flatMap(Part::all).distinct().toList();
        }

        private static Stream<String> all(String key) {
            List<String> words = KEYS.getOrDefault(key, List.of());
            return Arrays.stream(SignatureScheme.values()).filter(scheme -> scheme.identifier().isPresent() && scheme != SignatureScheme.RSA_SHA1)
                    .map(SignatureScheme::word)
                    .filter(scheme -> words.stream().anyMatch(word -> scheme.equals(word) || scheme.matches(word + "-sha\\d+")));
        }
    }
}
