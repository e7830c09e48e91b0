package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the two sides of a connection prove who they are: the sections {@code local…} and {@code remote…}, one for each round. What there
 * is here is a pre-shared key, and with IKEv1 a user's password on top of it.
 */
final class AuthenticationConversion {
    private static final String PSK = "psk";
    private static final String XAUTH = "xauth";
    /** Charon's backends that ask for a name and a password. */
    private static final Set<String> PASSWORDS = Set.of(XAUTH, "xauth-generic");

    private final Settings connection;

    AuthenticationConversion(Settings connection) {
        this.connection = connection;
    }

    static boolean isRound(String section) {
        return section.startsWith("local") || section.startsWith("remote");
    }

    /** Whether the peer is asked for a user's password. */
    boolean asksForPasswords() {
        return auths("remote").contains(XAUTH);
    }

    /** Whether either side has a password to give. */
    boolean usesPasswords() {
        return asksForPasswords() || auths("local").contains(XAUTH);
    }

    /** Why it cannot be used, if it cannot. */
    Optional<String> hindrance() {
        for (String side : List.of("local", "remote")) {
            for (Map.Entry<String, Settings> round : rounds(side).entrySet()) {
                String auth = auth(round.getValue());
                if (!auth.equals(PSK) && !(isV1() && auth.equals(XAUTH))) {
                    return Optional.of(round.getKey() + ".auth = " + auth + " cannot be used yet, only psk can");
                }
            }
            List<String> auths = auths(side);
            if (auths.isEmpty()) {
                return Optional.of("it needs a local and a remote section with auth = psk");
            }
            if (!auths.equals(List.of(PSK)) && !auths.equals(List.of(PSK, XAUTH))) {
                return Optional.of("several authentication rounds cannot be used yet, but psk and xauth in IKEv1");
            }
        }
        return auths("local").contains(XAUTH) && asksForPasswords()
                ? Optional.of("a user's password is asked for on both sides, which IKEv1 cannot do")
                : Optional.empty();
    }

    /** What our side asks the peer for: {@code vips}, if that is something IKEv1 can ask for. */
    Optional<String> virtualAddress() {
        return connection.value("vips")
                .map(value -> value.text().strip())
                .filter(vip -> isV1() && vip.matches("[0-9.]+"))
                .map(vip -> vip.equals("0.0.0.0") ? "any" : vip);
    }

    boolean isV1() {
        return connection.value("version").filter(version -> version.text().equals("1")).isPresent();
    }

    private List<String> auths(String side) {
        return rounds(side).values().stream().map(AuthenticationConversion::auth).toList();
    }

    private static String auth(Settings round) {
        String auth = round.value("auth").map(Settings.Value::text).orElse("pubkey");
        return PASSWORDS.contains(auth) ? XAUTH : auth;
    }

    private Map<String, Settings> rounds(String side) {
        Map<String, Settings> rounds = new LinkedHashMap<>();
        connection.sections().forEach((name, section) -> {
            if (name.startsWith(side)) {
                rounds.put(name, section);
            }
        });
        return rounds;
    }

    /** @param options the connection's, which get the remarks about the rounds too */
    void write(Options options, YamlText lines) {
        lines.line(2, side("local", options));
        lines.line(2, side("remote", options));
    }

    private String side(String side, Options options) {
        List<String> parts = new ArrayList<>();
        List<String> addresses = options.list(side + "_addrs").stream().filter(address -> !address.equals("%any")).toList();
        if (!addresses.isEmpty()) {
            parts.add("address: " + YamlText.oneOrMore(addresses));
        }
        options.text(side + "_port").filter(port -> !port.equals("500")).ifPresent(port -> parts.add("port: " + port));
        rounds(side).forEach((key, section) -> {
            Options round = new Options(options.name() + "." + key, section);
            if (auth(section).equals(PSK)) {
                Optional<String> id = round.text("id");
                id.ifPresent(who -> parts.add("id: " + YamlText.scalar(who)));
                if (id.isEmpty() && side.equals("remote") && addresses.size() != 1) {
                    parts.add("id: \"%any\"");
                }
            } else if (side.equals("local")) {
                Optional<String> user = round.text("xauth_id").or(() -> round.text("id"));
                user.ifPresentOrElse(name -> parts.add("user: " + YamlText.scalar(name)), () -> round.remark("xauth_id", "is missing: there is no user"));
            }
            round.drop("auth", "round");
            round.remarks().forEach(options::add);
        });
        if (side.equals("local")) {
            virtualAddress().ifPresent(address -> {
                options.drop("vips");
                parts.add("virtual-address: " + YamlText.scalar(address));
            });
        }
        parts.add("auth: " + (auths(side).contains(XAUTH) ? XAUTH : PSK));
        return side + ": { " + String.join(", ", parts) + " }";
    }
}
