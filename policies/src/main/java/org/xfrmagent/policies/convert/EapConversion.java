package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A round of authentication by EAP: {@code auth = eap-…}, {@code eap_id}, {@code aaa_id}. */
final class EapConversion {
    private static final String ANYBODY = "%any";

    /** What charon takes where no method is named, as far as a password is all that it needs. */
    private static final List<String> ANY_METHOD = List.of("mschapv2", "md5", "gtc");

    private static final Map<String, List<String>> METHODS = Map.of(
            "eap", ANY_METHOD,
            "eap-dynamic", ANY_METHOD,
            "eap-mschapv2", List.of("mschapv2"),
            "eap-md5", List.of("md5"),
            "eap-gtc", List.of("gtc"),
            "eap-tls", List.of("tls"),
            "eap-radius", List.of("radius"));

    private EapConversion() {}

    /** The methods that {@code auth} names, if it is EAP that there is here. */
    static Optional<List<String>> methods(String auth) {
        return Optional.ofNullable(METHODS.get(auth));
    }

    /** A user of XAUTH whose password a RADIUS server judges. */
    static List<String> judged(Options round) {
        if (round.text("auth").filter(word -> word.equals("xauth-radius")).isEmpty()) {
            return List.of();
        }
        round.note("auth", "the servers of xauth-radius stand in strongswan.conf (charon.plugins.eap-radius): they belong under 'radius' here");
        List<String> groups = round.list("groups");
        return groups.isEmpty() ? List.of("methods: radius") : List.of("methods: radius", "groups: " + YamlText.oneOrMore(groups));
    }

    static boolean showsCertificates(Settings round) {
        return round.value("auth").flatMap(auth -> methods(auth.text())).filter(methods -> methods.contains("tls")).isPresent();
    }

    /** @param id the round's, in IKE */
    static List<String> keys(String side, Options round, Optional<String> id) {
        List<String> keys = new ArrayList<>();
        List<String> methods = round.text("auth").flatMap(EapConversion::methods).orElse(List.of());
        keys.add("methods: " + YamlText.list(methods));
        if (methods.contains("radius")) {
            round.note("auth", "the servers of eap-radius stand in strongswan.conf (charon.plugins.eap-radius): they belong under 'radius' here");
        }
        // With eap-tls it is the certificate's.
        List<String> groups = side.equals("remote") && !methods.contains("tls") ? round.list("groups") : List.of();
        if (!groups.isEmpty() && methods.contains("radius")) {
            keys.add("groups: " + YamlText.oneOrMore(groups));
        } else if (!groups.isEmpty()) {
            round.remark("groups", "only a RADIUS server, or an attribute certificate, says of which groups somebody is a member, expected auth = eap-radius, eap-tls or pubkey beside it");
        }
        Optional<String> user = round.text("eap_id");
        if (side.equals("local")) {
            // Charon's rule: who has no other name is the user of its name in IKE.
            user.or(() -> id).ifPresentOrElse(
                    name -> keys.add("user: " + YamlText.scalar(name)), () -> round.remark("eap_id", "is missing, and so is id: there is no user"));
            round.text("aaa_id").ifPresent(gateway -> keys.add("aaa-id: " + YamlText.scalar(gateway)));
        } else if (user.isEmpty()) {
            keys.add("ask-user: false");
        } else if (!user.get().equals(ANYBODY)) {
            keys.add("user: " + YamlText.scalar(user.get()));
            keys.add("ask-user: false");
        }
        return keys;
    }
}
