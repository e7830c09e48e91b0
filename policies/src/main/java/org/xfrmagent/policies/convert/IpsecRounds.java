package org.xfrmagent.policies.convert;

import static org.xfrmagent.policies.convert.IpsecConversion.child;
import static org.xfrmagent.policies.convert.IpsecConversion.set;
import static org.xfrmagent.policies.convert.IpsecConversion.take;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.xfrmagent.policies.convert.Settings.Value;
import org.xfrmagent.policies.model.Ip;

/** How the sides of a conn prove who they are, as the rounds of swanctl.conf(5): {@code leftauth} is its {@code local}, {@code rightauth2} its {@code remote-2}. */
final class IpsecRounds {
    private static final String XAUTH = "xauth";
    private static final List<String> ROUNDS = List.of("local", "remote", "local-2", "remote-2");

    private IpsecRounds() {}

    /** Takes what says so from {@code left}, what is left of a conn. */
    static void write(Map<String, Value> left, Settings to) {
        Optional<Value> authby = take(left, "authby");
        Optional<Value> role = take(left, "xauth");
        Optional<Value> user = take(left, "eap_identity");
        Optional<Value> gateway = take(left, "aaa_identity");
        Optional<Value> name = take(left, "xauth_identity");
        authby.filter(word -> word.text().startsWith(XAUTH)).ifPresent(word ->
                left.putIfAbsent((role.filter(its -> its.text().equals("server")).isPresent() ? "right" : "left") + "auth2", new Value(word.at(), XAUTH)));
        side(left, "left", "local", to, authby);
        side(left, "right", "remote", to, authby);
        of(to, IpsecRounds::isEap, ROUNDS).ifPresentOrElse(
                round -> user.ifPresent(its -> set(round, "eap_id", its.text().equals("%identity") ? "%any" : its.text(), its.at())),
                () -> user.ifPresent(its -> to.values().putIfAbsent("eap_identity", its)));
        of(to, IpsecRounds::isEap, List.of("local", "local-2")).ifPresentOrElse(
                round -> gateway.ifPresent(its -> round.values().put("aaa_id", its)),
                () -> gateway.ifPresent(its -> to.values().putIfAbsent("aaa_identity", its)));
        // Who has no other name is called by XAUTH as by IKE.
        of(to, IpsecRounds::isXauth, List.of("local", "local-2")).ifPresentOrElse(
                round -> name.or(() -> child(to, "local", to.at()).value("id")).ifPresent(its -> round.values().put("xauth_id", its)),
                () -> name.ifPresent(its -> to.values().putIfAbsent("xauth_identity", its)));
        // IKEv2 has no XAUTH: who asks for it, or is asked, speaks IKEv1.
        of(to, IpsecRounds::isXauth, ROUNDS).ifPresent(_ -> set(to, "version", "1", to.at()));
    }

    private static Optional<Settings> of(Settings to, Predicate<String> auth, List<String> rounds) {
        return rounds.stream().flatMap(round -> to.section(round).stream())
                .filter(round -> round.value("auth").map(Value::text).filter(auth).isPresent())
                .findFirst();
    }

    private static boolean isEap(String auth) {
        return EapConversion.methods(auth).isPresent();
    }

    private static boolean isXauth(String auth) {
        return auth.startsWith(XAUTH);
    }

    private static void side(Map<String, Value> left, String side, String section, Settings to, Optional<Value> authby) {
        Settings first = child(to, section, to.at());
        String auth = take(left, side + "auth").or(() -> authby).map(Value::text).orElse("pubkey");
        set(first, "auth", switch (auth) {
            case "secret", "xauthpsk" -> "psk";
            case "rsasig", "ecdsasig", "xauthrsasig" -> "pubkey";
            default -> auth;
        }, first.at());
        round(left, side, "", first);
        to.value(section + "_addrs").filter(_ -> first.value("certs").isEmpty() && first.value("pubkeys").isEmpty()).filter(its -> isIdentity(its.text(), first))
                .ifPresent(its -> first.values().putIfAbsent("id", its));
        take(left, side + "auth2").ifPresent(second -> {
            Settings round = child(to, section + "-2", second.at());
            round.values().put("auth", second);
            round(left, side, "2", round);
        });
    }

    /** ipsec.conf(5): an identity defaults to the end's own name. With a pre-shared key an address needs not be said: it is the one's there. */
    private static boolean isIdentity(String host, Settings round) {
        return host.matches("[A-Za-z0-9.-]*[A-Za-z][A-Za-z0-9.-]*")
                || Ip.parse(host).isPresent() && round.value("auth").filter(auth -> auth.text().equals("psk")).isEmpty();
    }

    /** What belongs to one round: {@code number} is nothing for the first, and 2 for the second. */
    private static void round(Map<String, Value> left, String side, String number, Settings round) {
        // Of an identity after a percent sign the peer is not told; what it has to be is the same.
        take(left, side + "id" + number).map(id -> id.text().startsWith("%") && !id.text().startsWith("%any") ? new Value(id.at(), id.text().substring(1)) : id)
                .ifPresent(id -> round.values().put("id", id));
        take(left, side + "cert" + number).ifPresent(certificate -> {
            Settings token = Settings.open(certificate.at());
            if (TokenOptions.smartcard(certificate, token)) {
                round.sections().put("cert", token);
            } else {
                round.values().put("certs", certificate);
            }
        });
        take(left, side + "ca" + number).ifPresent(authority -> round.values().put("ca_id", authority));
        take(left, side + "certpolicy" + number).ifPresent(policies -> round.values().put("cert_policy", policies));
        take(left, side + "groups" + number).ifPresent(groups -> round.values().put("groups", groups));
        // A key itself, as 0x, 0s, dns: or ssh:, stays what it is, and has no equal.
        Stream.of(side + "sigkey" + number)
                .filter(key -> Optional.ofNullable(left.get(key)).filter(its -> !its.text().matches("(dns:|ssh:)?0[xs].*")).isPresent())
                .forEach(key -> take(left, key).ifPresent(its -> round.values().put("pubkeys", its)));
    }
}
